"""Every result is the correctly rounded one, by comparison with the MPFR oracle."""

import functools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
import ulp

HARD_FLOAT64 = {
    False: ["hard_float64.txt", "hard_float64_found.txt"],
    True: ["hard_float64_grad.txt"],
}

# Where the kernels change their method, and where the results do: x - 1, x.
FLOAT32_EDGES = [2.0**-11, 4.0, 8.0, 9.4, 16.0, 2.0**24, 2.0**25, float.fromhex("0x1.b1c146p+1")]
# f(x) ~ x^3/3 rounds to zero below the first, and is subnormal below the second.
FLOAT32_EDGES += [(3 * 2.0**-150) ** (1 / 3), (3 * 2.0**-126) ** (1 / 3)]
FLOAT32_EDGES += [2.0**-75, 2.0**-63, 9.01]  # the same for tanh(x)^2

FLOAT64_EDGES = [2.0**-300, 2.0**-250, 2.0**-10, 0.125, 18.5, 19.5, 20.0, 2.0**53, 2.0**54]
FLOAT64_EDGES += [2 ** (-1075 / 3) * 3 ** (1 / 3), 2 ** (-1022 / 3) * 3 ** (1 / 3)]
# tanh(x)^2 ~ x^2 likewise; it rounds to 1 above the last.
FLOAT64_EDGES += [2.0**-537.5, 2.0**-511, 19.408]


def neighbours(x, distance=3):
    """The positive numbers `x` and those up to `distance` places before and after each."""
    bits = oracle.bit_patterns(x)[:, None]
    steps = np.arange(-distance, distance + 1).astype(bits.dtype)
    return (bits + steps).ravel().view(x.dtype)


def both_signs(x):
    return np.concatenate([x, -x])


def random_in_every_binade(dtype, count, exponents):
    """`count` random numbers with each biased exponent, subnormal ones at exponent 0."""
    fraction_bits = oracle.FORMATS[np.dtype(dtype)].precision - 1
    unsigned = np.dtype(f"u{np.dtype(dtype).itemsize}")
    rng = np.random.default_rng(1)
    fractions = rng.integers(2**fraction_bits, size=(len(exponents), count), dtype=unsigned)
    bits = np.array(exponents, dtype=unsigned)[:, None] << unsigned.type(fraction_bits) | fractions
    return bits.ravel().view(dtype)


def ties(dtype, largest_m, lowest_exponent):
    """Numbers 3m 2^k: x^3/3 = 9 m^3 2^(3k) has few bits, so it can be exactly half-way."""
    rng = np.random.default_rng(2)
    m = rng.integers(1, largest_m, size=100)
    k = np.arange(lowest_exponent, -8)[:, None]
    return np.ldexp(3.0 * m, k).ravel().astype(dtype)


def half_way_after_one_is_subtracted(dtype):
    """Numbers of |x| so large that x - 1 is half-way between two numbers, for every other x."""
    precision = oracle.FORMATS[np.dtype(dtype)].precision
    rng = np.random.default_rng(3)
    return (2.0**precision + 2 * rng.integers(2 ** (precision - 1), size=10_000)).astype(dtype)


def every_bit_pattern(dtype):
    return np.arange(2**16, dtype=np.uint16).view(dtype)


def float32_sample():
    every_binade = random_in_every_binade(np.float32, 400, range(255))
    powers_of_two = np.ldexp(np.float32(1), np.arange(-149, 128))
    edges = neighbours(np.concatenate([powers_of_two, np.array(FLOAT32_EDGES, dtype=np.float32)]))
    half_way = half_way_after_one_is_subtracted(np.float32)
    return both_signs(np.concatenate([every_binade, edges, ties(np.float32, 180, -140), half_way]))


def float64_sample():
    every_binade = random_in_every_binade(np.float64, 48, range(2047))
    crowded_binades = random_in_every_binade(np.float64, 3000, range(1023 - 12, 1023 + 21))
    powers_of_two = np.ldexp(1.0, np.arange(-1074, 1024))
    edges = neighbours(np.concatenate([powers_of_two, FLOAT64_EDGES]))
    half_way = half_way_after_one_is_subtracted(np.float64)
    return both_signs(
        np.concatenate(
            [every_binade, crowded_binades, edges, ties(np.float64, 2**18, -380), half_way]
        )
    )


def float64_row_borders():
    """Borders and centres of the table's rows: 64 rows in each binade of 2^-10 <= |x| < 32."""
    borders = np.ldexp(np.arange(128, 256) / 128, np.arange(-10, 5)[:, None]).ravel()
    return both_signs(neighbours(borders))


@functools.cache
def expected(derivative, points, *arguments):
    """Points and their correctly rounded results, once for all targets."""
    x = points(*arguments)
    return x, oracle.correctly_rounded(x, derivative)


def assert_correctly_rounded(function, target, x, want):
    """In order and shuffled: kernels treat neighbours of a kind together, and mixed ones not."""
    shuffled = np.random.default_rng(4).permutation(x.size)
    for order in (np.arange(x.size), shuffled):
        with np.errstate(invalid="ignore"):  # signalling NaNs are among the bit patterns
            got = function(x[order])
        failure = ulp.describe_worst(function.__name__, x[order], got, want[order], target)
        assert failure is None, failure


@pytest.mark.parametrize("dtype", [np.float16, oracle.BFLOAT16], ids=["float16", "bfloat16"])
def test_every_16_bit_number_is_correctly_rounded(function, target, derivative, dtype):
    assert_correctly_rounded(function, target, *expected(derivative, every_bit_pattern, dtype))


@pytest.mark.parametrize("dtype", [np.float16, oracle.BFLOAT16], ids=["float16", "bfloat16"])
def test_a_16_bit_number_alone_gives_the_same_bits(function, dtype):
    x = np.arange(2**16, dtype=np.uint16).view(dtype)
    x = x[np.isfinite(oracle.quiet(x))]
    alone = np.concatenate([function(x[i : i + 1]) for i in range(x.size)])
    assert alone.tobytes() == function(x).tobytes()


def test_sampled_float32_are_correctly_rounded(function, target, derivative):
    assert_correctly_rounded(function, target, *expected(derivative, float32_sample))


def test_float64_of_every_binade_and_edge_are_correctly_rounded(function, target, derivative):
    assert_correctly_rounded(function, target, *expected(derivative, float64_sample))


def test_float64_around_every_row_border_are_correctly_rounded(function, target, derivative):
    assert_correctly_rounded(function, target, *expected(derivative, float64_row_borders))


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_bit_pattern_is_correctly_rounded(function, target, derivative, dtype, data):
    patterns = st.lists(st.integers(0, 2 ** (8 * dtype.itemsize) - 1), min_size=1, max_size=20)
    x = np.array(data.draw(patterns), dtype=f"u{dtype.itemsize}").view(dtype)
    assert_correctly_rounded(function, target, x, oracle.correctly_rounded(x, derivative))


@functools.cache
def hard_float64(derivative):
    data = Path(__file__).parent / "data"
    texts = [(data / name).read_text() for name in HARD_FLOAT64[derivative]]
    lines = [line for text in texts for line in text.splitlines()]
    rows = [line.split() for line in lines if not line.startswith("#")]
    x = np.array([float.fromhex(row[0]) for row in rows])
    want = np.array([float.fromhex(row[2]) for row in rows])
    return both_signs(x), np.concatenate([want, want if derivative else -want])


def test_the_hardest_known_float64_are_correctly_rounded(function, target, derivative):
    assert_correctly_rounded(function, target, *hard_float64(derivative))


@pytest.mark.parametrize(("name", "count"), [("tanhshrink", 21767), ("tanhshrink_grad", 19871)])
def test_the_oracle_agrees_with_the_list_of_hard_cases(name, count):
    derivative = name == "tanhshrink_grad"
    x, want = hard_float64(derivative)
    assert x.size == 2 * count
    got = oracle.correctly_rounded(x, derivative)
    assert ulp.describe_worst(name, x, got, want, "oracle") is None
