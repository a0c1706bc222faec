"""Complex numbers: errors against MPFR, special values, symmetry, flags, layouts.

How large an error may be for clongdouble is in test_longdouble.py; the rest of it is here.
"""

import functools
import subprocess
import sys

import gmpy2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

import complex_oracle
from tanhshrink import _ufunc

DTYPES = {name: np.dtype(name) for name in ("complex64", "complex128", "clongdouble")}
NORM_BOUND = 0.51  # |result - f| / |f| in eps
PART_BOUND, PART_BOUND_ON_ZERO_CURVES = 1, 8  # each part in its own ulp
SINGLE_BOUND_NEXT_TO_ZERO_CURVES = 4  # complex64; measured 3.4
IMPEDANCE_BOUND = 2e-15  # relative; measured 6.5e-16, of which np.tanh has 4.1e-16


@pytest.fixture(scope="session", params=DTYPES)
def dtype(request):
    return DTYPES[request.param]


def oracle_of(name):
    return getattr(complex_oracle, name)


def complex_array(x, y, dtype):
    """x + iy, in which zeros keep their signs and infinities make no NaN."""
    x, y = np.broadcast_arrays(x, y)
    z = np.empty(x.shape, dtype=dtype)
    with np.errstate(over="ignore", under="ignore"):
        z.real, z.imag = x, y
    return z


def parts(z):
    """Real and imaginary parts, alternating."""
    return np.ascontiguousarray(z).view(z.real.dtype)


def assert_same(got, want, message=""):
    """Equal parts with equal signs, those of zeros included; any NaN equals any other."""
    assert got.dtype == want.dtype
    number = ~np.isnan(parts(want))
    assert_array_equal(parts(got), parts(want), message)
    signs, wanted = np.signbit(parts(got)), np.signbit(parts(want))
    assert_array_equal(signs[number], wanted[number], f"{message}: signs of {got}, {want}")


# Regions: pairs of arrays x, y, whose signs are mixed afterwards


def boxes(rng, n, single):
    sizes = [20, 1, 0.5, 0.25, 0.1, 1e-3, 1e-8, 1e-14]
    sizes += [1e-20, 1e-38] if single else [1e-60, 1e-100, 1e-103, 1e-107, 1e-150, 1e-200, 1e-300]
    sizes = np.repeat(sizes, n)
    return sizes * rng.random(sizes.size), sizes * rng.random(sizes.size)


def normal(rng, n, single):
    return rng.normal(size=3 * n), rng.normal(size=3 * n)


def every_size(rng, n, single):
    lowest = -149 if single else -1074
    x, y = np.exp2(rng.uniform(lowest, 5, (2, 3 * n)))
    narrow_x, narrow_y = np.exp2(rng.uniform(-30, 5, (2, 3 * n)))
    # here x^3/3 becomes subnormal, and z^2
    thresholds = np.array([-49, -42, -75, -63] if single else [-358, -340, -537, -511])
    edge_x, edge_y = np.exp2(np.repeat(thresholds, n) + rng.uniform(-3, 3, (2, 4 * n)))
    return np.concatenate([x, narrow_x, edge_x]), np.concatenate([y, narrow_y, edge_y])


def one_part_tiny(rng, n, single):
    lowest = -149 if single else -1074
    tiny, part = np.exp2(rng.uniform(lowest, -20, 2 * n)), rng.random(2 * n) * 5
    subnormal = np.exp2(rng.uniform(lowest, lowest + 70, n))  # in the results
    tiny, part = np.concatenate([tiny, subnormal]), np.concatenate([part, rng.random(n) * 3])
    return np.concatenate([tiny, part]), np.concatenate([part, tiny])


def axes(rng, n, single):
    highest = 127 if single else 1023
    every = np.concatenate([np.exp2(rng.uniform(-highest, highest, 2 * n)), 10 * rng.random(n)])
    zero = np.zeros(every.size)
    return np.concatenate([zero, every]), np.concatenate([every, zero])


def multiples_of_half_pi(rng, n, single):
    """Zeros of tanh, poles, and points around them."""
    k = np.concatenate([np.arange(1, 40), rng.integers(1, 2 * 10**6, 3 * n)])
    y = (k * (np.pi / 2)).astype(np.float32 if single else np.float64)
    y = np.concatenate([y, np.nextafter(y, y.dtype.type(np.inf))]).astype(np.float64)
    x = np.where(rng.integers(4, size=y.size) > 0, np.exp2(rng.uniform(-90, 1, y.size)), 0)
    near_x, near_y = np.exp2(rng.uniform(-30, -1, (2, 3 * n)))
    near_y = rng.integers(1, 40, 3 * n) * (np.pi / 2) + rng.choice([-1, 1], 3 * n) * near_y
    return np.concatenate([x, near_x]), np.concatenate([y, near_y])


def around_poles(rng, n, single):
    """Within a few rows of the tables that tanh is computed from."""
    x, y = rng.uniform(0, 0.04, (2, 20 * n))
    return x, np.pi / 2 * rng.choice([1, 3, 51], x.size) + y * rng.choice([-1, 1], x.size)


def large_imaginary(rng, n, single):
    highest = 127.9 if single else 1023.9
    y = np.exp2(np.concatenate([rng.uniform(15, highest, 4 * n), rng.uniform(19, 31, 2 * n)]))
    x = np.exp2(rng.uniform(-10, 4, y.size))
    tiny = np.exp2(rng.uniform(-149 if single else -1074, 0, n))
    return np.concatenate([x, tiny]), np.concatenate([y, rng.choice(y, n)])


def large_real(rng, n, single):
    highest = 127.9 if single else 1023.9
    x = np.concatenate([np.exp2(rng.uniform(3, highest, 2 * n)), rng.uniform(15, 25, n)])
    x = np.concatenate([x, rng.uniform(*((40, 60) if single else (340, 410)), n)])
    y = np.exp2(rng.uniform(-10, highest, x.size))
    x, y = np.concatenate([x, rng.choice(x, n)]), np.concatenate([y, 4 * rng.random(n)])
    tiny = np.exp2(rng.uniform(-149 if single else -1074, 0, n))
    return np.concatenate([x, rng.uniform(15, 150, n)]), np.concatenate([y, tiny])


def around_zeros_of_f(rng, n, single):
    """Around iy with tan y = y, where both parts are small."""
    y = np.array([4.493409457909064, 7.725251836937707, 10.904121659428899, 14.066193912831473])
    distance, angle = np.exp2(rng.uniform(-14, -2, (4, n))), rng.uniform(0, 6.283, (4, n))
    x, y = np.abs(distance * np.cos(angle)).ravel(), (y[:, None] + distance * np.sin(angle)).ravel()
    # 0.56 eps in norm, unless both parts together are found to be too small
    hard_x, hard_y = float.fromhex("0x1.56579902303eep-16"), float.fromhex("0x1.ee6626ed4ae36p+2")
    return np.append(x, hard_x), np.append(y, hard_y)


def diagonal(rng, n, single):
    """Where z^2 has no real part, but tanh(z)^2 has."""
    x = np.exp2(rng.uniform(-30 if single else -250, 1, 4 * n))
    return x, x


def rays(rng, n, single):
    """Next to where a part of z^2 or z^3 vanishes, but not the same part of the functions."""
    x = np.exp2(rng.uniform(-30 if single else -230, -1.5, 8 * n))
    slope = rng.choice([1, np.sqrt(3), np.sqrt(1 / 3)], x.size)
    return x, x * slope * (
        1 + rng.choice([0, 1e-15, 1e-12, 1e-8], x.size) * rng.normal(size=x.size)
    )


def around_other_roots_of_tanh(rng, n, single):
    """Where Re f is as small as next to 0, on rays where it nearly vanishes too, and at all k."""
    root = rng.choice([1, 1, 2, 3, 1000, 300_000, 400_000], 8 * n) * np.pi
    distance = np.exp2(rng.uniform(-12 if single else -40, -1.5, root.size))
    ray = np.pi / 6 * rng.integers(-2, 3, root.size) + rng.choice([0, 1e-3, 0.5], root.size)
    return distance * np.cos(ray), root + distance * np.sin(ray)


def thresholds(rng, n, single):
    """Numbers below, at and above those where the kernels change their method."""
    kind = np.float32 if single else np.float64
    edges = [2.0**-35, 2.0**-5, 0.25, 4, 18, 22, 60, 100, 400, 2.0**20, 2.0**52]
    edges += [] if single else [2.0**-600, 2.0**-200, 2.0**-100, 2.0**-80, 2.0**600]
    edges = np.array(edges, dtype=kind)
    edges = np.concatenate([np.nextafter(edges, kind(0)), edges, np.nextafter(edges, kind(np.inf))])
    x, y = np.meshgrid(
        edges, np.concatenate([edges, rng.random(5), np.exp2(rng.uniform(-9, 9, 5))])
    )
    return np.concatenate([x.ravel(), y.ravel()]), np.concatenate([y.ravel(), x.ravel()])


REGIONS = [
    boxes,
    normal,
    every_size,
    one_part_tiny,
    axes,
    multiples_of_half_pi,
    around_poles,
    large_imaginary,
    large_real,
    around_zeros_of_f,
    diagonal,
    rays,
    around_other_roots_of_tanh,
    thresholds,
]


@functools.cache
def region(make, dtype):
    rng = np.random.default_rng(10)
    x, y = make(rng, 60, dtype == np.complex64)
    signs_x, signs_y = rng.choice([-1, 1], (2, x.size))
    return complex_array(signs_x * x, signs_y * y, dtype)


@functools.cache
def zero_curves(name, dtype):
    """Neighbours in y, on both sides of a point where one part of f changes its sign."""
    rng = np.random.default_rng(11)
    real, f = np.finfo(dtype).dtype.type, oracle_of(name)
    points = []
    while len(points) < 80:
        part = int(rng.integers(2))
        if rng.integers(4):
            x = float(real(2 ** rng.uniform(-12, 2)))
            low = float(real(rng.uniform(0, 4)))
            high = float(real(low + 0.5))
        else:  # small, where a part of z^3 is 0 for y = x/sqrt(3) or x sqrt(3); of z^2, for y = x
            x = float(real(2 ** rng.uniform(-20, -3)))
            low, high = float(real(0.4 * x)), float(real(3 * x))
        sign_at_low = f(x, low)[part] > 0
        if sign_at_low == (f(x, high)[part] > 0):
            continue
        while low < (middle := float(real((low + high) / 2))) < high:
            if sign_at_low == (f(x, middle)[part] > 0):
                low = middle
            else:
                high = middle
        points += [complex(x, low), complex(x, high)]
    return np.array(points).astype(dtype)


def every_region(name, dtype):
    with np.errstate(under="ignore"):
        regions = [region(make, dtype) for make in REGIONS]
    return np.concatenate([*regions, zero_curves(name, dtype)])


def assert_errors_below(name, z, norm_bound, part_bound):
    """For one target; that the others give the same bits is a test of its own."""
    got = _ufunc.make_ufunc(name, "baseline")(z)
    errors = complex_oracle.errors(z, got, oracle_of(name))
    for which, error, bound in zip(
        ("|f| in eps", "real part in ulp", "imaginary part in ulp"),
        errors,
        (norm_bound, part_bound, part_bound),
        strict=True,
    ):
        i = np.argmax(error)
        assert error[i] <= bound, f"{name} z={z[i]!r} got={got[i]!r} err={error[i]:.2f}, {which}"


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
@pytest.mark.parametrize("make", REGIONS, ids=lambda make: make.__name__)
def test_errors_are_within_their_bounds(name, dtype, make):
    on_zero_curve = name == "tanhshrink_grad" and make is diagonal
    bound = PART_BOUND_ON_ZERO_CURVES if on_zero_curve else PART_BOUND
    assert_errors_below(name, region(make, np.dtype(dtype)), NORM_BOUND, bound)


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_errors_on_zero_curves_are_within_their_bounds(name, dtype):
    z = zero_curves(name, np.dtype(dtype))
    assert_errors_below(name, z, NORM_BOUND, PART_BOUND_ON_ZERO_CURVES)


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_errors_at_any_distance_from_zero_curves_are_within_their_bounds(name, dtype):
    rng = np.random.default_rng(17)
    z = np.tile(zero_curves(name, np.dtype(dtype)), 5)
    distance = rng.uniform(-24 if dtype == np.complex64 else -45, -2, z.size)
    z.imag *= 1 + rng.choice([-1, 1], z.size) * np.exp2(distance)
    assert_errors_below(name, z, NORM_BOUND, PART_BOUND)


def next_to_zero_curves(name, part, y):
    """Floats on both sides of where a part vanishes, for those y where it does for some x."""
    ufunc = _ufunc.make_ufunc(name, "baseline")

    def positive(x):
        return getattr(ufunc(x + 1j * y), part) > 0

    y = y.astype(np.float32).astype(np.float64)
    low, high = np.full(y.size, 2.0**-20), np.full(y.size, 1.3)
    changes = positive(low) != positive(high)
    low, high, y = low[changes], high[changes], y[changes]
    sign = positive(low)
    for _ in range(60):
        middle = (low + high) / 2
        same = positive(middle) == sign
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    x = low.astype(np.float32)
    x = np.concatenate([x, np.nextafter(x, np.float32(0)), np.nextafter(x, np.float32(2))])
    return (x + 1j * np.tile(y, 3)).astype(np.complex64)


@pytest.mark.parametrize(
    ("part", "exponents"),
    [
        ("real", (-5, -3.9)),
        ("imag", (-5, -3.9)),
        ("real", (-4, 4)),
        ("imag", (-4, 4)),
        ("real", (15, 20)),
        ("real", (20, 127)),
    ],
)
def test_errors_of_floats_next_to_zero_curves(name, part, exponents):
    """By complex128, which other tests compare with MPFR."""
    if name == "tanhshrink_grad" and part == "imag":
        pytest.skip("vanishes nowhere but on the axes")
    rng = np.random.default_rng(18)
    z = next_to_zero_curves(name, part, np.exp2(rng.uniform(*exponents, 20_000)))
    assert z.size > 9000
    ufunc = _ufunc.make_ufunc(name, "baseline")
    want, got = getattr(ufunc(z.astype(np.complex128)), part), getattr(ufunc(z), part)
    error = np.abs(got - want) / np.spacing(np.abs(want).astype(np.float32))
    i = np.argmax(error)
    assert error[i] < SINGLE_BOUND_NEXT_TO_ZERO_CURVES, f"{z[i]!r}: {error[i]:.2f} ulp"


# Found among 10^8 floats next to the curves, and all b up to pi/2 on that of Im f.  The second one
# had 4.2 ulp while the terms of cosh 2a - 1 could cancel.
@pytest.mark.parametrize(
    ("name", "z", "bound"),
    [
        ("tanhshrink", 0.45680988 + 114705.55j, 2),  # Re f
        ("tanhshrink", 0.18183063 + 1.5153769j, 2.5),  # Im f
        ("tanhshrink", 0.21773985 + 1.4887178j, 2.5),
        ("tanhshrink_grad", 0.12631711 + 765984.56j, 3.5),
        ("tanhshrink_grad", 0.24854247 + 1.6909662e07j, 3.5),
    ],
)
def test_largest_known_errors_of_complex64(name, z, bound):
    assert_errors_below(name, np.array([z]).astype(np.complex64), NORM_BOUND, bound)


# Found among 18 000 zeros in y of a part for random x: within 2^-62 of the double that is given.
@pytest.mark.parametrize(
    ("name", "x", "y"),
    [
        ("tanhshrink", "0x1.49e30b82c020fp-3", "0x1.80735470b7998p-4"),  # Re f
        ("tanhshrink", "0x1.13a41ddc6a42bp+0", "0x1.006203121f068p+0"),
        ("tanhshrink", "0x1.b3104d907d930p-3", "0x1.8d93a2256f3ecp-2"),  # Im f
        ("tanhshrink", "0x1.7144d5746e074p-3", "0x1.4bfe0e9fb8c79p-2"),
        ("tanhshrink_grad", "0x1.f29012ef39fa2p-4", "0x1.fcb78f12acb3dp-4"),
        ("tanhshrink_grad", "0x1.ca0c2034e342ep-4", "0x1.d1e22558eddb5p-4"),
    ],
)
def test_parts_of_the_numbers_nearest_to_zero_curves_keep_their_accuracy(name, x, y):
    z = np.array([complex(float.fromhex(x), float.fromhex(y))])
    assert_errors_below(name, z, NORM_BOUND, PART_BOUND)


# Found among 10^8 numbers at the borders of the tables' rows, where the errors of tanh are largest,
# and 10^6 near 0: the parts as small as they may be without being computed anew.
@pytest.mark.parametrize(
    ("name", "x", "y"),
    [
        ("tanhshrink", "0x1.0b456351c5928p-10", "0x1.37014edb955dcp+7"),  # 0.70 ulp when found
        ("tanhshrink", "0x1.a7d6b40457be7p-10", "0x1.2a704e987a976p+7"),  # 0.67
        ("tanhshrink_grad", "0x1.6451ac06a6034p-9", "0x1.b96475110a289p+9"),  # 0.71
        ("tanhshrink_grad", "0x1.9fe3682cd3cd9p-3", "0x1.ad9ce0286d753p+1"),  # 0.63
        ("tanhshrink", "0x1.6cd9aa1938a68p-7", "0x1.a54fb7fc8bab6p-8"),  # 0.60, by a series
        ("tanhshrink", "0x1.9b7cdd206746ep-8", "0x1.645fb11206f74p-7"),  # 0.61, by a series
        ("tanhshrink", "0x1.a5d841b76394cp-4", "0x1.6edee8a862849p-3"),  # 0.61, by a series
        ("tanhshrink_grad", "0x1.6a778dc99acf6p-9", "0x1.6a7880020d679p-9"),  # 0.71, accurate
    ],
)
def test_parts_that_are_just_not_computed_anew_keep_their_accuracy(name, x, y):
    z = np.array([complex(float.fromhex(x), float.fromhex(y))])
    assert_errors_below(name, z, NORM_BOUND, 0.6)


# Some of the multiples below 2^20 to which doubles come nearest, and usual ones.
@pytest.mark.parametrize("multiple", [1, 2, 3, 22, 58, 88, 89, 204_551, 263_205, 409_102, 526_410])
def test_parts_that_vanish_next_to_a_multiple_of_half_pi_keep_their_accuracy(name, multiple):
    """Where the reduced angle is tiny, and a part of f a difference of powers of it."""
    with gmpy2.context(precision=300):
        exact = multiple * gmpy2.const_pi() / 2
        y = float(exact)
        y = [y, np.nextafter(y, 0), y * (1 - 1e-9), y - 3e-3]
        rest = [abs(float(exact - value)) for value in y]
    pole, shrink, f = multiple % 2, name == "tanhshrink", oracle_of(name)
    part = int(shrink and pole)
    x = np.sqrt(np.divide(rest, y)) if part else np.multiply(rest, np.sqrt(3) if shrink else 1)
    rng, points = np.random.default_rng(18), []
    for start, value in zip(x, y, strict=True):
        low, high = start / 2, start * 2
        sign_at_low = f(low, value)[part] > 0
        if sign_at_low == (f(high, value)[part] > 0):
            continue
        while low < (middle := (low + high) / 2) < high:
            if sign_at_low == (f(middle, value)[part] > 0):
                low = middle
            else:
                high = middle
        distances = rng.choice([-1, 1], 80) * np.exp2(rng.uniform(-53, -25, 80))
        points += [low + 1j * value, high + 1j * value, *(low * (1 + distances) + 1j * value)]
    assert points
    assert_errors_below(name, np.array(points), NORM_BOUND, PART_BOUND)


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_all_targets_give_the_same_bits(function, name, dtype):
    rng = np.random.default_rng(12)
    real = np.finfo(dtype).dtype
    anything = rng.integers(2 ** (8 * real.itemsize), size=40_000, dtype=f"u{real.itemsize}")
    z = np.concatenate([every_region(name, np.dtype(dtype)), anything.view(dtype)])
    z = rng.permutation(np.tile(z, 3))
    with np.errstate(invalid="ignore"):
        assert_same(function(z), _ufunc.make_ufunc(name, "baseline")(z))


def test_the_diffusion_impedance(function, name):
    if name != "tanhshrink":
        pytest.skip("its formula holds no derivative")
    w = np.logspace(-12, 6, 400)
    z = np.sqrt(1j * w)
    got = np.tanh(z) / function(z)
    for point, value in zip(z.tolist(), got.tolist(), strict=True):
        with gmpy2.context(precision=700):
            f = gmpy2.mpc(*complex_oracle.tanhshrink(point.real, point.imag))
            want = gmpy2.tanh(gmpy2.mpc(point)) / f
            error = float(abs(value - want) / abs(want))
        assert error < IMPEDANCE_BOUND, f"z={point!r} got={value!r} relative error={error}"


# The real axis


def real_numbers(real):
    rng = np.random.default_rng(13)
    x = np.concatenate([rng.normal(size=3000), np.exp2(rng.uniform(-12, 6, 3000))])
    mantissas, exponents = rng.uniform(1, 2, 20_000), rng.integers(-16400, 16300, 20_000)
    if np.finfo(real).maxexp < 10_000:
        exponents >>= 4 if np.finfo(real).maxexp > 200 else 7
    with np.errstate(over="ignore", under="ignore"):
        every_binade = np.ldexp(mantissas.astype(real), exponents.astype(np.intc))
    special = [0, np.finfo(real).tiny, np.finfo(real).max, np.inf, np.nan, 1, 18, 20, 22, 60]
    x = np.concatenate([x.astype(real), every_binade, np.array(special, dtype=real)])
    return rng.permutation(np.concatenate([x, -x]))


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_on_the_real_axis_it_is_the_real_function(function, dtype, derivative, zero):
    x = real_numbers(np.finfo(dtype).dtype)
    got = function(complex_array(x, zero, dtype))
    of_x = function(x)
    sign = np.signbit(zero) ^ (np.signbit(x) if derivative else False)
    assert_same(got, complex_array(of_x, np.where(sign, -0.0, 0.0), dtype))


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_on_the_imaginary_axis_the_other_part_is_a_zero_of_its_own_sign(
    function, dtype, derivative, zero
):
    y = np.array([1e-30, 0.1, 1, 1.5, 1.6, 2, 3, 3.2, 4.4, 4.5, 4.7, 4.8, 7, 30, 1e3, 1e9, 1e30])
    next_to_its_tangent = 504.2236376567952
    y = np.concatenate([y, -y, [next_to_its_tangent]]).astype(np.finfo(dtype).dtype)
    got = function(complex_array(zero, y, dtype))
    if derivative:  # tanh(x + iy)^2 = -tan(y)^2 + 2ix tan(y) / cos(y)^2 to first order in x
        want = np.copysign(0, np.copysign(1, zero) * np.tan(y))
        assert_same(got.imag, want.astype(y.dtype), f"y={y}")
        assert np.signbit(got.real).all()
    else:  # x - x / cos(y)^2 = -x tan(y)^2 to first order in x
        assert_same(got.real, np.full_like(y, -zero))


# Special values

INF, NAN = np.inf, np.nan
# x, y; the parts of z - tanh(z); those of tanh(z)^2; whether it is invalid. Of a NaN the sign is
# open. To these the test adds what follows by symmetry in x and y.
SPECIAL_VALUES = [
    ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0), False),
    ((INF, 0.0), (INF, 0.0), (1.0, 0.0), False),
    ((INF, 1.0), (INF, 1.0), (1.0, 0.0), False),  # sin(2y) > 0
    ((INF, 2.0), (INF, 2.0), (1.0, -0.0), False),  # sin(2y) < 0
    ((INF, 3.5), (INF, 3.5), (1.0, 0.0), False),
    ((INF, 1e30), (INF, 1e30), (1.0, "sin(2y)"), False),
    ((INF, INF), (INF, INF), (1.0, 0.0), False),
    ((INF, NAN), (INF, NAN), (1.0, 0.0), False),
    ((0.0, INF), (0.0, NAN), (NAN, 0.0), True),
    ((0.0, NAN), (0.0, NAN), (NAN, 0.0), False),
    ((NAN, 0.0), (NAN, 0.0), (NAN, 0.0), False),
    ((NAN, NAN), (NAN, NAN), (NAN, NAN), False),
    ((NAN, 1.0), (NAN, NAN), (NAN, NAN), False),
    ((NAN, INF), (NAN, NAN), (NAN, NAN), None),  # C leaves it open whether this is invalid
    ((1e-20, INF), (NAN, NAN), (NAN, NAN), True),
    ((1.0, INF), (NAN, NAN), (NAN, NAN), True),
    ((30.0, INF), (NAN, NAN), (NAN, NAN), True),
    ((1e30, INF), (NAN, NAN), (NAN, NAN), True),
    ((1e-20, NAN), (NAN, NAN), (NAN, NAN), False),
    ((1.0, NAN), (NAN, NAN), (NAN, NAN), False),
    ((30.0, NAN), (NAN, NAN), (NAN, NAN), False),
    ((1e30, NAN), (NAN, NAN), (NAN, NAN), False),
]


def raises_invalid(function, z):
    """Whether it does; any other flag is an error."""
    try:
        with np.errstate(all="raise", invalid="raise"):
            function(z)
    except FloatingPointError as error:
        assert "invalid" in str(error)  # noqa: PT017
        return True
    return False


@pytest.mark.parametrize("size", [1, 67])
@pytest.mark.parametrize(
    ("z", "shrink", "grad", "invalid"), SPECIAL_VALUES, ids=[str(row[0]) for row in SPECIAL_VALUES]
)
def test_a_special_value_gives_exactly_its_result(
    function, dtype, derivative, z, shrink, grad, invalid, size
):
    for sign_x in (1, -1):
        for sign_y in (1, -1):
            re, im = grad if derivative else shrink
            if im == "sin(2y)":
                with gmpy2.context(precision=200):  # of the very number of this dtype
                    y = gmpy2.mpfr(float(np.finfo(dtype).dtype.type(z[1])))
                    im = float(np.copysign(0.0, float(gmpy2.sin(2 * y))))
            if derivative:
                im *= sign_x * sign_y
            else:
                re, im = sign_x * re, sign_y * im
            x, y = np.copysign(z, (sign_x, sign_y))
            point = complex_array(np.full(size, x), y, dtype)
            with np.errstate(invalid="ignore"):
                got = function(point)
            assert_same(got, complex_array(np.full(size, re), im, dtype), f"z={point[0]}")
            if invalid is not None:
                assert raises_invalid(function, point) == invalid, f"z={point[0]}"


# Symmetry


def any_numbers(dtype):
    """A strategy for arrays of any bit patterns; for clongdouble, of any valid ones."""
    real = np.finfo(dtype).dtype
    if dtype == np.dtype(np.clongdouble):
        exponents = st.integers(np.finfo(real).minexp - 70, np.finfo(real).maxexp - 63)
        numbers = st.builds(
            lambda mantissa, exponent: np.ldexp(real.type(mantissa), exponent),
            st.integers(-(2**63), 2**63),
            exponents,
        )
        special = st.sampled_from([real.type(x) for x in (0.0, -0.0, INF, -INF, NAN)])
        return st.lists(
            st.tuples(numbers | special, numbers | special), min_size=1, max_size=20
        ).map(lambda pairs: np.array(pairs, dtype=real).ravel().view(dtype))
    patterns = st.integers(0, 2 ** (8 * real.itemsize) - 1)
    one = int(np.array(1, dtype=real).view(f"u{real.itemsize}"))
    ordinary = st.integers(one - (one >> 4), one + (one >> 5))  # so that not all are huge or tiny
    pairs = st.tuples(patterns | ordinary, patterns | ordinary)
    return st.lists(pairs, min_size=1, max_size=20).map(
        lambda pairs: np.array(pairs, dtype=f"u{real.itemsize}").ravel().view(dtype)
    )


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_it_is_odd_or_even_and_conjugate_symmetric_to_the_last_bit(
    function, dtype, derivative, data
):
    with np.errstate(all="ignore"):
        z = data.draw(any_numbers(dtype))
        of_z, of_minus_z, of_conjugate = function(z), function(-z), function(np.conj(z))
        assert_same(of_minus_z, of_z if derivative else -of_z)
        assert_same(of_conjugate, np.conj(of_z))


# Flags


def quiet_specials(dtype):
    """Numbers that raise no flag, most of which give no ordinary result."""
    info = np.finfo(dtype)
    x = [0, info.smallest_subnormal, info.tiny, info.eps, 1e-30, 1e-10, 0.2, 1, np.pi / 2, 8]
    x = np.array([*x, 22, 40, 400, 12_000, 1e30, info.max], dtype=info.dtype)
    z = complex_array(x, x[:, None], dtype).ravel()
    infinite = complex_array(INF, np.array([0, 1, INF, NAN]), dtype)
    unknown = complex_array(np.array([0, 1, NAN, NAN]), np.array([NAN, NAN, NAN, 1]), dtype)
    z = np.concatenate([z, infinite, unknown])
    return np.concatenate([z, -z, np.conj(z)])


def test_no_flag_is_raised_by_any_special_value_among_others(function, dtype):
    specials = quiet_specials(dtype)
    rng = np.random.default_rng(14)
    with np.errstate(all="raise", under="ignore"):
        for z in specials:
            function(z)
        for length in range(200):
            function(rng.choice(specials, size=length))
        for background in (0.1 + 0.1j, 1 + 2j, 30 + 1j, 1e-9):
            z = np.full(5 * specials.size, background, dtype=dtype)
            z[::5] = specials
            function(z)


def test_no_flag_is_raised_in_any_region(function, name):
    for dtype in (np.complex64, np.complex128):
        z = every_region(name, np.dtype(dtype))
        with np.errstate(all="raise", under="ignore"):
            function(z)
            function(np.random.default_rng(15).permutation(z))


def test_underflow_is_not_raised_unless_a_part_is_tiny(function, dtype, derivative):
    """Or so small that it is 0; but a part that is exactly 0, as on an axis, is not tiny."""
    smallest_normal = np.finfo(dtype).tiny
    z = quiet_specials(dtype)
    z = np.concatenate([z[np.isfinite(z)], real_numbers(np.finfo(dtype).dtype)[:3000]])
    z = z[np.isfinite(z)]
    got = function(z)
    on_axis = (z.real == 0) | (z.imag == 0)
    normal_re, normal_im = np.abs(got.real) > smallest_normal, np.abs(got.imag) > smallest_normal
    if derivative:
        zero_re, zero_im = z == 0, on_axis
    else:
        zero_re, zero_im = z.real == 0, z.imag == 0
    z = z[(normal_re | zero_re) & (normal_im | zero_im)]
    assert z.size > 2000
    with np.errstate(all="raise"):
        function(z)
        for point in z:
            function(point)


def test_no_underflow_is_raised_by_another_method_than_that_of_an_element(function, dtype):
    """Im f is just normal; computed as most of the neighbours are, it would be subnormal."""
    info = np.finfo(dtype)
    rng = np.random.default_rng(20)
    x = np.exp2(rng.uniform(-27, -25, 2000)).astype(info.dtype)
    y = info.tiny / x**2 * rng.uniform(1.01, 1.2, x.size).astype(info.dtype)
    z = np.full((x.size, 3), 1 + 1j, dtype)
    z[:, 0] = complex_array(x, y, dtype)
    with np.errstate(all="raise"):
        function(z.ravel())


@pytest.mark.parametrize("x", [INF, NAN, 30, 1e4])
def test_a_result_without_tiny_parts_raises_no_underflow_next_to_tiny_ones(
    function, derivative, dtype, x
):
    if derivative and np.isfinite(x):
        pytest.skip("the imaginary part of the result is tiny")
    y = np.finfo(dtype).tiny * np.random.default_rng(19).uniform(1.001, 8, 300)
    with np.errstate(all="raise"):
        function(complex_array(x, y.astype(np.finfo(dtype).dtype), dtype))


def test_at_infinity_a_subnormal_imaginary_part_is_exact_and_raises_nothing(function, name, dtype):
    y = np.finfo(dtype).smallest_subnormal * np.arange(-5, 6)
    z = complex_array([[INF], [-INF]], y, dtype)
    with np.errstate(all="raise"):
        got = function(z)
        for point in z.flat:
            function(point)
    imaginary = z.imag if name == "tanhshrink" else np.sign(z.real) * z.imag * 0
    assert_array_equal(got.imag, imaginary)
    assert_array_equal(np.signbit(got.imag), np.signbit(imaginary))


@pytest.mark.parametrize("others", [[], [1 + 1j], [1 + 1e-300j]])
def test_at_infinity_a_signalling_nan_is_invalid_and_becomes_quiet(function, dtype, others):
    signalling = np.array([INF], dtype=np.finfo(dtype).dtype)
    signalling.view(np.uint8)[0] = 1  # infinity, but for its last bit
    z = np.concatenate([complex_array(INF, signalling, dtype), np.array(others, dtype)])
    with np.errstate(invalid="raise"), pytest.raises(FloatingPointError, match="invalid"):
        function(z)
    with np.errstate(all="ignore"):
        got = function(z)
    with np.errstate(all="raise"):
        np.add(got, got)


@pytest.mark.parametrize("x", [0.25, 1, 10, 17, 18, 21, 23, 25, 27, 59, 61, 99, 101, 401, 1e30])
def test_underflow_is_raised_where_a_part_is_subnormal(function, derivative, dtype, x):
    """Or so small that it is 0, as the derivative's imaginary part is where x is large."""
    smallest_normal = np.finfo(dtype).tiny
    tiny, root = smallest_normal / 64, smallest_normal ** (0.5 if derivative else 1 / 3)
    z = [complex_array(x, tiny, dtype), complex_array(tiny, 1, dtype)]
    z.append(complex_array(root / 4, root / 3, dtype))
    if derivative and np.exp(-2 * np.longdouble(x)) < smallest_normal / 8:
        z.append(complex_array(x, 1, dtype))
    for point in z:
        among_others = np.array([1 + 1j, 0, 1 + 1j], dtype=dtype)
        among_others[1] = point
        with np.errstate(all="raise"), pytest.raises(FloatingPointError, match="underflow"):
            function(among_others)


def test_underflow_is_raised_where_the_derivative_is_just_subnormal(function, derivative, dtype):
    """Even if the last places that it has no room for happen to be 0."""
    x = (np.log(np.longdouble(8)) - np.log(np.finfo(dtype).tiny.astype(np.longdouble))) / 2
    y = np.random.default_rng(18).uniform(1, 9, 400)
    y[200:] = np.ldexp(y[200:], 70)
    raised = []
    with np.errstate(all="call", call=lambda kind, _: raised.append(kind)):
        for point in complex_array(x, y, dtype):
            function(point)
    assert raised == ["underflow"] * (y.size if derivative else 0)


def test_underflow_is_raised_exactly_where_a_part_is_tiny(function, dtype):
    info = np.finfo(dtype)
    rng = np.random.default_rng(17)
    ranges = [
        (info.minexp - info.nmant, info.maxexp - 2),
        (info.minexp // 2 - 9, info.minexp // 3 + 9),
        (-9, 9),
    ]
    exponents = np.concatenate([rng.integers(*limits, 1000) for limits in ranges])
    with np.errstate(all="ignore"):
        numbers = np.ldexp(rng.uniform(1, 2, 3000).astype(info.dtype), exponents.astype(np.intc))
        z = complex_array(numbers, rng.permutation(numbers), dtype)
        sizes = np.abs(parts(function(z))).reshape(-1, 2)
    may_be_either = (sizes == info.tiny).any(axis=1)  # rounded up to it
    tiny = (sizes < info.tiny).any(axis=1)
    assert 500 < tiny.sum() < 2500
    for point, expected in zip(z[~may_be_either], tiny[~may_be_either], strict=True):
        try:
            with np.errstate(all="raise"):
                function(point)
            raised = False
        except FloatingPointError:
            raised = True
        assert raised == expected, f"z={point!r}"


# Lengths and layouts


@functools.cache
def mixed(name, dtype):
    kind = np.dtype(np.complex128) if dtype == np.dtype(np.clongdouble) else dtype
    z = np.concatenate([every_region(name, kind).astype(dtype), quiet_specials(dtype)])
    return np.random.default_rng(16).permutation(z)[:1500]


def test_any_length_gives_the_same_results(function, name, dtype):
    z = mixed(name, dtype)
    want = function(z)
    for length in range(301):
        start = 3 * length % 700
        assert_same(function(z[start : start + length]), want[start : start + length])


def test_any_layout_gives_the_same_results(function, name, dtype):
    z = mixed(name, dtype)
    want = function(z)
    assert_same(function(z[::-1]), want[::-1])
    assert_same(function(z[1::3]), want[1::3])
    assert_same(function(z.reshape(30, 50).T), want.reshape(30, 50).T)
    swapped = z.astype(z.dtype.newbyteorder())
    assert_same(function(swapped), want)
    out = np.full(2 * z.size, 7, dtype=dtype)
    function(z, out=out[::2])
    assert_same(out[::2], want)
    assert (out[1::2] == 7).all()
    unaligned = np.empty(z.nbytes + 1, dtype=np.uint8)[1:].view(dtype)
    unaligned[:] = z
    assert_same(function(unaligned), want)
    function(z[::-1], out=swapped)
    assert_same(swapped.astype(dtype), want[::-1])


def test_out_may_be_or_overlap_the_input(function, name, dtype):
    z = mixed(name, dtype)
    want = function(z)
    for shift in (0, 1, 64):
        room = np.concatenate([z, z[:shift]])
        function(room[: z.size], out=room[shift:])
        assert_same(room[shift:], want)
    backward = z.copy()
    function(backward, out=backward[::-1])
    assert_same(backward[::-1], want)


def test_the_parts_of_an_array_are_arrays_of_reals(function, name, dtype):
    z = mixed(name, dtype)
    assert_same(function(z.real), function(z.real.copy()))
    assert_same(function(z.imag), function(z.imag.copy()))


def test_a_scalar_gives_a_scalar(function, dtype):
    got = function(dtype.type(1 + 2j))
    assert type(got) is dtype.type
    assert_same(got, function(np.array([1 + 2j], dtype=dtype))[0])
    assert type(function(1 + 2j)) is np.complex128


# Threads


WITH_A_SMALL_STACK = """
import sys, threading
import numpy as np
from tanhshrink import _ufunc

z = np.random.default_rng(29).normal(scale=1e3, size=(5, 1000)).view(complex)  # far, large angles
z[1:] *= np.array([1e-3, 1e-4, 1e-9, 1e-100])[:, np.newaxis]  # usual, near 0, and scaled
z[1, :100] = np.exp(1j * np.linspace(0, 3, 100))  # near the curves where a part vanishes
threading.stack_size(2**17)
for name in ("tanhshrink", "tanhshrink_grad"):
    function = _ufunc.make_ufunc(name, sys.argv[1])
    for dtype in (np.complex64, np.complex128, np.clongdouble):
        thread = threading.Thread(target=function, args=(z.astype(dtype),))
        thread.start()
        thread.join()
"""


def test_a_thread_with_the_stack_that_musl_gives_it_suffices(target):
    """128 KiB; complex numbers take the most of it, as a block and its lists lie there."""
    subprocess.run([sys.executable, "-c", WITH_A_SMALL_STACK, target], check=True)
