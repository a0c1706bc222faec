"""Chooses the kernel for arrays of CuPy, and runs it."""

import functools

import cupy
import numpy as np

from tanhshrink._backends.cuda_source import (
    CASTS,
    PACK_BYTES,
    QUEUED_BLOCK_SIZE,
    SHARED_BLOCK_SIZE,
    cast_arguments,
    kernel_arguments,
)

# To get float64's table into shared memory takes about a microsecond: on an H200, no more than it
# saves from this size on, and from 2^22 on much less.
SHARED_FROM = 2**18
# Queues pay if each thread gets several elements. More blocks than can run at once even out what
# they have to do.
QUEUED_FROM = 2**19
QUEUED_ELEMENTS = 8
QUEUED_BLOCKS = 32  # for each multiprocessor


def launch(name, x, mask, result):
    """Run a kernel on arrays of one shape; `mask` may be None."""
    if result.size == 0:
        return
    dtype = result.dtype
    if mask is not None:
        kernel(name, dtype, "masked")(x, mask, result)
    elif can_be_packed(x, result) and (dtype.itemsize < PACK_BYTES or result.size >= QUEUED_FROM):
        launch_packs(name, x, result)
    else:
        kernel(name, dtype, "plain")(x, result)


def can_be_packed(x, y):
    """Whether both lie in memory in one order without gaps, from a multiple of a pack's size."""
    if (x.data.ptr | y.data.ptr) % PACK_BYTES:
        return False
    x_flags, y_flags = x.flags, y.flags
    return (x_flags.c_contiguous and y_flags.c_contiguous) or (
        x_flags.f_contiguous and y_flags.f_contiguous
    )


def launch_packs(name, x, y):
    """Run a kernel on two arrays of which can_be_packed is true."""
    if x.ndim != 1:  # for each number of dimensions CuPy would compile a kernel
        x, y = x.ravel("A"), y.ravel("A")
    size, dtype = x.size, x.dtype
    threads = -(-size * dtype.itemsize // PACK_BYTES)
    if size >= SHARED_FROM and dtype == np.float64:
        threads = min(threads, SHARED_BLOCK_SIZE * multiprocessors(x.device.id))
        kernel(name, dtype, "shared")(x, y, size=threads, block_size=SHARED_BLOCK_SIZE)
    elif size >= QUEUED_FROM and dtype == np.complex128:
        blocks = QUEUED_BLOCKS * multiprocessors(x.device.id)
        blocks = min(blocks, size // (QUEUED_BLOCK_SIZE * QUEUED_ELEMENTS))
        threads = blocks * QUEUED_BLOCK_SIZE
        kernel(name, dtype, "queued")(x, y, size=threads, block_size=QUEUED_BLOCK_SIZE)
    else:
        kernel(name, dtype, "packed")(x, y, size=threads)


@functools.cache
def multiprocessors(device_id):
    return cupy.cuda.Device(device_id).attributes["MultiProcessorCount"]


@functools.cache
def kernel(name, dtype, form):
    return cupy.ElementwiseKernel(**kernel_arguments(name, dtype.name, form))


def cast(x, dtype):
    """Return x as an array of another dtype, each element rounded as by NumPy."""
    if (x.dtype.name, dtype.name) not in CASTS:
        return x.astype(dtype)
    result = cupy.empty_like(x, dtype=dtype)
    cast_kernel(x.dtype, dtype)(x, result)
    return result


@functools.cache
def cast_kernel(from_dtype, to_dtype):
    return cupy.ElementwiseKernel(**cast_arguments(from_dtype.name, to_dtype.name))
