"""complex32 and bcomplex32 of ml_dtypes, pairs of float16 or bfloat16."""

import functools

import ml_dtypes
import numpy as np
import pytest
from numpy.testing import assert_array_equal

import complex_oracle
import tanhshrink as package
import test_complex
from tanhshrink import _ufunc

REALS = {"complex32": np.float16, "bcomplex32": ml_dtypes.bfloat16}
PART_BOUND = 0.501  # ulp; rounded twice
SINGLE = np.dtype(np.complex64)

pytestmark = pytest.mark.skipif(
    not hasattr(ml_dtypes, "complex32"), reason="this ml_dtypes has no complex numbers"
)


@pytest.fixture(params=REALS)
def dtype(request):
    return np.dtype(getattr(ml_dtypes, request.param))


def real_of(dtype):
    return np.dtype(REALS[dtype.name])


def parts(z):
    """Real and imaginary parts, alternating, in single precision."""
    return np.ascontiguousarray(z).view(real_of(z.dtype)).astype(np.float32)


def from_parts(x, y, dtype):
    return np.stack(np.broadcast_arrays(x, y), -1).view(dtype)[..., 0]


def assert_same(got, want):
    assert got.dtype == want.dtype
    test_complex.assert_same(parts(got), parts(want), f"{got.dtype}")


@functools.cache
def sample(name, dtype):
    """Numbers of all regions, and any bit patterns; also those that are not finite."""
    with np.errstate(all="ignore"):
        regions = test_complex.every_region(name, SINGLE).astype(dtype)
        specials = test_complex.quiet_specials(SINGLE).astype(dtype)
        rng = np.random.default_rng(17)
        anything = rng.integers(1 << 16, size=20_000, dtype=np.uint16).view(dtype)
        return rng.permutation(np.concatenate([regions, specials, anything]))


def is_zero(part):
    return part == 0


def test_off_the_real_axis_it_is_the_result_in_complex64_rounded(function, name, dtype):
    z = sample(name, dtype)
    z = z[~is_zero(parts(z)[1::2])]
    with np.errstate(all="ignore"):
        assert_same(function(z), function(z.astype(SINGLE)).astype(dtype))


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_on_the_real_axis_it_is_the_real_function(function, dtype, derivative, zero):
    x = np.arange(1 << 16, dtype=np.uint16).view(real_of(dtype))
    zero = np.array(zero, x.dtype)
    sign = np.signbit(zero) ^ (np.signbit(x) if derivative else False)
    with np.errstate(invalid="ignore"):  # signalling NaNs
        got, of_x = function(from_parts(x, zero, dtype)), function(x)
    assert_same(got, from_parts(of_x, np.where(sign, -0.0, 0.0).astype(x.dtype), dtype))


def test_errors_are_within_their_bound(name, dtype):
    """Of each part; the norm-wise error then is at most as many eps, if no part is subnormal."""
    z = sample(name, dtype)[:8000]
    z = z[np.isfinite(parts(z)).reshape(-1, 2).all(1)]
    with np.errstate(all="ignore"):
        got = _ufunc.make_ufunc(name, "baseline")(z)
    z, got = z[np.isfinite(got)], got[np.isfinite(got)]  # the others overflow, see above
    assert z.size > 5000
    _norm, *errors = complex_oracle.errors(z, got, getattr(complex_oracle, name))
    for error in errors:
        i = np.argmax(error)
        assert error[i] <= PART_BOUND, f"{name} z={z[i]!r} got={got[i]!r} err={error[i]:.4f} ulp"


def test_it_agrees_with_tanh(function, derivative, dtype):
    z = np.array([0.5 + 0.25j, 2 - 1j, -1 + 2j, 3, -2j]).astype(dtype)
    tanh = np.tanh(z)
    want = (tanh * tanh if derivative else z - tanh).astype(SINGLE)
    got = function(z)
    assert got.dtype == tanh.dtype
    eps = float(ml_dtypes.finfo(real_of(dtype)).eps)
    np.testing.assert_allclose(got.astype(SINGLE), want, atol=4 * eps)


# Flags


def flags(function, z):
    """The floating-point warnings that a call gives."""
    raised = set()
    with np.errstate(all="call", call=lambda kind, _flag: raised.add(kind)):
        function(z)
    return raised


def test_flags_are_raised_for_what_leaves_the_range_only(function, name, dtype):
    z = sample(name, dtype)
    z = z[np.isfinite(parts(z)).reshape(-1, 2).all(1)]
    with np.errstate(all="ignore"):
        part = np.abs(parts(function(z))).reshape(-1, 2)
    huge = np.isinf(part).any(1)
    smallest_normal = float(ml_dtypes.finfo(real_of(dtype)).tiny)
    of_z = np.abs(parts(z)).reshape(-1, 2)  # a subnormal one may raise UNDERFLOW in complex64
    tiny = (np.minimum(part, of_z) <= smallest_normal).any(1)
    assert flags(function, z[~huge & ~tiny]) == set()
    assert flags(function, z[~huge]) == {"underflow"}
    assert np.count_nonzero(huge) == 0 or flags(function, z[huge & ~tiny]) == {"overflow"}


def test_overflow_next_to_a_pole(function, derivative):
    z = np.full(64, 0, dtype=ml_dtypes.complex32)
    near = complex(0, np.float16(np.pi / 2))
    z[[3, 40]] = near
    tan = np.tan(near.imag)
    with np.errstate(over="ignore"):
        got = parts(function(z))[6:8]
    if derivative:
        assert flags(function, z) == {"overflow"}
        assert got[0] == -np.inf
    else:
        assert flags(function, z) == set()
        np.testing.assert_allclose(got[1], near.imag - tan, rtol=1e-3)


# Layouts, types


def test_any_length_and_layout_gives_the_same_results(function, name, dtype):
    z = sample(name, dtype)[:700]
    with np.errstate(all="ignore"):
        want = function(z)
        for length in range(0, 301, 3):
            assert_same(function(z[length : 2 * length]), want[length : 2 * length])
        assert_same(function(z[::-3]), want[::-3])
        assert_same(function(z.reshape(35, 20).T), want.reshape(35, 20).T)
        out = np.full(2 * z.size, 7, dtype=dtype)
        function(z, out=out[::2])
        assert_same(out[::2], want)
        assert_array_equal(parts(out[1::2]), np.tile(np.float32([7, 0]), z.size))
        room = np.append(z, z[:1])
        function(room[:-1], out=room[1:])
        assert_same(room[1:], want)


def test_a_scalar_gives_a_scalar_of_its_type(name, dtype):
    got = getattr(package, name)(dtype.type(0.5 + 1j))
    assert type(got) is dtype.type
    assert got == getattr(package, name)(np.array([0.5 + 1j]).astype(dtype))[0]
