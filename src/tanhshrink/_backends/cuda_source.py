"""The kernels as CUDA source: the text of the headers that the CPU's compiler reads, too.

Knows nothing of CuPy's arrays, so that it can be tested without a GPU.
"""

import re
from importlib.resources import files
from typing import NamedTuple

# Each operation is rounded once, in the order written. Hexadecimal constants need C++17.
OPTIONS = ("--fmad=false", "--std=c++17")
PACK_BYTES = 16  # the most that a thread can load or store at once
SHARED_BLOCK_SIZE = 1024  # threads
SHARED_OPTIONS = ("--maxrregcount=64",)  # so that a block of that size can run anywhere
QUEUED_BLOCK_SIZE = 256
# So that three of these run at the same time: by themselves the block functions take twice as many.
COMPLEX_OPTIONS = ("--maxrregcount=80",)


class Element(NamedTuple):
    """How the elements of a dtype are computed."""

    c_type: str  # 16-bit floats: integers with their bits
    headers: tuple
    # The body of `c_type compute(c_type x)`. NAME stands for the ufunc's name, DERIVATIVE for 0
    # or 1.
    code: str
    word_code: str = ""  # of `unsigned compute(unsigned x)`, where two elements lie in a word
    options: tuple = OPTIONS


ELEMENTS = {
    "float16": Element(
        "unsigned short",
        ("float16_words.h",),
        "return f16_from_f32(NAME_16bit(f32_from_f16(x)));",
        "return NAME_f16_word(x);",
    ),
    "bfloat16": Element(
        "unsigned short",
        ("float16_words.h",),
        "return bf16_from_f32(NAME_16bit(f32_from_bf16(x)));",
        "return NAME_bf16_word(x);",
    ),
    "float32": Element("float", ("float32_pairs.h",), "return NAME_f32_gpu(x);"),
    "float64": Element(
        "double",
        ("simd_scalar.h", "float64_gpu.h"),
        "double y; NAME_f64_block(&x, &y, 1); return y;",
    ),
    "complex64": Element(
        "complex<float>",
        ("simd_scalar.h", "complex_gpu.h"),
        "return complex_element(x, DERIVATIVE);",
        options=OPTIONS + COMPLEX_OPTIONS,
    ),
    "complex128": Element(
        "complex<double>",
        ("simd_scalar.h", "complex_gpu.h"),
        "return complex_element(x, DERIVATIVE);",
        options=OPTIONS + COMPLEX_OPTIONS,
    ),
}

# W is what `compute` takes: a T, or two of 16 bits in a word. The last pack, which may be a part of
# one, goes through the same code, so that the compiler makes one copy of it. CuPy starts as many
# threads as there are packs, so none has to go on with a second i.
PACKED = """
    enum { PER_PACK = sizeof(uint4) / sizeof(T), WORDS = sizeof(uint4) / sizeof(W) };
    const T *from = reinterpret_cast<const T *>(&x[0]) + i * PER_PACK;
    T *to = reinterpret_cast<T *>(&y[0]) + i * PER_PACK, elements[PER_PACK] = {};
    ptrdiff_t left = x.size() - i * PER_PACK;
    uint4 pack;
    if (left >= PER_PACK)
        pack = *reinterpret_cast<const uint4 *>(from);
    else {
        #pragma unroll
        for (int j = 0; j < PER_PACK; j++)
            if (j < left)
                elements[j] = from[j];
        memcpy(&pack, elements, sizeof pack);
    }
    W words[WORDS];
    memcpy(words, &pack, sizeof pack);
    #pragma unroll
    for (int j = 0; j < WORDS; j++)
        words[j] = compute(words[j]);
    memcpy(&pack, words, sizeof pack);
    if (left >= PER_PACK)
        *reinterpret_cast<uint4 *>(to) = pack;
    else {
        memcpy(elements, &pack, sizeof pack);
        #pragma unroll
        for (int j = 0; j < PER_PACK; j++)
            if (j < left)
                to[j] = elements[j];
    }
    break;
"""
# CuPy gives each of the threads one i, so those that are fewer than the packs go on by themselves.
# They are too few to have as much on its way as the memory needs to be busy: hence the prefetch.
SHARED = """
    f64_kept kept = {};
    const double2 *from = reinterpret_cast<const double2 *>(&x[0]);
    double2 *to = reinterpret_cast<double2 *>(&y[0]);
    ptrdiff_t packs = x.size() / 2, step = _ind.size();
    #pragma unroll 1
    for (ptrdiff_t k = i; k < packs; k += step) {
        double2 pack = from[k], result;
        prefetch_to_l2(from + (k + 2 * step < packs ? k + 2 * step : k));
        f64_row first_row = shared_rows()[f64_row_number(pack.x)];
        f64_row second_row = shared_rows()[f64_row_number(pack.y)];
        bool first = NAME_f64_table(pack.x, first_row, &result.x);
        bool second = NAME_f64_table(pack.y, second_row, &result.y);
        bool all = __all_sync(__activemask(), first && second);
        if (!all) {
            first = first || NAME_f64_outside(pack.x, &result.x);
            second = second || NAME_f64_outside(pack.y, &result.y);
        }
        to[k] = result;
        if (!all) {
            f64_keep_back(&kept, !first, pack.x, &to[k].x, NAME_f64_accurate);
            f64_keep_back(&kept, !second, pack.y, &to[k].y, NAME_f64_accurate);
        }
    }
    f64_flush(&kept, NAME_f64_accurate);
    if (i == 0 && x.size() % 2)
        y[x.size() - 1] = compute(x[x.size() - 1]);
"""
# For fewer threads than elements. What only some elements need is put off, see warp_queue.h.
QUEUED = """
    const T *from = reinterpret_cast<const T *>(&x[0]);
    T *to = reinterpret_cast<T *>(&y[0]);
    ptrdiff_t lane = threadIdx.x % WARP_SIZE, start = i - lane, n = x.size(), step = _ind.size();
    const int last = complex_steps<T::value_type>();
    warp_queue queues[] = {warp_queue_of(0), warp_queue_of(1), warp_queue_of(2)};
    bool more;
    do {
        more = start < n;
        if (more) {
            ptrdiff_t k = start + lane;
            start += step;
            prefetch_to_l2(from + (k + step < n ? k + step : 0));
            warp_queue_put(&queues[0], k < n && !complex_step(1, from + k, to + k, DERIVATIVE), k);
        }
        #pragma unroll
        for (int j = 2; j <= last; j++) {
            warp_queue *queue = &queues[j - 2];
            if (queue->count >= (more ? WARP_SIZE : 1)) {
                ptrdiff_t k = warp_queue_take(queue);
                bool left = k >= 0 && !complex_step(j, from + k, to + k, DERIVATIVE);
                if (j < last)
                    warp_queue_put(queue + 1, left, k);
            }
            more = more || queue->count;
        }
    } while (more);
"""

COMPUTE = "reinterpret_cast<T &>(y) = compute(reinterpret_cast<const T &>(x));"

# Input parameters, output parameters, and what a thread does. `x` and `y` may be the same memory.
# T is the dtype in the parameters, and its C type in what a thread does.
FORMS = {
    "plain": ("T x", "T y", COMPUTE),
    "masked": ("T x, bool mask", "T y", f"if (mask) {COMPUTE}"),
    # For arrays of one dimension without gaps that start at a multiple of 16 bytes.
    "packed": ("raw T x", "raw T y", PACKED),
    # The same for float64, with its table in shared memory. A thread should get many elements.
    "shared": ("raw T x", "raw T y", SHARED),
    # For complex128; the threads must be whole warps.
    "queued": ("raw T x", "raw T y", QUEUED),
}

# What stands in for headers that a GPU does not use.
REPLACEMENTS = {"float64_fast.h": "float64_gpu.h"}


def header_text(names):
    """Return the text of headers with those they include, each once.

    The text, not `#include` and a search path: CuPy keeps compiled kernels by their source, so it
    would not notice a change of an included file.
    """
    seen = set()

    def expand(name):
        name = REPLACEMENTS.get(name, name)
        if name in seen:
            return ""
        seen.add(name)
        text = (files("tanhshrink") / "_kernels" / name).read_text(encoding="utf-8")
        text = re.sub(r"^#include <.*>\n", "", text, flags=re.MULTILINE)  # built into the compiler
        return re.sub(
            r'^#include "(.*)"$', lambda match: expand(match[1]), text, flags=re.MULTILINE
        )

    return "".join(expand(name) for name in names)


def kernel_arguments(name, dtype, form):
    """Return the arguments of `cupy.ElementwiseKernel`.

    Parameters
    ----------
    name : str
        Of the ufunc.
    dtype : str
        A key of ELEMENTS.
    form : str
        A key of FORMS.
    """
    element = ELEMENTS[dtype]
    inputs, outputs, operation = FORMS[form]
    headers, loop_prep, options = element.headers, "", element.options
    defines = "#define TANHSHRINK_CUDA\n"
    if form == "shared":
        headers, loop_prep = (*headers, "shared_rows.h"), "share_rows()"
        options += SHARED_OPTIONS
    if form == "queued":
        headers = (*headers, "warp_queue.h")
        defines += f"#define QUEUED_BLOCK_SIZE {QUEUED_BLOCK_SIZE}\n"
    word_type = "unsigned" if element.word_code else element.c_type
    functions = [(element.c_type, element.code)]
    if element.word_code:
        functions.append((word_type, element.word_code))
    compute = "".join(
        f"TANHSHRINK_INLINE {c_type} compute({c_type} x)\n{{\n    {code}\n}}\n"
        for c_type, code in functions
    )
    operation = re.sub(r"\bW\b", word_type, operation)
    for word, value in (("NAME", name), ("DERIVATIVE", str(int(name == "tanhshrink_grad")))):
        compute, operation = compute.replace(word, value), operation.replace(word, value)
    return {
        "in_params": re.sub(r"\bT\b", dtype, inputs),
        "out_params": re.sub(r"\bT\b", dtype, outputs),
        "operation": re.sub(r"\bT\b", element.c_type, operation),
        "name": f"{name}_{dtype}_{form}",
        "preamble": f"{defines}{header_text(headers)}\n{compute}",
        "loop_prep": loop_prep,
        "options": options,
    }


# What must not be left to CuPy's casts: they take float32's subnormal numbers for 0, and round
# twice to float16.
_WIDER, _NARROWER = "y = f64_from_f32(x);", "y = f32_from_f64(x);"
_FROM_BFLOAT16 = "y = f64_from_f32(f32_from_bf16(reinterpret_cast<const unsigned short &>(x)));"
CASTS = {
    ("float32", "float64"): _WIDER,
    ("float32", "complex128"): _WIDER,
    ("bfloat16", "float64"): _FROM_BFLOAT16,
    ("bfloat16", "complex128"): _FROM_BFLOAT16,
    ("float64", "float32"): _NARROWER,
    ("float64", "complex64"): _NARROWER,
    ("float64", "float16"): "reinterpret_cast<unsigned short &>(y) = f16_from_f64(x);",
    ("float64", "bfloat16"): (  # twice rounded, as by ml_dtypes
        "reinterpret_cast<unsigned short &>(y) = bf16_from_f32(f32_from_f64(x));"
    ),
    ("complex64", "complex128"): (
        "y = complex<double>(f64_from_f32(x.real()), f64_from_f32(x.imag()));"
    ),
    ("complex128", "complex64"): (
        "y = complex<float>(f32_from_f64(x.real()), f32_from_f64(x.imag()));"
    ),
}


def cast_arguments(from_dtype, to_dtype):
    """Return the arguments of `cupy.ElementwiseKernel`, for a key of CASTS."""
    return {
        "in_params": f"{from_dtype} x",
        "out_params": f"{to_dtype} y",
        "operation": CASTS[from_dtype, to_dtype],
        "name": f"tanhshrink_cast_{from_dtype}_{to_dtype}",
        "preamble": f"#define TANHSHRINK_CUDA\n{header_text(['convert_16bit.h'])}",
        "options": OPTIONS,
    }
