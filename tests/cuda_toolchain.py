"""What CuPy would compile, compiled without a GPU: to PTX, to machine code, or for the CPU."""

import ctypes
import subprocess
from pathlib import Path

import cupy
import numpy as np
from cupy._core import _carray, _kernel, _scalar, core
from cupy.cuda import compiler

from tanhshrink._backends import cuda_source

ARRAY, INDEXER, SCALAR = 1, 2, 3  # _kernel's kinds of arguments
# What CuPy adds to an ElementwiseKernel's own options.
CUPY_OPTIONS = ("-ftz=true", "--device-as-default-execution-space")


def argument(parameter, ndim, contiguous):
    """Describe an argument as CuPy does when a kernel is called."""
    if parameter.name == "_ind":
        return _kernel._ArgInfo(INDEXER, _carray.Indexer, None, ndim, True, False)
    if parameter.name == "n":
        return _kernel._ArgInfo(SCALAR, _scalar.CScalar, parameter.dtype, 0, True, True)
    return _kernel._ArgInfo(ARRAY, cupy.ndarray, parameter.dtype, ndim, contiguous, False)


def cuda_source_of(name, dtype, form, ndim=1, contiguous=True):
    """Return the source that CuPy generates, without the headers it includes."""
    arguments = cuda_source.kernel_arguments(name, dtype, form)
    kernel = cupy.ElementwiseKernel(**arguments)
    infos = tuple(argument(parameter, ndim, contiguous) for parameter in kernel.params)
    return _kernel._get_elementwise_kernel_code(
        infos,
        _kernel._TypeMap(()),
        kernel.params,
        kernel.operation,
        kernel.name,
        kernel.preamble,
        kernel.kwargs["loop_prep"],
    )


def compile_with_nvrtc(source, architecture):
    """Return PTX for "compute_90", a cubin for "sm_90"."""
    includes = "".join(f"#include <{header}>\n" for header in core._cupy_header_list)
    options = core.assemble_cupy_compiler_options(cuda_source.OPTIONS)
    options += (*CUPY_OPTIONS, f"-arch={architecture}")
    method = "ptx" if architecture.startswith("compute") else "cubin"
    program = compiler._NVRTCProgram(includes + source, "kernel.cu", method=method)
    compiled, _ = program.compile(options)
    return compiled


def compile_for_cpu(folder, name, dtype, form):
    """Return a function `run(x, y, mask=None, estimate_error=0)` that runs a kernel on the CPU.

    Arrays have one or two dimensions; the result is written to y.
    """
    instructions = cuda_source.header_text(["cuda_instructions.h"])
    shim = Path(__file__).with_name("cuda_shim.h").read_text()
    source = cuda_source_of(name, dtype, form, *((2, False) if form in ("plain", "masked") else (1, True)))
    assert instructions in source
    path = Path(folder) / f"{name}_{dtype}_{form}.cu"
    path.write_text(source.replace(instructions, shim))
    library = path.with_suffix(".so")
    flags = ["-O2", "-std=c++17", "-ffp-contract=off", "-mfma", "-mf16c", "-shared", "-fPIC"]
    flags += ["-w", f"-I{core._get_header_dir_path()}", f'-DSOURCE="{path}"', f"-D{form.upper()}"]
    flags += [f"-DKERNEL={path.stem}", f"-DELEMENT={cuda_source.ELEMENTS[dtype].c_type}"]
    harness = Path(__file__).with_name("cuda_on_cpu.cpp")
    subprocess.run(["g++", *flags, harness, "-o", library], check=True)
    function = ctypes.CDLL(str(library)).run

    def run(x, y, mask=None, estimate_error=0):
        assert x.shape == y.shape
        arrays = [np.atleast_2d(array) for array in (x, y if mask is None else mask, y)]
        layout = (ctypes.c_ssize_t * 8)(
            *arrays[0].shape, *(step for array in arrays for step in array.strides)
        )
        function(*(ctypes.c_void_p(a.ctypes.data) for a in arrays), layout, estimate_error)
        return y

    return run
