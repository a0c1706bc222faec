"""On a GPU: the results have the bits of the CPU's and of MPFR's."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import digest_float32
import tanhshrink

pytest.importorskip("cupy", reason="CuPy is not installed")

import cupy

from gpu_values import (
    COMPLEX,
    DTYPES,
    NAMES,
    PARTS,
    REAL,
    SMALL,
    cpu,
    hard_complex,
    hard_float64,
    random_numbers,
)

every_name = pytest.mark.parametrize("name", NAMES)


def check_every_form(assert_same, name, x):
    """Compare the results of contiguous arrays, of others and of some elements with the CPU's."""
    ufunc, want = getattr(tanhshrink, name), cpu(name, x)
    on_gpu = cupy.asarray(x)
    assert_same(ufunc(on_gpu), want)

    spread = cupy.zeros(2 * x.size, x.dtype)
    spread[::2] = on_gpu
    assert_same(ufunc(spread[::2]), want)

    mask = np.arange(x.size) % 3 != 0
    out = cupy.zeros_like(on_gpu)
    ufunc(on_gpu, out=out, where=cupy.asarray(mask))
    assert_same(out, np.where(mask, want, np.zeros_like(x)))


@every_name
@pytest.mark.parametrize("dtype", SMALL)
def test_every_16_bit_number_has_the_bits_of_the_cpu(name, dtype, assert_same):
    check_every_form(assert_same, name, np.arange(2**16, dtype=np.uint16).view(DTYPES[dtype]))


@every_name
def test_every_float32_is_correctly_rounded(name):
    digests = digest_float32.read_digests(name == "tanhshrink_grad")
    patterns = cupy.arange(digest_float32.CHUNK_SIZE, dtype=np.uint32)

    def digest(chunk):
        x = (patterns + np.uint32(chunk * digest_float32.CHUNK_SIZE)).view(np.float32)
        got = getattr(tanhshrink, name)(x).get()
        results = np.where(np.isnan(got), digest_float32.NAN, got.view(np.uint32))
        return digest_float32.digest(results)

    with ThreadPoolExecutor(8) as pool:
        for chunk, got in enumerate(pool.map(digest, range(digest_float32.CHUNKS))):
            assert got == digests[chunk], f"chunk {chunk}"


@every_name
def test_hard_float64_are_correctly_rounded(name, assert_same):
    x, want = hard_float64(name)
    ufunc = getattr(tanhshrink, name)
    assert_same(ufunc(cupy.asarray(x)), want)
    assert_same(ufunc(cupy.asarray(np.repeat(x, 2))[::2]), want)
    repeats = 2**20 // x.size + 1  # enough for the table in shared memory
    assert_same(ufunc(cupy.asarray(np.tile(x, repeats))), np.tile(want, repeats))


@every_name
def test_a_billion_float64_have_the_bits_of_the_cpu(name, assert_same):
    def check(seed):
        x = random_numbers("float64", 2**24, seed)
        assert_same(getattr(tanhshrink, name)(cupy.asarray(x)), cpu(name, x))

    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(check, range(64)))) == 64


@every_name
@pytest.mark.parametrize("dtype", [*REAL, *COMPLEX])
def test_random_numbers_have_the_bits_of_the_cpu(name, dtype, assert_same):
    check_every_form(assert_same, name, random_numbers(dtype, 600_001))


@every_name
@pytest.mark.parametrize("dtype", COMPLEX)
def test_special_complex_numbers_have_the_bits_of_the_cpu(name, dtype, assert_same):
    special = [0.0, 1e-300, 1e-40, 0.25, 1.5, 3.0, 25.0, 400.0, 1e7, 1e300, np.inf, np.nan]
    with np.errstate(over="ignore"):
        parts = np.array([*special, *np.negative(special)]).astype(PARTS[dtype])
    pairs = np.stack(np.meshgrid(parts, parts), axis=-1)
    check_every_form(assert_same, name, pairs.reshape(-1).view(dtype))
    check_every_form(assert_same, name, hard_complex(dtype, 200_000))


@pytest.mark.parametrize("dtype", [*REAL, *COMPLEX])
def test_no_length_nor_start_writes_beyond_its_end(dtype, assert_same):
    x = random_numbers(dtype, 600)
    want = cpu("tanhshrink", x)
    on_gpu = cupy.asarray(x)
    for length in range(514):
        for start in (0, 1, 16):
            part = slice(start, start + length)
            out = cupy.ones_like(on_gpu)
            tanhshrink.tanhshrink(on_gpu[part], out=out[part])
            expected = np.ones_like(x)
            expected[part] = want[part]
            assert_same(out, expected)
