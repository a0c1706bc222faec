"""The search for hard cases misses nothing, and these tests would notice if it did."""

import math
import shutil

import numpy as np
import pytest

import hard_cases

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler (cc) to be found")

# x - tanh(x), and its derivative
BOTH = pytest.mark.parametrize("derivative", [False, True], ids=["function", "derivative"])
# Tiny x: the slope of x^2 or x^3/3, in ulp, must not be near a simple fraction, or few are hit.
STARTS = [0.00213, 0.097, 0.7, 1.3, 2.7, 4.6, 2.0**-60 * math.pi, 2.0**-200 * math.e]


@pytest.fixture(scope="module")
def search():
    return hard_cases.compile_search()


def confirmed(indices, threshold, derivative):
    """Those of the doubles whose distance to a midpoint, by MPFR, is below the threshold."""
    doubles = {i: hard_cases.double_at(int(i)) for i in indices}
    return {
        i for i, x in doubles.items() if hard_cases.midpoint_distance(x, derivative) < threshold
    }


def found(search, first, end, threshold, derivative):
    parts = hard_cases.split_at_binades(first, end, derivative)
    blocks = [hard_cases.search_block(search, *part, threshold, derivative) for part in parts]
    hits = [i for block in blocks for i in block]
    assert len(hits) == len(set(hits))
    return confirmed(hits, threshold, derivative)


def found_by_trying_each(first, end, threshold, derivative):
    """Every double by the cubic Taylor polynomial modulo 1, in 64-bit integers and doubles."""
    centre = (first + end) // 2
    g = hard_cases.taylor_coefficients(hard_cases.double_at(centre), derivative)
    with hard_cases.precise(1):
        g0, g1 = (np.uint64(int(hard_cases.gmpy2.rint(c * 2**64)) % 2**64) for c in g[:2])
    k = np.arange(first - centre, end - centre)
    bent = float(g[2]) * k**2 + float(g[3]) * k.astype(float) ** 3
    value = g0 + g1 * k.astype(np.uint64) + np.rint(bent * 2.0**64).astype(np.int64).view(np.uint64)
    distance = np.abs((value - np.uint64(2**63)).view(np.int64)) * 2.0**-64
    return confirmed(first + np.flatnonzero(distance < threshold + 2.0**-30), threshold, derivative)


@BOTH
@pytest.mark.parametrize("x", [*STARTS, 0.5, 1.0, 2.0, 3.0, 4.0], ids=float.hex)
def test_the_search_equals_mpfr_on_each_double(search, x, derivative):
    first = hard_cases.index_of(x) - 2000
    want = confirmed(range(first, first + 4000), 2.0**-6, derivative)
    assert found(search, first, first + 4000, 2.0**-6, derivative) == want
    assert found(search, min(want), max(want) + 1, 2.0**-6, derivative) == want  # ends too


@BOTH
@pytest.mark.parametrize("x", STARTS, ids=float.hex)
def test_the_search_equals_brute_force_on_four_million_doubles(search, x, derivative):
    first = hard_cases.index_of(x)
    want = found_by_trying_each(first, first + 2**22, 2.0**-14, derivative)
    assert 400 < len(want) < 650  # the random model expects 512
    assert found(search, first, first + 2**22, 2.0**-14, derivative) == want


@BOTH
@pytest.mark.parametrize("x", STARTS[::2], ids=float.hex)
def test_the_search_equals_brute_force_at_both_ends_of_a_full_block(search, x, derivative):
    first = hard_cases.index_of(x)
    end = first + hard_cases.BLOCK
    hits = hard_cases.search_block(search, first, end, 2.0**-16, derivative)
    for part in ((first, first + 2**21), (end - 2**21, end)):
        inside = [i for i in hits if part[0] <= i < part[1]]
        assert confirmed(inside, 2.0**-16, derivative) == found_by_trying_each(
            *part, 2.0**-16, derivative
        )


@BOTH
def test_a_wrong_slope_is_noticed(search, monkeypatch, derivative):
    first = hard_cases.index_of(1.3)
    want = found(search, first, first + 2**22, 2.0**-14, derivative)
    right = hard_cases.taylor_coefficients

    def with_wrong_slope(*arguments):
        g = right(*arguments)
        g[1] += 2.0**-30
        return g

    monkeypatch.setattr(hard_cases, "taylor_coefficients", with_wrong_slope)
    assert found(search, first, first + 2**22, 2.0**-14, derivative) != want


@BOTH
def test_the_search_finds_what_solving_for_the_crossings_finds(search, derivative):
    threshold = 2.0**-46
    hits, _ = hard_cases.large(derivative)
    indices = [hard_cases.index_of(x) for x in hits]
    hard = confirmed(indices, threshold, derivative)
    assert len(hard) > 35
    for i in hard:
        assert i in found(search, i - 2**28, i + 2**27, threshold, derivative)


def test_a_block_too_long_for_the_error_bound_is_refused(search):
    first = hard_cases.index_of(1.25)
    with pytest.raises(SystemExit, match="error bound is not met"):
        hard_cases.search_block(search, first, first + 2**45, 2.0**-40)


def test_misuse_is_refused(monkeypatch):
    monkeypatch.setattr("sys.argv", ["hard_cases.py", "linear", "2", "1"])
    with pytest.raises(SystemExit, match="LO < HI"):
        hard_cases.main()


def test_the_command_line_prints_what_it_found(monkeypatch, capsys):
    command = "hard_cases.py linear 1 2 --points 1e5 --threshold 2^-12"
    monkeypatch.setattr("sys.argv", command.split())
    hard_cases.main()
    *lines, verdict = capsys.readouterr().out.splitlines()
    assert verdict.startswith(f"# {len(lines)} below 2^-12, hardest 2^")
    assert verdict.endswith("a random model expects 48.83, hardest 2^-17.61")
    for line in lines:
        x, distance, result = line.split()
        x, result = float.fromhex(x), float.fromhex(result)
        assert abs(float(distance) - math.log2(hard_cases.midpoint_distance(x))) < 0.01
        assert abs(result - (x - math.tanh(x))) < 1e-15
