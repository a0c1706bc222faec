"""x - tanh(x) as a NumPy ufunc, correctly rounded."""

from tanhshrink._runtime import __version__ as __version__
from tanhshrink._runtime import show_runtime
from tanhshrink._ufunc import tanhshrink

__all__ = ["show_runtime", "tanhshrink"]
