"""The bits do not depend on the floating-point mode that other code has given the thread."""

import contextlib
import ctypes
import ctypes.util
import platform

import ml_dtypes
import numpy as np
import pytest

from tanhshrink import _ufunc

MODES = {"subnormals are zero": 0x8040, "down": 0x2000, "up": 0x4000, "towards zero": 0x6000}
MODE_BITS = 0xE040
CONTROL = 7  # place of the control register of SSE in glibc's fenv_t, in words


@pytest.fixture(scope="module")
def libm():
    """Return the library with fesetenv."""
    if (platform.machine(), platform.libc_ver()[0]) != ("x86_64", "glibc"):
        pytest.skip("the mode is set where glibc on x86-64 keeps it")
    return ctypes.CDLL(ctypes.util.find_library("m"))


@contextlib.contextmanager
def mode_set(libm, mode):
    """Set the mode of this thread, and check that it is still set in the end."""
    environment, after = (ctypes.c_uint32 * 8)(), (ctypes.c_uint32 * 8)()
    libm.fegetenv(environment)
    environment[CONTROL] |= mode
    libm.fesetenv(environment)
    try:
        yield
    finally:
        libm.fegetenv(after)
        environment[CONTROL] &= ~MODE_BITS
        libm.fesetenv(environment)
    assert after[CONTROL] & MODE_BITS == mode


def numbers(dtype):
    """Numbers of both signs whose results are of every size, subnormal ones too."""
    x = np.geomspace(1e-45, 30, 10_000)
    x = np.concatenate([x, np.geomspace(1e-110, 1e-45, 1000)])
    x[::2] *= -1
    with np.errstate(under="ignore"):
        return (x + 1j * x[::-1]).astype(dtype) if dtype.kind == "c" else x.astype(dtype)


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_bits_and_mode_are_kept(function, dtype, libm, mode):
    x = numbers(dtype)
    with np.errstate(under="ignore"):
        expected = function(x)
        with mode_set(libm, mode):
            result = function(x)
    assert result.tobytes() == expected.tobytes()


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_small_types_first_seen_in_that_mode(name, libm, mode):
    x = np.arange(256, dtype=np.uint8).view(ml_dtypes.float8_e8m0fnu)  # down to 2^-127
    with mode_set(libm, mode):
        result = _ufunc.make_ufunc(name, "baseline")(x)
    assert result.tobytes() == _ufunc.make_ufunc(name, "baseline")(x).tobytes()


def test_underflow_is_still_reported(function, libm):
    with mode_set(libm, MODES["subnormals are zero"]), np.errstate(under="raise"):
        function(np.float32(1e-10))
        with pytest.raises(FloatingPointError, match="underflow"):
            function(np.float32(1e-22))
