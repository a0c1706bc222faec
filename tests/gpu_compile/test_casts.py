"""Casts between CuPy's arrays, compiled for the CPU: each element is rounded as NumPy does."""

import numpy as np
import pytest

pytest.importorskip("cupy", reason="CuPy is not installed (tox -e gpu-compile installs it)")

import cuda_toolchain

from gpu_values import DTYPES, bits, random_numbers
from tanhshrink._backends import cuda_source


@pytest.mark.parametrize(("from_dtype", "to_dtype"), cuda_source.CASTS)
def test_casts_are_those_of_numpy(on_cpu, tmp_path, from_dtype, to_dtype):
    x = random_numbers(from_dtype, 200_000)  # half of them random bits, subnormal ones among them
    with np.errstate(all="ignore"):
        want = x.astype(DTYPES[to_dtype])
    got = cuda_toolchain.compile_cast(tmp_path, from_dtype, to_dtype)(x, np.empty_like(want))
    assert np.array_equal(bits(got), bits(want))
