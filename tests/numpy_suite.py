"""A pytest plugin: NumPy's own ufunc tests, which try every ufunc in this namespace, try ours too.

python -m pytest -p numpy_suite --pyargs numpy._core.tests.test_ufunc -k tanhshrink
"""

from numpy._core import umath

from tanhshrink import tanhshrink, tanhshrink_grad

umath.tanhshrink = tanhshrink
umath.tanhshrink_grad = tanhshrink_grad
