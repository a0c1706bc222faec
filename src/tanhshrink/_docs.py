"""The docstrings of the ufuncs, in the numpydoc format."""

PARAMETERS = """
Parameters
----------
x : array_like
    Input of any shape: bool, integer, floating-point, complex or object.
out : ndarray, None, or tuple of ndarray and None, optional
    Where to store the result, of a shape that the input broadcasts to. It may overlap `x`.
where : array_like, optional
    Elements of `out` where this is False keep their value.
**kwargs
    For other keyword-only arguments, see the :ref:`ufunc docs <ufuncs.kwargs>`.

Returns
-------
y : ndarray or scalar
    Of the input's shape, a scalar if `x` is one. Floating-point and complex dtypes are kept, also
    those of ``ml_dtypes``; bool, int8 and uint8 give float16, int16 and uint16 float32, wider
    integers float64, as with `numpy.tanh`. For an object array, each element's method of this
    name is called.

Raises
------
TypeError
    If the dtype of `x` has no loop (strings, dates), or an object lacks the method.
"""

ACCURACY = """
Correctly rounded in float16, bfloat16, float32, float64 and the smaller types of ``ml_dtypes``;
at most 0.55 ulp in long double (0.75 if the result is subnormal); at most 0.51 eps in norm in the
complex types. How each was established is in the README of the project. NaN gives NaN. No
floating-point warning is raised but underflow, where the result is rounded to a subnormal number or
to 0, invalid for a signalling NaN or a complex number with a finite real and an infinite imaginary
part, and overflow of complex32 next to a pole.
"""

TANHSHRINK = (
    """x - tanh(x), element-wise, correctly rounded.

The result is the double (float, ...) nearest to the exact value, ties to even, so it has the same
bits on every machine. The literal ``x - np.tanh(x)`` loses all digits of small results and the
sign of zero.
"""
    + PARAMETERS
    + """
See Also
--------
tanhshrink_grad : The derivative.

Notes
-----
The function is odd: ``tanhshrink(-x) == -tanhshrink(x)`` to the last bit. +-0 and +-inf
are their own results. Near 0 it is x^3/3 - 2x^5/15 + ..., for large abs(x) it is x - sign(x).
"""
    + ACCURACY
    + """
Examples
--------
>>> import numpy as np
>>> from tanhshrink import tanhshrink
>>> tanhshrink(1e-8)
np.float64(3.3333333333333335e-25)
>>> 1e-8 - np.tanh(1e-8)
np.float64(0.0)
>>> tanhshrink(np.array([-4, -2, 0, 2, 4]))
array([-3.0006707 , -1.03597242,  0.        ,  1.03597242,  3.0006707 ])
>>> tanhshrink(np.array([1e-2, -0.0, np.inf], dtype=np.float16))
array([ 3.6e-07, -0.0e+00,      inf], dtype=float16)

The impedance of spherical diffusion at a low frequency, where z - tanh(z) cancels most:

>>> z = np.sqrt(1e-9j)
>>> (np.tanh(z) / tanhshrink(z)).imag
np.float64(-2999999999.9999995)
"""
)

TANHSHRINK_GRAD = (
    """tanh(x)^2, the derivative of x - tanh(x), element-wise, correctly rounded.

The result is the double (float, ...) nearest to the exact value, ties to even, so it has the same
bits on every machine.
"""
    + PARAMETERS
    + """
See Also
--------
tanhshrink : The function.

Notes
-----
The function is even, 0 at 0, where it is smallest, and 1 at +-inf.
"""
    + ACCURACY
    + """
Examples
--------
>>> import numpy as np
>>> from tanhshrink import tanhshrink_grad
>>> tanhshrink_grad(np.array([-np.inf, -1, 0, 1e-5]))
array([1.00000000e+00, 5.80025658e-01, 0.00000000e+00, 1.00000000e-10])
"""
)

DOCS = {"tanhshrink": TANHSHRINK, "tanhshrink_grad": TANHSHRINK_GRAD}
