"""The kernels as CUDA source: the text of the headers that the CPU's compiler reads, too.

Knows nothing of CuPy's arrays, so that it can be tested without a GPU.
"""

import re
from importlib.resources import files
from typing import NamedTuple

from tanhshrink._backends.cuda_forms import FORMS

# Each operation is rounded once, in the order written. Hexadecimal constants need C++17.
OPTIONS = ("--fmad=false", "--std=c++17")
PACK_BYTES = 16  # the most that a thread can load or store at once
SHARED_BLOCK_SIZE, QUEUED_BLOCK_SIZE = 1024, 256  # threads, in the forms of these names
# Registers, so that 1024 threads can run at once on any multiprocessor. Without a limit, complex
# numbers would take 176, for functions that are seldom called.
MANY_THREADS = ("--maxrregcount=64",)


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
        options=OPTIONS + MANY_THREADS,
    ),
    "complex128": Element(
        "complex<double>",
        ("simd_scalar.h", "complex_gpu.h"),
        "return complex_element(x, DERIVATIVE);",
        options=OPTIONS + MANY_THREADS,
    ),
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
        options += MANY_THREADS
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


# What is not left to CuPy's casts, of those that NumPy calls "same_kind": all that would take
# float32's subnormal numbers for 0 or round twice to float16, and all of bfloat16 to other floats.
_FROM_FLOAT16 = "f32_from_f16(reinterpret_cast<const unsigned short &>(x))"
_FROM_BFLOAT16 = "f32_from_bf16(reinterpret_cast<const unsigned short &>(x))"
_TO_BITS = "reinterpret_cast<unsigned short &>(y) ="
_WIDER, _NARROWER = "y = f64_from_f32(x);", "y = f32_from_f64(x);"
CASTS = {
    ("float16", "bfloat16"): f"{_TO_BITS} bf16_from_f32({_FROM_FLOAT16});",
    ("bfloat16", "float16"): f"{_TO_BITS} f16_from_f32({_FROM_BFLOAT16});",
    ("bfloat16", "float32"): f"y = {_FROM_BFLOAT16};",
    ("bfloat16", "float64"): f"y = f64_from_f32({_FROM_BFLOAT16});",
    ("bfloat16", "complex64"): f"y = {_FROM_BFLOAT16};",
    ("bfloat16", "complex128"): f"y = f64_from_f32({_FROM_BFLOAT16});",
    ("float32", "bfloat16"): f"{_TO_BITS} bf16_from_f32(x);",
    ("float32", "float64"): _WIDER,
    ("float32", "complex128"): _WIDER,
    ("float64", "float16"): f"{_TO_BITS} f16_from_f64(x);",
    # Twice rounded, as by ml_dtypes
    ("float64", "bfloat16"): f"{_TO_BITS} bf16_from_f32(f32_from_f64(x));",
    ("float64", "float32"): _NARROWER,
    ("float64", "complex64"): _NARROWER,
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
