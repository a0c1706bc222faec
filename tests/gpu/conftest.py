"""Skips everything here, with a reason, where there is no GPU that CuPy can use."""

import numpy as np
import pytest

from gpu_values import bits


@pytest.fixture(scope="session", autouse=True)
def device():
    """Return the current device."""
    cupy = pytest.importorskip("cupy", reason="CuPy is not installed")
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        pytest.skip(f"no GPU: {error}")
    if count == 0:
        pytest.skip("no GPU: CUDA finds no device")
    return cupy.cuda.Device()


@pytest.fixture(scope="session")
def assert_same():
    """Return a function that checks type, dtype, shape and bits of a result on the GPU."""
    import cupy

    def check(got, want):
        assert type(got) is cupy.ndarray
        assert (got.dtype, got.shape) == (want.dtype, want.shape)
        wrong = np.flatnonzero(bits(got.get()) != bits(want))
        assert wrong.size == 0, f"{wrong.size} of {want.size} differ, the first at {wrong[0]}"

    return check
