"""The last tier of complex128, next to the curves where a part of a result vanishes."""

import subprocess
import sys

import gmpy2
import numpy as np
import pytest

import complex_oracle
from tanhshrink import _ufunc
from test_builds import compile_source
from test_complex import zero_curves

# What complex128_last.h claims of a part that vanishes, and two operations on pairs.
VANISHING_BOUND, PAIR_BOUND = 2.0**-155, 2.0**-101


def large_numbers_on_curves(derivative):
    """Where the series converge least: x = sinh(2x) / (cosh(2x) + cos(2y)), sinh(2x) = sin(2y)."""
    points = []
    for t in np.random.default_rng(27).uniform(0.3, 1.19, 60).tolist():
        with gmpy2.context(precision=200):
            if derivative:
                points.append(complex(gmpy2.asinh(gmpy2.sin(2 * gmpy2.mpfr(t))) / 2, t))
            else:
                cosine = gmpy2.sinh(2 * gmpy2.mpfr(t)) / t - gmpy2.cosh(2 * gmpy2.mpfr(t))
                points.append(complex(t, gmpy2.acos(cosine) / 2))
    return points


def sizes(x, y, f, derivative):
    """What the errors of both parts are to be compared with."""
    if derivative:
        return [gmpy2.sqrt(f[0] ** 2 + f[1] ** 2) / 2] * 2
    half_turns = gmpy2.rint(2 * y / gmpy2.const_pi())
    norm = x**2 + (y - half_turns * gmpy2.const_pi() / 2) ** 2
    factor = norm if half_turns % 2 == 0 and norm < 1 else 1
    return [x * factor, y * factor]


def results(derivative, z, folder):
    program = compile_source("run_last.c", folder)
    output = subprocess.run(
        [program, str(int(derivative))], input=z.tobytes(), stdout=subprocess.PIPE, check=True
    ).stdout
    return np.frombuffer(output, np.float64).reshape(-1, 4).tolist()


@pytest.mark.skipif(sys.platform == "win32", reason="the flags here are gcc's")
@pytest.mark.parametrize("half_turns", [0, 1, 2, 777, 10**6])
def test_the_last_tier_keeps_its_error_bound(name, derivative, half_turns, tmp_path):
    """Results alone would not show it: numbers that need all of its bits are hard to find."""
    f = getattr(complex_oracle, name)
    z = zero_curves(name, np.dtype(np.complex128))
    z = np.concatenate([z[z.real < 1.25], large_numbers_on_curves(derivative)])
    z.imag += half_turns * np.pi / 2
    for point, got in zip(z.tolist(), results(derivative, z, tmp_path), strict=True):
        exact = f(point.real, point.imag)
        with gmpy2.context(precision=complex_oracle.PRECISION):
            x, y = gmpy2.mpfr(point.real), gmpy2.mpfr(point.imag)
            size = sizes(x, y, exact, derivative)
            for i in (0, 1):
                error = abs(gmpy2.mpfr(got[2 * i]) + got[2 * i + 1] - exact[i])
                bound = VANISHING_BOUND * size[i] + PAIR_BOUND * abs(exact[i])
                assert error < bound, f"z={point!r}: {float(error / bound):.2f} of the bound"


@pytest.mark.parametrize("turns", [0, 3])
def test_what_is_nearly_left_to_it_keeps_its_accuracy(turns):
    """By the accurate tier for the series; few of such numbers are met by chance."""
    rng = np.random.default_rng(28)
    x = rng.uniform(0.05, 0.248, 3000)
    y = np.arccos(np.sinh(2 * x) / x - np.cosh(2 * x)) / 2
    distance = rng.choice([-1, 1], x.size) * np.exp2(rng.uniform(-42, -30, x.size))
    z = x + 1j * (y * (1 + distance) + turns * np.pi)
    got = _ufunc.make_ufunc("tanhshrink", "baseline")(z)
    _, re, im = complex_oracle.errors(z, got, complex_oracle.tanhshrink)
    assert max(re.max(), im.max()) < 0.6


@pytest.mark.parametrize("b", [2.0**64, 504.2236376567952])  # near a whole turn; b = tan(b)
def test_powers_of_a_tiny_real_part_raise_no_underflow(function, b):
    """Not even if it has few bits, and its square is one double: then they have tinier parts."""
    few_bits = np.array([1, 3, 12345.0])[:, None] * 2.0 ** -np.arange(20, 350)
    z = few_bits.ravel() + 1j * b
    with np.errstate(all="raise"):
        function(z)


def x_on_curve(y, derivative):
    """Where Re f(x + iy) is 0: sinh(2x)/x - cosh(2x) = cos(2y); or Re f': sinh(2x) = |sin(2y)|."""
    with gmpy2.context(precision=200):
        y2 = 2 * gmpy2.mpfr(y)
        if derivative:
            return float(gmpy2.asinh(abs(gmpy2.sin(y2))) / 2)
        low, high = gmpy2.mpfr(0), gmpy2.mpfr(1.25)
        for _ in range(60):
            x = (low + high) / 2
            if gmpy2.sinh(2 * x) / x - gmpy2.cosh(2 * x) > gmpy2.cos(y2):
                low = x
            else:
                high = x
        return float(low)


def test_on_curves_at_any_height_results_are_right_and_nothing_overflows(
    function, name, derivative
):
    y = 2.0 ** np.random.default_rng(28).uniform(0, 1024, 300)
    y[::3] = np.finfo(float).max * np.random.default_rng(29).uniform(0.2, 1, 100)
    z = np.array([x_on_curve(b, derivative) for b in y.tolist()]) + 1j * y
    with np.errstate(all="raise"):
        got = function(z)
    errors = complex_oracle.errors(z, got, getattr(complex_oracle, name))
    assert np.max(errors) < 0.501
