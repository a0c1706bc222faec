"""Complex numbers are computed in blocks: no result and no flag depends on what else is in one."""

import functools
import subprocess
import sys

import numpy as np
import pytest

import test_complex
from test_builds import compile_source
from test_complex import INF, NAN, assert_same, complex_array, quiet_specials, region


@pytest.fixture(params=["complex64", "complex128"])
def dtype(request):
    return np.dtype(request.param)


def with_others(rng, usual, others, length):
    """Mostly numbers of one kind; how they are computed depends on the share of the others."""
    z = rng.choice(usual, length)
    is_other = rng.random(length) < rng.choice([0, 0.01, 0.06, 0.3])
    z[is_other] = rng.choice(others, is_other.sum())
    return z


def flags(function, arrays):
    """The kinds of floating-point errors that occur."""
    kinds = set()
    with np.errstate(all="call", call=lambda kind, _: kinds.add(kind)):
        for z in arrays:
            function(z)
    return kinds


def very_large_real(rng, n, single):
    """Where the derivative's imaginary part has an exponent of its own."""
    return rng.uniform(100, 700, n), rng.uniform(0.1, 9, n)


def infinite_or_nan(rng, n, single):
    x, y = rng.choice([INF, NAN, 0.0, 1.0, 1e-40], (2, 5 * n))
    not_finite = ~(np.isfinite(x) & np.isfinite(y))
    return x[not_finite], y[not_finite]


REGIONS = [*test_complex.REGIONS, very_large_real, infinite_or_nan]


@functools.cache
def any_others(dtype):
    """A hundred of each kind"""
    infinite = complex_array(INF, np.finfo(dtype).smallest_subnormal * np.arange(1, 100), dtype)
    kinds = [quiet_specials(dtype), infinite, *(region(make, dtype) for make in REGIONS)]
    rng = np.random.default_rng(33)
    return np.concatenate([rng.choice(kind, 100) for kind in kinds])


@pytest.mark.parametrize("make", REGIONS, ids=lambda make: make.__name__)
def test_results_are_those_of_each_number_alone(function, dtype, make):
    rng = np.random.default_rng(30)
    for length in (3, 100, 700, 700, 700):
        z = with_others(rng, region(make, dtype), any_others(dtype), length)
        with np.errstate(all="ignore"):
            assert_same(function(z), np.array([function(point) for point in z]))


@pytest.mark.parametrize("count", [0, 1, 8, 15, 16, 17, 18, 24])
def test_any_number_of_others_in_each_block_gives_the_same_results(function, dtype, count):
    rng = np.random.default_rng(34)
    z = rng.uniform(1, 9, (16, 128)) + 1j * rng.uniform(1, 9, (16, 128))
    z = z.astype(dtype)
    for block in z:
        block[rng.permutation(128)[:count]] = rng.choice(any_others(dtype), count)
    with np.errstate(all="ignore"):
        assert_same(function(z), np.array([function(block) for block in z]))
        assert_same(function(z[0]), np.array([function(point) for point in z[0]]))


@pytest.mark.parametrize("make", REGIONS, ids=lambda make: make.__name__)
def test_flags_are_those_of_each_number_alone(function, dtype, make):
    rng = np.random.default_rng(31)
    for _ in range(100):
        usual, few = rng.choice(region(make, dtype), 2), rng.choice(any_others(dtype), 2)
        z = with_others(rng, usual, few, 300)
        assert flags(function, [z]) == flags(function, np.unique(z)), f"{usual}, {few}"


def near_curve(rng, name, distance, limits):
    """Numbers at a relative distance from the curve where the real part vanishes."""
    x = rng.uniform(*limits, distance.size)
    if name == "tanhshrink":
        y = np.arccos(np.sinh(2 * x) / x - np.cosh(2 * x)) / 2
    else:
        y = np.arcsin(np.sinh(2 * x)) / 2
    return x + 1j * y * (1 + distance)


@pytest.mark.parametrize("far_share", [0, 0.2, 0.3, 0.4])
@pytest.mark.parametrize(
    ("limits", "half_turns"),
    [
        ((0.26, 0.43), 0),
        ((0.05, 0.23), 0),
        ((0.05, 0.23), 3),
        ((0.05, 0.23), 400_000),  # from 2^20 on
        ((0.2, 0.3), 0),
    ],
)
def test_next_to_curves_where_a_part_vanishes_results_are_those_of_each_alone(
    function, name, dtype, limits, half_turns, far_share
):
    """If most are next to one, the tiers come in another order."""
    rng = np.random.default_rng(32)
    distance = rng.uniform(-1, 1, 40_000)
    distance *= np.where(rng.random(distance.size) < far_share, 0.05, 1e-6)
    z = near_curve(rng, name, distance, limits) + half_turns * np.pi * 1j
    others = rng.choice(any_others(dtype), z.size // 2)
    next_to_poles = rng.uniform(0.05, 0.24, z.size // 2) + 1e-9j * rng.random(z.size // 2)
    next_to_poles += 1j * np.pi * (0.5 + rng.integers(1, 9, z.size // 2))
    is_other = rng.random(z.size) < np.repeat([0.06, 0.25], z.size // 2)
    z = np.where(is_other, np.concatenate([others, next_to_poles]), z).astype(dtype)
    with np.errstate(all="ignore"):
        assert_same(function(z), np.array([function(point) for point in z]))


def test_at_the_limit_of_doubt_results_are_those_of_each_alone(function, name):
    """With a smaller real part, next to x or Re(tanh z)^2, elements are left to the next tier."""
    limit = {"tanhshrink": 2.0**-9, "tanhshrink_grad": 2.0**-6}[name]  # of complex128_fast.h
    rng = np.random.default_rng(34)
    x, re = rng.uniform(0.3, 0.4, 40_000), rng.uniform(-1e-6, 1e-6, 40_000)
    re[::5] = limit * rng.choice([-1, 1], 8000) * rng.uniform(0.99, 1.01, 8000)
    if name == "tanhshrink":
        z = x + 0.5j * np.arccos(np.sinh(2 * x) / (x * (1 - re)) - np.cosh(2 * x))
    else:
        z = x + 0.5j * np.arcsin(np.sinh(2 * x) * np.sqrt(1 - re))
    assert_same(function(z), np.array([function(point) for point in z]))


def tiny_near_ray(rng, n):
    """Where powers of z are far smaller, and a part of the first term vanishes."""
    angle = np.deg2rad(rng.choice([30, 45, 60], n)) * (1 + rng.uniform(-1e-9, 1e-9, n))
    return 10 ** rng.uniform(-60, -30, n) * np.exp(1j * angle)


@pytest.mark.parametrize("limits", [(0.26, 0.43), (0.05, 0.23)])
def test_next_to_curves_flags_are_those_of_each_alone(function, name, dtype, limits):
    rng = np.random.default_rng(34)
    for _ in range(50):
        z = near_curve(rng, name, rng.uniform(-1e-6, 1e-6, 300), limits)
        few = [*rng.choice(any_others(dtype), 1), *tiny_near_ray(rng, 2).astype(dtype)]
        z = np.where(rng.random(z.size) < 0.05, rng.choice(few, z.size), z).astype(dtype)
        assert flags(function, [z]) == flags(function, np.unique(z)), few


@pytest.mark.skipif(sys.platform == "win32", reason="the flags here are gcc's")
def test_what_earlier_calls_left_on_the_stack_does_not_matter(derivative, tmp_path):
    program = compile_source("run_stack.c", tmp_path)
    rng = np.random.default_rng(35)
    others = any_others(np.dtype(np.complex128))
    z = np.concatenate([rng.choice(rng.choice(others, 4), 128) for _ in range(5000)])
    zero, signalling_nan = [
        subprocess.check_output([program, str(int(derivative)), word], input=z.tobytes())
        for word in ("0", "0x7ff0000000000001")
    ]
    assert zero == signalling_nan


def test_next_to_a_root_results_do_not_depend_on_a_larger_imaginary_part(function):
    """Whether any element may be next to a root is asked once for a block."""
    rng = np.random.default_rng(36)
    z = rng.uniform(0, 0.25, 20_000) + 1j * rng.uniform(2.89, 3.1, 20_000)
    with_others = np.stack([z, np.full(z.size, 0.1 + 3.2j)], axis=1)
    assert_same(function(z), function(with_others)[:, 0])
