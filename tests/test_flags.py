"""No floating-point flag without a reason: NumPy would turn it into a warning.

Kernels work on many lanes at once and choose between results afterwards; a lane that is not chosen
must not raise either. So every special value is tried in every place among numbers of every kind.
"""

import ml_dtypes
import numpy as np
import pytest

import oracle

BACKGROUNDS = [1.0, 1e-3, 1e-6, 10.0, 30.0]
LONGEST = 200


def quiet_specials(dtype):
    """Quiet numbers of every kind, of which few give ordinary results."""
    limits = ml_dtypes.finfo(dtype)
    x = [0, limits.smallest_subnormal, limits.tiny, limits.eps, 1, 8, 18.5, 40, limits.max]
    x = np.array([*x, 1e-30, 1e-20, 1e-10, 1e-4, 1e4, 1e10, 1e30, 1e38, np.inf, np.nan])
    with np.errstate(over="ignore", under="ignore"):
        x = x.astype(dtype)
    return np.concatenate([x, -x])


def raise_all_but_underflow():
    return np.errstate(all="raise", under="ignore")


def test_a_special_value_in_any_place_raises_no_flag(function, dtype):
    specials = quiet_specials(dtype)
    for background in BACKGROUNDS:
        x = np.full(67, background).astype(dtype)
        for special in specials:
            for place in range(x.size):
                before, x[place] = x[place], special
                with raise_all_but_underflow():
                    function(x)
                x[place] = before


def test_mixed_arrays_of_any_length_raise_no_flag(function, dtype):
    rng = np.random.default_rng(5)
    specials = quiet_specials(dtype)
    for length in range(LONGEST + 1):
        x = rng.choice(specials, size=length)
        every_second = rng.choice(specials, size=2 * length)[::2]
        with raise_all_but_underflow():
            function(x)
            function(every_second)


def test_long_arrays_raise_no_flag(function, dtype):
    rng = np.random.default_rng(6)
    bits = rng.integers(2 ** (8 * dtype.itemsize) - 1, size=200_000, dtype=f"u{dtype.itemsize}")
    anything = oracle.quiet(bits.view(dtype))
    ordinary = rng.normal(scale=4, size=200_000).astype(dtype)
    mixed = np.where(rng.integers(100, size=200_000) == 0, anything, ordinary)
    for x in (anything, ordinary, mixed):
        with raise_all_but_underflow():
            function(x)


def numbers_around_underflow(dtype, derivative):
    """Numbers, and whether the result is tiny: not zero, but below the smallest normal number.

    In 16 bits, all numbers. A result that rounds up to the smallest normal number is left out:
    IEEE 754 lets it be either.
    """
    smallest_normal = np.float64(ml_dtypes.finfo(dtype).tiny)
    if dtype.itemsize == 2:
        x = np.arange(2**16, dtype=np.uint16).view(dtype)
        x = x[np.isfinite(oracle.quiet(x))]
    else:
        threshold = np.sqrt(smallest_normal) if derivative else np.cbrt(3 * smallest_normal)
        x = threshold * np.concatenate([np.linspace(0.98, 1.02, 41), np.logspace(-6, 6, 50)])
        x = np.concatenate([x, [1e-300, 1e-150, 1.0, 30.0]])
        with np.errstate(under="ignore", over="ignore"):
            x = x.astype(dtype)
        x = np.concatenate([x, -x, quiet_specials(dtype)])
    result = np.abs(oracle.correctly_rounded(x, derivative)).astype(np.float64)
    x, result = x[result != smallest_normal], result[result != smallest_normal]
    return x, (x != 0) & (result < smallest_normal)


def raises_underflow(function, x):
    try:
        with np.errstate(under="raise"):
            function(x)
    except FloatingPointError:
        return True
    return False


def test_underflow_is_not_raised_unless_the_result_is_tiny(function, dtype, derivative):
    x, tiny = numbers_around_underflow(dtype, derivative)
    assert not raises_underflow(function, x[~tiny])


@pytest.mark.parametrize("length", [1, 64])
def test_underflow_is_raised_whenever_the_result_is_tiny(function, dtype, derivative, length):
    x, tiny = numbers_around_underflow(dtype, derivative)
    for number in x[tiny]:
        assert raises_underflow(function, np.full(length, number)), f"x={number}"
