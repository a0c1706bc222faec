"""What is running: versions, CPU targets, array libraries."""

import platform
from importlib.metadata import PackageNotFoundError, version

from tanhshrink import _ufunc

__version__ = version("tanhshrink")

LIBRARIES = ("numpy", "ml_dtypes", "cupy-cuda12x", "cupy-cuda13x", "torch", "jax", "dask", "xarray")
LIBRARIES += ("pandas", "sparse", "awkward", "astropy")


def show_runtime():
    """Print the versions in use, the CPU targets and the array libraries found.

    It is what a bug report needs. No library is imported but CuPy, which is asked for a GPU.

    Examples
    --------
    >>> from tanhshrink import show_runtime
    >>> show_runtime()  # doctest: +SKIP
    tanhshrink    0.1.0
    CPU target    avx512 (available: avx512, avx2, baseline)
    Python        3.12.1 on Linux x86_64
    numpy         2.4.6
    torch         2.13.0
    GPU           none (CuPy is not installed)
    """
    for name, value in runtime():
        print(f"{name:12}  {value}")


def runtime():
    """Yield the pairs (name, value) that `show_runtime` prints."""
    yield "tanhshrink", __version__
    yield "CPU target", f"{_ufunc.TARGET} (available: {', '.join(_ufunc.available_targets())})"
    yield "Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    for library in LIBRARIES:
        found = version_of(library)
        if found:
            yield library, found
    yield "GPU", gpu()


def version_of(library):
    """Return the version of an installed distribution, else None."""
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def gpu():
    """Return the name of the CUDA device in use, or why there is none."""
    try:
        import cupy
    except ImportError:
        return "none (CuPy is not installed)"
    try:
        return cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)["name"].decode()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        return f"none ({error})"
