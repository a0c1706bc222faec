"""Proofs by exhaustion and other tests of minutes: pytest -m exhaustive -s"""

import sys
from pathlib import Path

import numpy as np
import pytest

import digest_float32
import oracle
import ulp
from tanhshrink import _ufunc

pytestmark = pytest.mark.exhaustive

GIB = 2**30
MEMINFO = Path("/proc/meminfo")


def show_progress(name, target, done, total):
    end = "\n" if done == total else ""
    print(
        f"\r{name} {target}: {done}/{total} chunks of float32", end=end, file=sys.stderr, flush=True
    )


def first_wrong(name, target, x, got):
    """The first wrong result, found by the oracle, in a form to be pasted into a bug report."""
    for start in range(0, x.size, 2**16):
        part = slice(start, start + 2**16)
        want = oracle.correctly_rounded(x[part], name == "tanhshrink_grad")
        wrong = np.flatnonzero(ulp.wrong_bits(got[part], want))[:1]
        if wrong.size:
            one_x, one_got, one_want = x[part][wrong], got[part][wrong], want[wrong]
            error = oracle.ulp_error(one_x, one_got, name == "tanhshrink_grad")
            return ulp.describe(name, one_x[0], one_got[0], one_want[0], error[0], target)
    return "none found by the oracle in Python, so it and the digests disagree"


def test_every_float32_is_correctly_rounded(function, name, target, derivative):
    digests = digest_float32.read_digests(derivative)
    size = digest_float32.CHUNK_SIZE
    for chunk in range(digest_float32.CHUNKS):
        first = np.uint32(chunk * size)
        x = (first + np.arange(size, dtype=np.uint32)).view(np.float32)
        with np.errstate(invalid="ignore"):  # signalling NaNs
            got = function(x)
        bits = np.where(np.isnan(got), digest_float32.NAN, got.view(np.uint32))
        if digest_float32.digest(bits) != digests[chunk]:
            pytest.fail(f"chunk {chunk}, the first: {first_wrong(name, target, x, got)}")
        show_progress(name, target, chunk + 1, digest_float32.CHUNKS)


def available_memory():
    """Bytes that can be had without swapping."""
    if not MEMINFO.exists():
        pytest.skip(f"cannot tell how much memory is free: there is no {MEMINFO}")
    lines = MEMINFO.read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))


def test_more_than_2_to_the_31_elements_in_one_call(function, derivative):
    if available_memory() < 6 * GIB:
        pytest.skip(f"needs 6 GiB of free memory, but there are {available_memory() / GIB:.1f}")
    patterns = oracle.quiet(np.arange(2**16, dtype=np.uint16).view(np.float16))
    want = oracle.bit_patterns(oracle.correctly_rounded(patterns, derivative))
    x = np.empty((2**15 + 1, 2**16), dtype=np.float16)
    x[:] = patterns
    flat = x.reshape(-1)
    assert flat.size > 2**31
    function(flat, out=flat)
    for row in oracle.bit_patterns(x):
        assert np.array_equal(row, want)


def test_random_float64_are_correctly_rounded_and_alike_on_all_targets(
    function, name, target, derivative
):
    rng = np.random.default_rng()
    baseline = _ufunc.make_ufunc(name, "baseline")
    for _ in range(20):
        bits = rng.integers(2**64 - 1, size=500_000, dtype=np.uint64, endpoint=True)
        ordinary = rng.uniform(-20, 20, size=500_000)
        x = rng.permutation(np.concatenate([oracle.quiet(bits.view(np.float64)), ordinary]))
        got = function(x)
        failure = ulp.describe_worst(name, x, got, baseline(x), f"{target} beside baseline")
        assert failure is None, failure
        some = slice(10_000)
        want = oracle.correctly_rounded(x[some], derivative)
        failure = ulp.describe_worst(name, x[some], got[some], want, target)
        assert failure is None, failure
