"""What CuPy would compile, compiled without a GPU: to PTX, to machine code, or for the CPU."""

import ctypes
import re
import shutil
import subprocess
from pathlib import Path

import cupy
import numpy as np
from cupy._core import _carray, _kernel, _scalar, core
from cupy.cuda import compiler

from tanhshrink._backends import cuda_source

ARRAY, INDEXER = 1, 2  # _kernel's kinds of arguments
# What CuPy adds to an ElementwiseKernel's own options.
CUPY_OPTIONS = ("-ftz=true", "--device-as-default-execution-space")
# The forms in which each dtype is computed.
FORMS = dict.fromkeys(cuda_source.ELEMENTS, ("plain", "masked", "packed"))
FORMS |= {"float64": (*FORMS["float64"], "shared")}
FORMS |= {"complex128": ("plain", "masked", "queued")}  # of which a pack holds but one


def argument(parameter, ndim, contiguous):
    """Describe an argument as CuPy does when a kernel is called."""
    if parameter.name == "_ind":
        return _kernel._ArgInfo(INDEXER, _carray.Indexer, None, ndim, True, False)
    return _kernel._ArgInfo(ARRAY, cupy.ndarray, parameter.dtype, ndim, contiguous, False)


def cuda_source_of(name, dtype, form, ndim=1, contiguous=True):
    """Return the source that CuPy generates, without the headers it includes."""
    return generated_source(cuda_source.kernel_arguments(name, dtype, form), ndim, contiguous)


def generated_source(arguments, ndim=1, contiguous=True):
    """Return what CuPy generates from the arguments of an ElementwiseKernel."""
    kernel = cupy.ElementwiseKernel(**arguments)
    infos = tuple(argument(parameter, ndim, contiguous) for parameter in kernel.params)
    return _kernel._get_elementwise_kernel_code(
        infos,
        _kernel._TypeMap(()),
        kernel.params,
        kernel.operation,
        kernel.name,
        kernel.preamble,
        kernel.kwargs.get("loop_prep", ""),
    )


def compile_with_nvrtc(source, architecture, options=cuda_source.OPTIONS):
    """Return PTX for "compute_90", a cubin for "sm_90"."""
    includes = "".join(f"#include <{header}>\n" for header in core._cupy_header_list)
    options = core.assemble_cupy_compiler_options(options)
    options += (*CUPY_OPTIONS, f"-arch={architecture}")
    method = "ptx" if architecture.startswith("compute") else "cubin"
    program = compiler._NVRTCProgram(includes + source, "kernel.cu", method=method)
    compiled, _ = program.compile(options)
    return compiled.decode() if method == "ptx" else compiled


def find_nvdisasm():
    """Return the path of the disassembler, of CUDA or of the wheel nvidia-cuda-nvdisasm."""
    site_packages = Path(cupy.__file__).parent.parent
    wheels = sorted(site_packages.glob("nvidia/*/bin/nvdisasm"))
    return wheels[0] if wheels else shutil.which("nvdisasm")


def for_cpu(source):
    """Return source with the GPU's instructions replaced, and without CuPy's 16-bit floats."""
    instructions = cuda_source.header_text(["cuda_instructions.h"])
    assert instructions in source
    source = re.sub(r'#include "cupy/b?float16.cuh"', "", source)
    return source.replace(instructions, Path(__file__).with_name("cuda_shim.h").read_text())


def compile_library(source, library, *flags):
    command = ["g++", "-O2", "-std=c++17", "-ffp-contract=off", "-mfma", "-mf16c", "-shared"]
    command += ["-fno-strict-aliasing", "-fPIC", "-w", *flags, source, "-o", library]
    subprocess.run(command, check=True)
    return ctypes.CDLL(str(library))


def compile_for_cpu(folder, name, dtype, form, architecture=900):
    """Return a function `run(x, y, mask=None, estimate_error=0, threads=None)`: it runs a kernel.

    The result is written to y, and y is returned. `threads` is the `size` of a call through CuPy.
    """
    arguments = cuda_source.kernel_arguments(name, dtype, form)
    return compile_arguments(folder, arguments, form, dtype, dtype, architecture)


def compile_cast(folder, from_dtype, to_dtype):
    """Return a function `run(x, y)` as above, of a cast."""
    arguments = cuda_source.cast_arguments(from_dtype, to_dtype)
    return compile_arguments(folder, arguments, "plain", from_dtype, to_dtype)


def compile_arguments(folder, arguments, form, x_dtype, y_dtype, architecture=900):
    contiguous = form in ("packed", "shared", "queued")
    source = generated_source(arguments, 1 if contiguous else 2, contiguous)
    path = Path(folder) / f"{arguments['name']}_{architecture}.cu"
    path.write_text(for_cpu(source))
    function = compile_library(
        Path(__file__).with_name("cuda_on_cpu.cpp"),
        path.with_suffix(".so"),
        f"-I{core._get_header_dir_path()}",
        f'-DSOURCE="{path}"',
        f"-DKERNEL={arguments['name']}",
        f"-D__CUDA_ARCH__={architecture}",
        f"-DELEMENT={_scalar.get_typename(np.dtype(x_dtype))}",
        f"-DRESULT={_scalar.get_typename(np.dtype(y_dtype))}",
        f"-D{form.upper()}",
    ).run

    def run(x, y, mask=None, estimate_error=0, threads=None):
        assert x.shape == y.shape
        if threads is None:
            threads = -(-x.nbytes // cuda_source.PACK_BYTES)
            if form == "shared":
                threads = min(threads, 100)
            elif form == "queued":
                threads = 2 * cuda_source.QUEUED_BLOCK_SIZE
        if x.ndim > 2:
            for i in range(x.shape[0]):
                run(x[i], y[i], None if mask is None else mask[i], estimate_error, threads)
            return y
        arrays = [np.atleast_2d(array) for array in (x, y if mask is None else mask, y)]
        layout = (ctypes.c_ssize_t * 9)(
            *arrays[0].shape, *(step for array in arrays for step in array.strides), threads
        )
        function(*(ctypes.c_void_p(a.ctypes.data) for a in arrays), layout, estimate_error)
        return y

    return run


DIVISIONS = """
#define __device__
#define __forceinline__ inline
#define TANHSHRINK_CUDA
CONTRACT
extern "C" void f32(const float *a, const float *b, float *quotient, long n, int error)
{
    estimate_error = error;
    for (long i = 0; i < n; i++)
        quotient[i] = f32_divide_nearly(a[i], b[i]);
}
extern "C" void f64(const double *a, const double *b, double *quotient, long n, int error)
{
    estimate_error = error;
    for (long i = 0; i < n; i++)
        quotient[i] = f64_divide_nearly(a[i], b[i]);
}
extern "C" void reciprocal(const double *, const double *b, double *quotient, long n, int error)
{
    estimate_error = error;
    for (long i = 0; i < n; i++)
        quotient[i] = f64_reciprocal(b[i]);
}
"""


def compile_divisions(folder):
    """Return three functions `divide(a, b, estimate_error)`.

    float32 and float64, nearly; the reciprocal of a float64 b, correctly rounded.
    """
    path = Path(folder) / "divide.cpp"
    contract = for_cpu(cuda_source.header_text(["contract.h"]))
    path.write_text(DIVISIONS.replace("CONTRACT", contract))
    library = compile_library(path, path.with_suffix(".so"))

    def caller(function):
        def divide(a, b, estimate_error):
            quotient = np.empty_like(a)
            pointers = [ctypes.c_void_p(array.ctypes.data) for array in (a, b, quotient)]
            function(*pointers, ctypes.c_long(a.size), estimate_error)
            return quotient

        return divide

    return caller(library.f32), caller(library.f64), caller(library.reciprocal)


STEPS = """
#define __device__
#define __forceinline__ inline
#define TANHSHRINK_CUDA
#include <complex>
using std::complex;
HEADERS
extern "C" void steps(const complex<double> *x, char *step, long n, int derivative)
{
    for (long i = 0; i < n; i++) {
        complex<double> y;
        step[i] = 1;
        while (!complex_step(step[i], x + i, &y, derivative))
            step[i]++;
    }
}
"""


def compile_steps(folder):
    """Return a function `steps(x, derivative)`: in which step complex128 numbers are computed."""
    path = Path(folder) / "steps.cpp"
    headers = for_cpu(cuda_source.header_text(["simd_scalar.h", "complex_gpu.h"]))
    path.write_text(STEPS.replace("HEADERS", headers))
    library = compile_library(path, path.with_suffix(".so"))

    def steps(x, derivative):
        step = np.empty(x.size, np.int8)
        pointers = [ctypes.c_void_p(array.ctypes.data) for array in (x, step)]
        library.steps(*pointers, ctypes.c_long(x.size), derivative)
        return step

    return steps
