"""The complex oracle: z - tanh(z) and tanh(z)^2 by MPFR, and the two errors of a result.

It shares nothing with the kernels but the textbook formula, which at 600 bits is good enough:

    tanh(x + iy) = (sinh 2x + i sin 2y) / (cosh 2x + cos 2y)

The denominator loses at most 130 bits next to a pole, the difference z - tanh(z) 60 bits down to
2^-30, where the Taylor series takes over, and a part of it 120 more next to a curve of zeros.
"""

import gmpy2
import ml_dtypes
import numpy as np
from gmpy2 import mpfr

PRECISION = 600
SERIES_END = 2.0**-30
FAR = 600  # from here on 1 - tanh(x) < exp(-1200) < 2^-1700 counts for nothing in z - tanh(z)

_CONTEXT = gmpy2.context(precision=PRECISION)

# tanh(z) = z - z^3/3 + 2 z^5/15 - ...: numerators and denominators. The next term is below 2^-360.
_TAYLOR = ((1, 3), (-2, 15), (17, 315), (-62, 2835), (1382, 155925), (-21844, 6081075))


def _tanh(x, y):
    scale = gmpy2.cosh(2 * x) + gmpy2.cos(2 * y)
    return gmpy2.sinh(2 * x) / scale, gmpy2.sin(2 * y) / scale


def _multiply(a, b):
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


def _series(x, y, coefficients):
    """The sum of coefficients[j] z^(2j)."""
    square = _multiply((x, y), (x, y))
    total = (mpfr(0), mpfr(0))
    for numerator, denominator in reversed(coefficients):
        re, im = _multiply(total, square)
        total = (re + mpfr(numerator) / denominator, im)
    return total


def tanhshrink(x, y):
    """z - tanh(z) for finite doubles x and y, as two mpfr."""
    with gmpy2.context(_CONTEXT):
        x, y = mpfr(x), mpfr(y)
        if abs(x) > FAR:
            return x - gmpy2.sign(x), y
        if max(abs(x), abs(y)) >= SERIES_END:
            re, im = _tanh(x, y)
            return x - re, y - im
        # z^3 part by part, so that a tiny x or y keeps its relative accuracy
        cube = x * (x * x - 3 * y * y), y * (3 * x * x - y * y)
        return _multiply(cube, _series(x, y, _TAYLOR))


def tanhshrink_grad(x, y):
    """tanh(z)^2 for finite doubles x and y, as two mpfr."""
    with gmpy2.context(_CONTEXT):
        x, y = mpfr(x), mpfr(y)
        if abs(x) > FAR:
            return mpfr(1), 4 * gmpy2.sign(x) * gmpy2.exp(-2 * abs(x)) * gmpy2.sin(2 * y)
        re, im = _tanh(x, y)
        return (re - im) * (re + im), 2 * re * im


def _ulp(value, precision, smallest):
    exponent = gmpy2.get_exp(value) - precision if value else smallest
    return gmpy2.exp2(max(exponent, smallest))


def errors(z, result, function=tanhshrink):
    """The errors of `result` for finite `z` of the same dtype, clongdouble excepted.

    Returns
    -------
    norm, re, im : ndarray of float64
        |result - f| / |f| in units of eps (2^-23, 2^-52, ...), and the errors of the two parts in
        units of their last places. Correctly rounded parts have at most 0.5 in all three: no unit
        of a part is less than the smallest subnormal number, and eps |f| counts for no less than
        sqrt(2) times that.
    """
    z, result = np.asarray(z).ravel(), np.asarray(result).ravel()
    finfo = ml_dtypes.finfo(z.dtype)
    precision, smallest = finfo.nmant + 1, int(np.log2(float(finfo.smallest_subnormal)))
    table = np.empty((3, z.size))
    for i, (point, value) in enumerate(zip(z.tolist(), result.tolist(), strict=True)):
        want = function(point.real, point.imag)
        with gmpy2.context(_CONTEXT):
            if not (np.isfinite(value.real) and np.isfinite(value.imag)):
                table[:, i] = np.inf
                continue
            wrong = [abs(mpfr(v) - w) for v, w in zip((value.real, value.imag), want, strict=True)]
            unit = gmpy2.exp2(1 - precision) * gmpy2.hypot(*want)
            unit = max(unit, gmpy2.sqrt(2) * gmpy2.exp2(smallest))
            table[0, i] = gmpy2.hypot(*wrong) / unit
            for j in range(2):
                table[j + 1, i] = wrong[j] / _ulp(want[j], precision, smallest)
    return tuple(table)
