"""The oracle: x - tanh(x) and its derivative tanh(x)^2 correctly rounded, by MPFR through gmpy2,
and the error of a result.

It shares nothing with the kernels. Each result is proved: f(x) is enclosed between two numbers
that round to the same result, with more and more bits until they do (Ziv's strategy).

It matters that f(x) is never equal to a bound. Where x^3/3 or x^2 (tiny x) or x - 1 (huge x) is
exactly half-way between two floats, f(x) is on a known side of it; so each bound is moved towards
f(x) before it is rounded, by far less than its last place. That jumps over no midpoint: a midpoint
has at most 54 bits, and the bounds have 320.
"""

from collections.abc import Callable
from typing import NamedTuple

import gmpy2
import ml_dtypes
import numpy as np

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)


def _format(precision, exponent_min, exponent_max):
    """Round to nearest even into a format; exponents are MPFR's, of a significand in [1/2, 1)."""
    return gmpy2.context(
        precision=precision,
        emin=exponent_min,
        emax=exponent_max,
        subnormalize=True,
        round=gmpy2.RoundToNearest,
    )


FORMATS = {
    np.dtype(np.float16): _format(11, -23, 16),
    BFLOAT16: _format(8, -132, 128),
    np.dtype(np.float32): _format(24, -148, 128),
    np.dtype(np.float64): _format(53, -1073, 1024),
}

FIRST_PRECISION = 320  # x^5 is exact: 5 * 53 = 265 bits


def _rounding(direction, precision):
    return gmpy2.context(precision=precision, round=direction)


_DOWN = _rounding(gmpy2.RoundDown, FIRST_PRECISION)
_UP = _rounding(gmpy2.RoundUp, FIRST_PRECISION)


def _enclose_tiny(x):
    """For 0 < x < 2^-10: x^3/3 - 2x^5/15 < f(x) < x^3/3, as the series alternates and decreases."""
    square = _UP.square(x)
    cube = _UP.mul(square, x)
    fifth = _UP.mul(square, cube)
    lower = _DOWN.sub(_DOWN.div(cube, 3), _UP.div(_UP.mul(2, fifth), 15))
    return lower, _UP.div(cube, 3)


def _enclose_large(x):
    """For x >= 64: x - 1 < f(x) < x - 1 + 2^-128, as 1 - tanh(x) < 2 exp(-2x) < 2^-183."""
    lower = _DOWN.sub(x, 1)
    return lower, _UP.add(lower, gmpy2.exp2(-128))


def _enclose_by_tanh(x, precision):
    """MPFR rounds tanh(x) correctly, and never exactly: tanh of a rational is irrational."""
    down, up = _rounding(gmpy2.RoundDown, precision), _rounding(gmpy2.RoundUp, precision)
    tanh_above = up.tanh(x)
    return down.sub(x, tanh_above), up.sub(x, gmpy2.next_below(tanh_above))


def _enclose_tiny_grad(x):
    """For 0 < x < 2^-10: x^2 - 2x^4/3 < f(x) < x^2, as the series alternates and decreases."""
    square = _UP.square(x)
    fourth = _UP.square(square)
    return _DOWN.sub(square, _UP.div(_UP.mul(2, fourth), 3)), square


def _enclose_large_grad(_x):
    """For x >= 64: 1 - 2^-128 < f(x) < 1, as 1 - tanh(x)^2 < 4 exp(-2x) < 2^-182."""
    return _DOWN.sub(1, gmpy2.exp2(-128)), gmpy2.mpfr(1, FIRST_PRECISION)


def _enclose_grad_by_tanh(x, precision):
    down, up = _rounding(gmpy2.RoundDown, precision), _rounding(gmpy2.RoundUp, precision)
    tanh_above = up.tanh(x)
    return down.square(gmpy2.next_below(tanh_above)), up.square(tanh_above)


class _Function(NamedTuple):
    """How to enclose a function of x > 0, and its value at infinity."""

    tiny: Callable
    large: Callable
    by_tanh: Callable
    at_infinity: float


_SHRINK = _Function(_enclose_tiny, _enclose_large, _enclose_by_tanh, np.inf)
_GRAD = _Function(_enclose_tiny_grad, _enclose_large_grad, _enclose_grad_by_tanh, 1.0)


def _enclosures(function, x):
    if x < 2.0**-10:
        yield function.tiny(x)
    if x >= 64:
        yield function.large(x)
    precision = FIRST_PRECISION
    while True:
        yield function.by_tanh(x, precision)
        precision *= 2


def _round_positive(function, x, target):
    """The result for a finite mpfr x > 0 in the format `target`, as an mpfr."""
    for lower, upper in _enclosures(function, x):
        result = target.plus(gmpy2.next_above(_with_more_bits(lower)))
        if result == target.plus(gmpy2.next_below(_with_more_bits(upper))):
            return result


def _with_more_bits(bound):
    return gmpy2.mpfr(bound, 2 * bound.precision)


def correctly_rounded(x, derivative=False):
    """Round x - tanh(x), or its derivative, to nearest, ties to even, into the dtype of `x`.

    Parameters
    ----------
    x : ndarray
        Of float16, bfloat16, float32 or float64.
    derivative : bool
        Whether to round tanh(x)^2 instead.

    Returns
    -------
    ndarray
        Of the dtype and shape of `x`. Zeros and infinities keep their signs; in the derivative
        they give 0 and 1. A NaN keeps its sign and payload and becomes quiet.
    """
    x = np.asarray(x)
    function = _GRAD if derivative else _SHRINK
    target = FORMATS[x.dtype]
    result = quiet(x)
    numbers = ~np.isnan(result)
    x = result[numbers]
    magnitudes, inverse = np.unique(np.abs(x).astype(np.float64), return_inverse=True)
    rounded = np.array([_round(function, m, target) for m in magnitudes.tolist()])
    rounded = rounded.astype(x.dtype)[inverse]
    result[numbers] = rounded if derivative else np.copysign(rounded, x)
    return result


def _round(function, magnitude, target):
    if magnitude == 0:
        return 0.0
    if magnitude == np.inf:
        return function.at_infinity
    return float(_round_positive(function, gmpy2.mpfr(magnitude), target))


def quiet(x):
    """A copy of `x` whose signalling NaNs are quiet, as arithmetic makes them."""
    bits = bit_patterns(x).copy()
    with np.errstate(invalid="ignore"):  # even isnan may signal
        bits[np.isnan(x)] |= bits.dtype.type(1 << (FORMATS[x.dtype].precision - 2))
    return bits.view(x.dtype)


def bit_patterns(x):
    """The bits of `x` as unsigned integers."""
    return x.view(np.dtype(f"u{x.dtype.itemsize}"))


def ulp_error(x, result, derivative=False):
    """Total error of `result`, |result - f(x)|, in units of the last place.

    The one convention of this project: the unit is that of the binade of the correctly rounded
    result, and the error includes the final rounding. So correctly rounded means at most 0.5.

    Parameters
    ----------
    x, result : ndarray
        Of the same dtype and shape.
    derivative : bool
        Whether f(x) is tanh(x)^2 instead of x - tanh(x).

    Returns
    -------
    ndarray of float64
        Infinite where the result is NaN or infinite and should not be, or should and is not.
    """
    x, result = quiet(np.asarray(x)), quiet(np.asarray(result))
    target = FORMATS[x.dtype]
    points, results = x.astype(np.float64).ravel(), result.astype(np.float64).ravel()
    pairs = zip(points.tolist(), results.tolist(), strict=True)
    errors = [_ulp_error(*pair, target, derivative) for pair in pairs]
    return np.array(errors).reshape(x.shape)


def _ulp_error(x, result, target, derivative):
    if derivative and np.isinf(x):
        value = gmpy2.mpfr(1)
    elif not np.isfinite(x):
        return 0.0 if np.array_equal(x, result, equal_nan=True) else np.inf
    else:
        value = _grad_value(gmpy2.mpfr(x)) if derivative else _value(gmpy2.mpfr(x))
    if not np.isfinite(result):
        return np.inf
    rounded = target.plus(value)
    smallest = target.emin - 1
    exponent = gmpy2.get_exp(rounded) - target.precision if rounded else smallest
    unit = gmpy2.exp2(max(exponent, smallest))
    return float(abs(_DOWN.sub(result, value)) / unit)


def _value(x):
    """f(x) for a finite mpfr x, relative error below 2^-118."""
    if abs(x) < 2.0**-30:
        return _enclose_tiny(x)[0]  # what is left out is less than 17x^7/315, relative 2^-119
    return _DOWN.sub(x, _DOWN.tanh(x))  # at most 62 of 320 bits cancel


def _grad_value(x):
    """f'(x) for a finite mpfr x, relative error below 2^-317."""
    return _DOWN.square(_DOWN.tanh(x))
