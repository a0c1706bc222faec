"""The sums of the float64 fast tier on GPUs lie within the error by which their rounding is tested.

That is all that correct rounding needs: the test compares the results of both ends of the interval.
"""

import ctypes

import numpy as np
import pytest

pytest.importorskip("cupy", reason="CuPy is not installed (tox -e gpu-compile installs it)")

import cuda_toolchain
import gmpy2
from gmpy2 import mpfr

from gpu_values import NAMES
from tanhshrink._backends import cuda_source

TABLE_START, SMALL_START = float.fromhex("0x1.39p-8"), 2.0**-250
ROW = 1 << 44  # a row's doubles
ROWS = 3071
PRECISION = 53 + 500 + 100  # bits of tanh(x), of which x - tanh(x) loses 500 for the smallest x

ROUND = "    *y = high + fma(high, error, low);\n"
SOURCE = """
#define __device__
#define __forceinline__ inline
#define TANHSHRINK_CUDA
static double sum[3];
HEADERS
extern "C" void sums(const double *x, double (*out)[4], long n)
{
    double y;
    for (long i = 0; i < n; i++) {
        out[i][3] = NAME_f64_fast(x[i], &y);
        memcpy(out[i], sum, sizeof sum);
    }
}
"""


@pytest.fixture(scope="module", params=NAMES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def sums(name, on_cpu, tmp_path_factory):
    """Return a function: what f64_round gets, high, low and error, and what the tier decides."""
    headers = cuda_toolchain.for_cpu(cuda_source.header_text(["simd_scalar.h", "float64_gpu.h"]))
    assert headers.count(ROUND) == 1
    headers = headers.replace(ROUND, "sum[0] = high, sum[1] = low, sum[2] = error;\n" + ROUND)
    path = tmp_path_factory.mktemp("sums") / f"{name}.cpp"
    path.write_text(SOURCE.replace("HEADERS", headers).replace("NAME", name))
    library = cuda_toolchain.compile_library(path, path.with_suffix(".so"))

    def of(x):
        out = np.empty((x.size, 4))
        pointers = (ctypes.c_void_p(array.ctypes.data) for array in (x, out))
        library.sums(*pointers, ctypes.c_long(x.size))
        return out

    return of


def assert_within_error(name, x, sums):
    with gmpy2.context(precision=PRECISION):
        for one, (high, low, error, _) in zip(x.tolist(), sums(x).tolist(), strict=True):
            tanh = gmpy2.tanh(mpfr(one))
            exact = mpfr(one) - tanh if name == "tanhshrink" else tanh * tanh
            assert abs(mpfr(high) + mpfr(low) - exact) < error * exact, one.hex()


def test_at_both_ends_of_each_row(name, sums):
    first = np.float64(TABLE_START).view(np.uint64) + np.arange(ROWS + 1, dtype=np.uint64) * ROW
    assert first.view(np.float64)[-1] == 19.5
    ends = np.concatenate([first[:-1], first[1:] - 1]).view(np.float64)
    assert_within_error(name, ends, sums)


def test_below_the_table(name, sums):
    rng = np.random.default_rng(7)
    near = TABLE_START * (1 - 2.0 ** rng.uniform(-50, -1, 10_000))
    far = 2.0 ** rng.uniform(np.log2(SMALL_START), np.log2(TABLE_START), 1000)
    ends = [SMALL_START, np.nextafter(TABLE_START, 0)]
    assert_within_error(name, np.concatenate([near, far, ends]), sums)


def test_the_accurate_tier_is_seldom_needed(name, sums):
    rng = np.random.default_rng(8)
    x = rng.standard_normal(10**6) * 2.0 ** rng.uniform(-12, 5, 10**6)
    decided = sums(x)[:, 3]
    assert np.count_nonzero(decided == 0) < x.size / (5000 if name == "tanhshrink" else 15_000)
