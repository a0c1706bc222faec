"""Chooses the form of the kernel for arrays of CuPy, and runs it."""

import functools

import cupy
import numpy as np

from tanhshrink._backends.cuda_source import PACK_BYTES, SHARED_BLOCK_SIZE, kernel_arguments

# To get float64's table into shared memory takes about a microsecond: by estimate, less than it
# saves from this size on.
SHARED_FROM = 2**18


def launch(name, x, mask, result):
    """Run a kernel on arrays of one shape; `mask` may be None."""
    if result.size == 0:
        return
    dtype = result.dtype
    if dtype.itemsize == 2:  # their kernels take bits
        x, result = x.view(np.uint16), result.view(np.uint16)
    if mask is not None:
        kernel(name, dtype, "masked")(x, mask, result)
        return
    flat = flattened(x, result) if dtype.itemsize < PACK_BYTES else None
    if flat is None or (x.data.ptr | result.data.ptr) % PACK_BYTES:
        kernel(name, dtype, "plain")(x, result)
        return
    x, y = flat
    size = x.size
    threads = -(-size * dtype.itemsize // PACK_BYTES)
    if dtype == np.float64 and size >= SHARED_FROM:
        threads = min(threads, SHARED_BLOCK_SIZE * multiprocessors(x.device.id))
        kernel(name, dtype, "shared")(x, size, y, size=threads, block_size=SHARED_BLOCK_SIZE)
    else:
        kernel(name, dtype, "packed")(x, size, y, size=threads)


@functools.cache
def multiprocessors(device_id):
    return cupy.cuda.Device(device_id).attributes["MultiProcessorCount"]


def flattened(x, y):
    """Return both as views of one dimension if both lie in memory in one order without gaps."""
    x_flags, y_flags = x.flags, y.flags
    if x_flags.c_contiguous and y_flags.c_contiguous:
        return x.reshape(-1), y.reshape(-1)
    if x_flags.f_contiguous and y_flags.f_contiguous:
        return x.T.reshape(-1), y.T.reshape(-1)
    return None


@functools.cache
def kernel(name, dtype, form):
    return cupy.ElementwiseKernel(**kernel_arguments(name, dtype.name, form))
