import numpy as np

__all__ = ["show_runtime", "tanhshrink", "tanhshrink_grad"]
__version__: str

tanhshrink: np.ufunc
tanhshrink_grad: np.ufunc

def show_runtime() -> None: ...
