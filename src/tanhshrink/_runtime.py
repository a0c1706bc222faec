"""What is running: versions and CPU targets."""

import platform
from importlib.metadata import PackageNotFoundError, version

from tanhshrink import _ufunc

__version__ = version("tanhshrink")


def show_runtime():
    """Print the versions in use and the CPU targets, as a bug report needs them.

    Examples
    --------
    >>> from tanhshrink import show_runtime
    >>> show_runtime()  # doctest: +SKIP
    tanhshrink  0.1.0
    CPU target  avx512 (available: avx512, avx2, baseline)
    Python      3.12.1 on Linux x86_64
    numpy       2.4.6
    ml_dtypes   not installed
    """
    for name, value in runtime():
        print(f"{name:10}  {value}")


def runtime():
    """Yield the pairs (name, value) that `show_runtime` prints."""
    yield "tanhshrink", __version__
    yield "CPU target", f"{_ufunc.TARGET} (available: {', '.join(_ufunc.available_targets())})"
    yield "Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    for library in ("numpy", "ml_dtypes"):
        try:
            yield library, version(library)
        except PackageNotFoundError:
            yield library, "not installed"
