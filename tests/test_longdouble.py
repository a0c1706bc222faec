"""Long double and its complex numbers, against MPFR: x87's 80 bits, IEEE quad, or a plain double.

Symmetry, flags and layouts of clongdouble are in test_complex.py.
"""

import functools

import gmpy2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

import complex_oracle
from tanhshrink import _ufunc
from test_complex import assert_same

INFO = np.finfo(np.longdouble)
PRECISION = INFO.nmant + 1
BOUND = {64: 0.52, 113: 0.52}.get(PRECISION)  # ulp
GRAD_BOUND_FROM_4 = 0.55  # the same, of the derivative from 4 on
SUBNORMAL_BOUND = 0.76  # the same, of results that are subnormal: rounded twice
COMPLEX_BOUND = 0.51  # |result - f| / |f| in eps
COMPLEX_PART_BOUND = 1  # ulp of each part
SMALLEST_EXPONENT = INFO.minexp - INFO.nmant  # of the smallest subnormal number

is_longer = pytest.mark.skipif(BOUND is None, reason="long double is no longer than double here")
CONTEXT = gmpy2.context(precision=700)
SMALLEST = gmpy2.exp2(SMALLEST_EXPONENT)


# Exact exchange with MPFR


def split(x):
    """Doubles and exponents whose sum a * 2^n + b * 2^n + c * 2^n is x, exactly."""
    mantissa, exponent = np.frexp(x)
    rest, terms = mantissa, []
    for _ in range(3):
        terms.append(rest.astype(np.float64))
        rest = rest - terms[-1]
    assert not rest.any()
    return zip(*(term.tolist() for term in terms), exponent.tolist(), strict=True)


def to_mpfr(x):
    """Finite long doubles as mpfr."""
    with gmpy2.context(CONTEXT):
        return [(gmpy2.mpfr(a) + b + c) * gmpy2.exp2(n) for a, b, c, n in split(x)]


def test_the_exchange_with_mpfr_is_exact():
    x = np.ldexp(np.longdouble(1) + INFO.eps, [INFO.minexp, -3, 0, 100])
    with gmpy2.context(CONTEXT):
        one = 1 + gmpy2.exp2(-INFO.nmant)
        assert to_mpfr(x) == [one * gmpy2.exp2(n) for n in (INFO.minexp, -3, 0, 100)]
        assert to_mpfr(np.array([INFO.smallest_subnormal])) == [gmpy2.exp2(SMALLEST_EXPONENT)]


# The oracle


def exact(x, derivative):
    """f(x) for an mpfr x, relative error below 2^-340."""
    with gmpy2.context(CONTEXT):
        square = x * x
        if abs(x) < 2.0**-60:  # what is left out is below x^6, relatively
            series = gmpy2.mpfr(1) / 3 - 2 * square / 15 + 17 * square**2 / 315
            if derivative:
                return square * (1 - 2 * square / 3 + 17 * square**2 / 45)
            return x * square * series
        if abs(x) > 400:
            return gmpy2.mpfr(1) if derivative else x - gmpy2.sign(x)
        tanh = gmpy2.tanh(x)
        return tanh * tanh if derivative else x - tanh


def ulp_errors(x, result, derivative):
    """|result - f(x)| in units of the last place of the correctly rounded result."""
    errors = []
    for point, value in zip(to_mpfr(x), to_mpfr(result), strict=True):
        want = exact(point, derivative)
        with gmpy2.context(CONTEXT):
            rounded = gmpy2.mpfr(want, PRECISION)
            exponent = gmpy2.get_exp(rounded) - PRECISION if rounded else SMALLEST_EXPONENT
            unit = gmpy2.exp2(max(exponent, SMALLEST_EXPONENT))
            errors.append(float(abs(value - want) / unit))
    return np.array(errors)


def random_mantissas(rng, n):
    """1 <= m < 2, all bits random."""
    high, low, lowest = rng.integers(2**48, size=(3, n)).astype(np.longdouble)
    return 1 + np.ldexp(high, -48) + np.ldexp(low, -96) + np.ldexp(lowest, -144)


def in_binades(exponents, seed):
    rng = np.random.default_rng(seed)
    mantissas = random_mantissas(rng, exponents.size)
    mantissas = np.where(mantissas < 2, mantissas, 1)
    x = np.ldexp(mantissas, exponents.astype(np.intc))
    return np.where(rng.integers(2, size=x.size), x, -x)


def every_binade():
    return in_binades(np.arange(SMALLEST_EXPONENT, INFO.maxexp), 21)


def crowded_binades():
    return in_binades(np.repeat(np.arange(-14, 8), 500), 22)


def edges():
    """Neighbours of the borders of methods and of the table's rows, and of extreme numbers."""
    rows = np.ldexp(np.arange(32, 64) / 32, np.arange(-4, 6)[:, None]).ravel().astype(np.longdouble)
    powers = [-8248, -8223, -8191, -5498, -5482, -100, -64, -40, -1, 0, 1, 5, 6]
    powers += [INFO.minexp, PRECISION - 1, PRECISION]
    borders = np.concatenate([rows, [23, 26, 40, 41, 44], np.ldexp(np.longdouble(1), powers)])
    x, up, down = [borders], borders, borders
    for _ in range(3):
        up, down = np.nextafter(up, INFO.max), np.nextafter(down, np.longdouble(0))
        x += [up, down]
    x.append(np.arange(1, 20) * INFO.smallest_subnormal)
    for exponent in (INFO.minexp // 2 - 20, INFO.minexp // 2 - 1):  # exact squares
        x.append(np.ldexp(np.arange(1, 99) / np.longdouble(32), exponent))
    least_normal = np.cbrt(3 * INFO.tiny)  # or nearly
    x.append(least_normal * (1 + np.arange(-9, 10) * INFO.eps))
    x.append(INFO.max * (1 - np.arange(20) * INFO.epsneg))
    # around the places where x^3/3 and x^2 become subnormal, and 0
    ends = [SMALLEST_EXPONENT // 3, INFO.minexp // 3, SMALLEST_EXPONENT // 2, INFO.minexp // 2]
    x.append(in_binades(np.concatenate([np.repeat(np.arange(e - 4, e + 5), 20) for e in ends]), 23))
    return np.concatenate(x)


def far_from_centres():
    """Next to the middle between two centres of the table, where errors are largest."""
    middles = np.ldexp(np.arange(33, 65, 2) / np.longdouble(32), np.arange(-5, 2)[:, None]).ravel()
    offsets = np.ldexp(random_mantissas(np.random.default_rng(41), 200) - 1.5, -12)
    return np.outer(middles, 1 + offsets).ravel()


SAMPLES = [every_binade, crowded_binades, edges, far_from_centres]


@functools.cache
def sample(make):
    with np.errstate(under="ignore"):
        return make()


@is_longer
@pytest.mark.parametrize("make", SAMPLES, ids=lambda make: make.__name__)
def test_errors_are_within_their_bound(name, derivative, make):
    """For one target; that the others give the same bits is the next test."""
    x = sample(make)
    got = _ufunc.make_ufunc(name, "baseline")(x)
    errors = ulp_errors(x, got, derivative)
    bounds = np.where(np.abs(got) < INFO.tiny, SUBNORMAL_BOUND, BOUND)
    bounds[derivative & (np.abs(x) >= 4)] = GRAD_BOUND_FROM_4
    i = np.argmax(errors / bounds)
    assert errors[i] <= bounds[i], f"{name} x={x[i]!r} got={got[i]!r} err={errors[i]:.3f} ulp"


@pytest.mark.skipif(BOUND is not None, reason="long double is longer than double here")
def test_a_long_double_that_is_a_double_gives_the_bits_of_the_double(function):
    rng = np.random.default_rng(24)
    x = np.concatenate([rng.normal(size=10_000), np.exp2(rng.uniform(-1074, 1023, 10_000))])
    x = np.concatenate([x, -x, [0.0, -0.0, np.inf, -np.inf, np.nan]])
    assert_same_reals(function(x.astype(np.longdouble)), function(x).astype(np.longdouble))


def assert_same_reals(got, want):
    assert got.dtype == want.dtype
    assert_array_equal(got, want)
    number = ~np.isnan(want)
    assert_array_equal(np.signbit(got)[number], np.signbit(want)[number])


def test_all_targets_give_the_same_bits(function, name):
    x = np.concatenate([sample(make) for make in SAMPLES])
    z = complex_sample()
    baseline = _ufunc.make_ufunc(name, "baseline")
    assert_same_reals(function(x), baseline(x))
    assert_same(function(z), baseline(z))


# Special values and symmetry


@pytest.mark.parametrize("size", [1, 67])
@pytest.mark.parametrize(
    ("x", "shrink", "grad"),
    [
        (0, 0, 0),
        (INFO.smallest_subnormal, 0, 0),
        (INFO.tiny, 0, 0),
        (INFO.max, INFO.max, 1),
        (np.inf, np.inf, 1),
        (np.nan, np.nan, np.nan),
    ],
)
def test_a_special_value_gives_exactly_its_result(function, derivative, x, shrink, grad, size):
    for sign in (1, -1):
        points = np.full(size, np.copysign(np.longdouble(x), sign))
        want = np.longdouble(grad) if derivative else np.copysign(np.longdouble(shrink), sign)
        with np.errstate(all="raise", under="ignore"):
            assert_same_reals(function(points), np.full(size, want))


def test_a_nan_keeps_its_sign(function):
    x = np.array([np.nan, -np.nan], dtype=np.longdouble)
    assert_array_equal(np.signbit(function(x)), np.signbit(x))


any_number = st.builds(
    lambda mantissa, exponent: np.ldexp(np.longdouble(mantissa), exponent),
    st.integers(-(2**63), 2**63),
    st.integers(SMALLEST_EXPONENT - 63, INFO.maxexp - 64) | st.integers(-90, -50),
)


@settings(max_examples=100, deadline=None)
@given(x=st.lists(any_number, min_size=1, max_size=20))
def test_it_is_odd_or_even_to_the_last_bit(function, derivative, x):
    x = np.array(x, dtype=np.longdouble)
    of_x, of_minus_x = function(x), function(-x)
    assert_same_reals(of_minus_x, of_x if derivative else -of_x)


def test_it_agrees_with_float64_where_that_is_exact_enough(function, name):
    """Every float64 is a long double; the result differs by the roundings alone."""
    x = np.random.default_rng(25).normal(scale=3, size=20_000)
    got, want = function(x.astype(np.longdouble)), function(x)
    assert (np.abs(got - want) <= 0.501 * np.spacing(np.abs(want))).all()


# Flags


def test_no_flag_is_raised(function):
    x = np.concatenate([*(sample(make) for make in SAMPLES), [0, np.inf, -np.inf, np.nan]])
    with np.errstate(all="raise", under="ignore"):
        function(x)
        function(np.random.default_rng(26).permutation(x))


def raises_underflow(function, x):
    try:
        with np.errstate(all="raise"):
            function(x)
    except FloatingPointError as error:
        assert "underflow" in str(error)  # noqa: PT017
        return True
    return False


def test_underflow_is_raised_where_the_result_is_tiny_and_nowhere_else(function):
    x = np.concatenate([sample(edges), sample(every_binade)[::7]])
    with np.errstate(under="ignore"):
        magnitudes = np.abs(function(x))
    assert not raises_underflow(function, x[magnitudes > INFO.tiny])
    for number in x[(magnitudes < INFO.tiny) & (x != 0)]:
        assert raises_underflow(function, number), f"x={number!r}"


def test_a_real_complex_number_raises_the_flag_of_the_real_one(function):
    x = sample(edges)
    for number in x[np.abs(x) < 1e-2]:
        want = raises_underflow(function, number)
        assert raises_underflow(function, np.clongdouble(number)) == want, f"x={number!r}"


# Lengths and layouts


def test_any_length_and_layout_gives_the_same_results(function):
    x = np.random.default_rng(27).permutation(np.concatenate([sample(edges), np.zeros(40)]))[:900]
    want = function(x)
    for length in range(301):
        assert_same_reals(function(x[length : 2 * length]), want[length : 2 * length])
    assert_same_reals(function(x[::-1]), want[::-1])
    assert_same_reals(function(x[1::3]), want[1::3])
    assert_same_reals(function(x.reshape(30, 30).T), want.reshape(30, 30).T)
    assert_array_equal(function(x.astype(x.dtype.newbyteorder())), want)
    out = np.full(2 * x.size, 7, dtype=np.longdouble)
    function(x, out=out[::2])
    assert_same_reals(out[::2], want)
    assert (out[1::2] == 7).all()
    shifted = np.append(x, x[0])
    function(shifted[:-1], out=shifted[1:])
    assert_same_reals(shifted[1:], want)
    function(x, out=x)
    assert_same_reals(x, want)


def test_a_scalar_gives_a_scalar(function):
    got = function(np.longdouble(0.5))
    assert type(got) is np.longdouble
    assert got == function(np.array([0.5], dtype=np.longdouble))[0]


# clongdouble


@functools.cache
def complex_sample():
    rng = np.random.default_rng(28)
    n = 200
    sizes = np.repeat([0.3, 2, 3, 10, 1000, 1e-10, 1e-30, 1e-300], n)
    x = sizes * random_mantissas(rng, sizes.size) * rng.random(sizes.size)
    y = sizes * random_mantissas(rng, sizes.size) * rng.random(sizes.size)
    a, b = in_binades(rng.integers(-80, 8, (2, 3 * n)).ravel(), 29).reshape(2, -1)
    c = in_binades(rng.integers(SMALLEST_EXPONENT, 8, 2 * n), 30)
    d = in_binades(rng.integers(-20, 8, 2 * n), 31)
    e = in_binades(rng.integers(8, INFO.maxexp, n), 32)
    k = np.concatenate([np.arange(1, 60), rng.integers(1, 2 * 10**6, 2 * n)])
    poles = k * (np.longdouble(np.pi / 2) + np.longdouble("6.123233995736766036e-17"))
    beside = np.ldexp(np.longdouble(1), rng.integers(-120, 2, k.size).astype(np.intc))
    zero = np.zeros(d.size)
    x = np.concatenate([x, a, c, d, d[:n], e, beside, 0 * beside, zero, d])
    y = np.concatenate([y, b, d, c, e, d[:n], poles, poles, d, zero])
    z = np.empty(x.size, dtype=np.clongdouble)
    z.real, z.imag = x, y
    return z


@functools.cache
def beside_zero_curves():
    """Small z on both sides of the curves where a part of z^3 or z^2 is 0."""
    rng = np.random.default_rng(33)
    n = 6000
    x = in_binades(rng.integers(-40, -3, n), 34)
    slope = rng.choice(np.array([3, 1 / np.longdouble(3), 1], np.longdouble), n) ** 0.5
    distance = in_binades(rng.integers(-40, -2, n), 35)
    z = np.empty(n, dtype=np.clongdouble)
    z.real, z.imag = x, x * slope * (1 + distance)
    return z


@functools.cache
def beside_roots():
    """Around i k pi, where f is i k pi and nearly z^3 / 3; also on the rays where z^3 cancels."""
    rng = np.random.default_rng(36)
    n = 3000
    angle = np.where(
        rng.integers(2, size=n), rng.uniform(-3, 3, n), rng.integers(-6, 7, n) * np.pi / 6
    )
    distance = np.abs(in_binades(rng.integers(-40, -2, n), 37))
    pi = np.longdouble(np.pi) + np.longdouble("1.2246467991473532072e-16")
    z = np.empty(n, dtype=np.clongdouble)
    z.real = distance * np.cos(angle)
    z.imag = rng.choice([1, 2, 3, 1000, 10**6], n) * pi + distance * np.sin(angle)
    return z


def beside_a_curve_next_to_roots():
    """Where the low part of z - i k pi counts most; Re f is some 2^-7 of a |z - i k pi|^2."""
    mantissas = [0xDAE8BA79B817686D, 0xAE5FC01A577B41EC, 0xDB2C139C00A81F84, 0x99F8249BE5C4F349]
    mantissas += [0xDAE92D7C2C5986F0, 0xA12F3CD3EED66988, 0xDA1C728793437774, 0xA31D18937088FF15]
    exponents = [-67, -54, -67, -55, -67, -7, -67, -58]
    parts = np.array([m >> 32 for m in mantissas], np.longdouble) * 2**32
    parts = np.ldexp(parts + np.array([m % 2**32 for m in mantissas], np.longdouble), exponents)
    return parts.view(np.clongdouble)


@functools.cache
def beside_axes():
    """One part far smaller than the other."""
    rng = np.random.default_rng(38)
    n = 2000
    larger = in_binades(rng.integers(-110, 1, n), 39)
    z = np.empty(n, dtype=np.clongdouble)
    z.real, z.imag = larger, larger * in_binades(-rng.integers(4, 250, n), 40)
    z[::2] = 1j * z[::2]
    return z


def real_sample():
    return np.concatenate([sample(crowded_binades), sample(far_from_centres)[::3]]) + 0j


@is_longer
@pytest.mark.parametrize(
    "make",
    [
        complex_sample,
        beside_zero_curves,
        beside_roots,
        beside_a_curve_next_to_roots,
        beside_axes,
        real_sample,
    ],
    ids=lambda make: make.__name__,
)
def test_complex_errors_are_within_their_bounds(name, make):
    z = make()
    got = _ufunc.make_ufunc(name, "baseline")(z)
    columns = (to_mpfr(part) for part in (z.real, z.imag, got.real, got.imag))
    for i, (x, y, re, im) in enumerate(zip(*columns, strict=True)):
        want = getattr(complex_oracle, name)(x, y)
        message = f"z={z[i]!r} got={got[i]!r}"
        with gmpy2.context(CONTEXT):
            wrong = [abs(value - part) for value, part in zip((re, im), want, strict=True)]
            unit = gmpy2.exp2(1 - PRECISION) * gmpy2.hypot(*want)
            assert gmpy2.hypot(*wrong) <= COMPLEX_BOUND * max(unit, SMALLEST), message
            for error, part in zip(wrong, want, strict=True):
                exponent = gmpy2.get_exp(gmpy2.mpfr(part, PRECISION)) - PRECISION
                unit = gmpy2.exp2(exponent) if part else 0
                assert error <= COMPLEX_PART_BOUND * max(unit, SMALLEST), message
