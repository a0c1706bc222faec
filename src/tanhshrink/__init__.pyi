import numpy as np

__all__ = ["show_runtime", "tanhshrink"]
__version__: str

tanhshrink: np.ufunc

def show_runtime() -> None: ...
