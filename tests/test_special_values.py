"""Zeros, infinities, NaNs, extremes and symmetry, to the last bit."""

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle

# x, x - tanh(x), tanh(x)^2; "smallest" is the smallest subnormal number, "largest" the largest
# finite one.
SPECIAL_VALUES = [
    ("0", "0", "0"),
    ("-0", "-0", "0"),
    ("smallest", "0", "0"),
    ("-smallest", "-0", "0"),
    ("largest", "largest", "1"),
    ("-largest", "-largest", "1"),
    ("inf", "inf", "1"),
    ("-inf", "-inf", "1"),
    ("nan", "nan", "nan"),
    ("-nan", "-nan", "-nan"),
]


def number(name, dtype):
    """The number of that name in the table above, as an array of one element."""
    limits = ml_dtypes.finfo(dtype)
    named = {"smallest": limits.smallest_subnormal, "largest": limits.max}
    magnitude = float(named.get(name.lstrip("-"), name.lstrip("-")))
    return np.array([np.copysign(magnitude, -1 if name.startswith("-") else 1)]).astype(dtype)


@pytest.mark.parametrize(("x", "shrink", "grad"), SPECIAL_VALUES)
@pytest.mark.parametrize("size", [1, 100])
def test_a_special_value_gives_exactly_its_result(
    function, derivative, dtype, x, shrink, grad, size
):
    got = function(np.repeat(number(x, dtype), size))
    want = np.repeat(number(grad if derivative else shrink, dtype), size)
    np.testing.assert_array_equal(oracle.bit_patterns(got), oracle.bit_patterns(want))


def test_a_nan_becomes_quiet_and_keeps_its_sign_and_payload(function, dtype):
    infinity = oracle.bit_patterns(np.array([np.inf], dtype=dtype))[0]
    quiet_bit = 1 << (oracle.FORMATS[dtype].precision - 2)
    payloads = np.unique([1, 2, quiet_bit - 1, quiet_bit, quiet_bit + 1, 2 * quiet_bit - 1])
    sign = infinity.dtype.type(1 << (8 * dtype.itemsize - 1))
    bits = infinity | payloads.astype(infinity.dtype)
    bits = np.tile(np.concatenate([bits, bits | sign]), 10)
    with np.errstate(invalid="ignore"):
        got = function(bits.view(dtype))
    want = bits | bits.dtype.type(quiet_bit)
    np.testing.assert_array_equal(oracle.bit_patterns(got), want)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_tanhshrink_is_odd_and_its_derivative_even_to_the_last_bit(
    function, derivative, dtype, data
):
    width = 8 * dtype.itemsize
    patterns = st.lists(st.integers(0, 2**width - 1), min_size=1, max_size=40)
    bits = np.array(data.draw(patterns), dtype=f"u{dtype.itemsize}")
    sign = bits.dtype.type(1 << (width - 1))
    with np.errstate(invalid="ignore"):  # signalling NaNs
        of_x, of_minus_x = function(bits.view(dtype)), function((bits ^ sign).view(dtype))
    flipped = np.where(np.isnan(of_x), sign, 0) if derivative else sign
    want = oracle.bit_patterns(of_x) ^ flipped
    np.testing.assert_array_equal(oracle.bit_patterns(of_minus_x), want)
