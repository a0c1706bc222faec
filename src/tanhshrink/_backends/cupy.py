"""CuPy's arrays: the kernels of the CPU, compiled for the GPU, with the arguments of a ufunc."""

import functools

import cupy
import numpy as np

from tanhshrink._backends import class_name, refuse
from tanhshrink._backends.cuda_source import ELEMENTS, PACK_BYTES, kernel_arguments

# float64's table takes a microsecond to get into shared memory: less than it saves from about this
# size on. A multiprocessor's registers and shared memory are enough for these threads.
SHARED_FROM = 2**18
SHARED_BLOCKS, SHARED_BLOCK_SIZE = 2, 512


def call(
    ufunc,
    x,
    /,
    out=None,
    *,
    where=True,
    casting="same_kind",
    order="K",
    dtype=None,
    subok=True,
    signature=None,
):
    """Compute a ufunc for an array of CuPy, on its device and the current stream."""
    if isinstance(out, tuple):
        (out,) = out
    x = as_array(ufunc, "x", x)
    mask = None if where is True else as_array(ufunc, "where", where)
    if mask is not None and mask.dtype != bool:
        refuse(ufunc, f"where is an array of {mask.dtype}", "pass booleans")
    if out is not None and not isinstance(out, cupy.ndarray):
        refuse(ufunc, f"out is a {class_name(out)} but x is a cupy.ndarray", "pass a cupy.ndarray")
    for name, array in (("out", out), ("where", mask)):
        if array is not None and array.device != x.device:
            raise ValueError(
                f"{ufunc.__name__}: {name} is on {array.device} but x on {x.device}; "
                "copy one to the other's device"
            )
    if dtype is not None:
        if signature is not None:
            raise TypeError(f"{ufunc.__name__}: pass only one of dtype and signature")
        signature = (None, np.dtype(dtype))
    loop = loop_dtype(ufunc, x.dtype, out.dtype if out is not None else None, casting, signature)
    with x.device:
        return compute(ufunc, x.astype(loop, copy=False), out, mask, order)


def call_dlpack(ufunc, x, out=None, stream=None):
    """Compute a ufunc for an array of any library on a CUDA device, through DLPack.

    Parameters
    ----------
    ufunc : numpy.ufunc
        One of the two.
    x, out : object
        Arrays with `__dlpack__` and `__dlpack_device__`. `out` is written to.
    stream : int, optional
        Address of the CUDA stream to run on, in which the library uses the memory; CuPy's current
        stream if not given, which DLPack then makes wait for the library's.

    Returns
    -------
    cupy.ndarray
        For the library's own `from_dlpack`. `out`'s memory if that was given.
    """
    _, device = x.__dlpack_device__()
    with cupy.cuda.Device(device), stream_at(stream):
        if out is not None:
            out = cupy.from_dlpack(out)
        return call(ufunc, cupy.from_dlpack(x), out)


def stream_at(address):
    """Return the stream with an address, to be made the current one."""
    if address is None:
        return cupy.cuda.get_current_stream()
    if address == 0:
        return cupy.cuda.Stream.null
    return cupy.cuda.Stream.from_external(ForeignStream(address))


class ForeignStream:
    """Tells CuPy the address of a stream, by the CUDA stream protocol."""

    def __init__(self, address):
        self.address = address

    def __cuda_stream__(self):
        version = 0
        return version, self.address


def as_array(ufunc, name, value):
    """Return an argument as an array of CuPy, if this copies no array to the device."""
    if isinstance(value, cupy.ndarray):
        return value
    if not isinstance(value, (bool, int, float, complex, np.generic)):
        refuse(ufunc, f"{name} is a {class_name(value)}", f"pass cupy.asarray({name})")
    return cupy.asarray(value)


@functools.lru_cache(maxsize=1000)
def loop_dtype(ufunc, x_dtype, out_dtype, casting, signature):
    """Return the dtype that is computed in; TypeError if NumPy's rules forbid the call.

    Examples
    --------
    >>> loop_dtype(tanhshrink, np.dtype("int16"), None, "same_kind", None)
    dtype('float32')
    """
    keywords = {} if signature is None else {"signature": signature}
    loop, _ = ufunc.resolve_dtypes((x_dtype, out_dtype), casting=casting, **keywords)
    if loop.name not in ELEMENTS:
        refuse(ufunc, f"{loop} has no kernel on a GPU", f"use one of {', '.join(ELEMENTS)}")
    return loop


def compute(ufunc, x, out, mask, order):
    """Compute x, of the loop's dtype, into `out` or a new array, where `mask` says so."""
    arrays = [x] if mask is None else [x, mask]
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    if out is None:
        result = new_array(x, shape, order)
    elif not broadcasts(shape, out.shape):
        raise ValueError(
            f"{ufunc.__name__}: out has the shape {out.shape}, the result {shape}; "
            "pass an out to which it can be broadcast"
        )
    elif out.dtype == x.dtype:
        result = out
    else:
        result = new_array(x, out.shape, "C")

    inputs = [cupy.broadcast_to(array, result.shape) for array in arrays]
    inputs = [array.copy() if must_copy(array, result) else array for array in inputs]
    if result.size:
        launch(ufunc.__name__, inputs, result)
    if out is None or result is out:
        return result
    cupy.copyto(out, result, casting="unsafe", where=True if mask is None else inputs[1])
    return out


def broadcasts(shape, to):
    """Whether an array can be broadcast to a shape."""
    sizes = zip(reversed(shape), reversed(to), strict=False)
    return len(shape) <= len(to) and all(size in (1, wanted) for size, wanted in sizes)


def new_array(x, shape, order):
    if shape == x.shape:
        return cupy.empty_like(x, order=order)
    return cupy.empty(shape, x.dtype, order="F" if order == "F" else "C")


def must_copy(array, result):
    """Whether an input could be overwritten before it is read."""
    if not cupy.may_share_memory(array, result):
        return False
    return not (
        array.data.ptr == result.data.ptr
        and array.strides == result.strides
        and array.itemsize == result.itemsize
    )


def launch(name, inputs, result):
    """Run a kernel on [x] or [x, mask], of the result's shape."""
    dtype = result.dtype.name
    element = ELEMENTS[dtype]
    if element.cupy_type == "uint16":
        inputs[0], result = inputs[0].view(np.uint16), result.view(np.uint16)
    if len(inputs) == 2:
        kernel(name, dtype, "masked")(*inputs, result)
        return
    flat = flattened(inputs[0], result)
    if element.size == PACK_BYTES or not flat or any(a.data.ptr % PACK_BYTES for a in flat):
        kernel(name, dtype, "plain")(*inputs, result)
        return
    x, y = flat
    threads = -(-x.nbytes // PACK_BYTES)
    if dtype == "float64" and x.size >= SHARED_FROM:
        threads = min(threads, SHARED_BLOCKS * SHARED_BLOCK_SIZE * multiprocessors(x.device.id))
        kernel(name, dtype, "shared")(x, x.size, y, size=threads, block_size=SHARED_BLOCK_SIZE)
    else:
        kernel(name, dtype, "packed")(x, x.size, y, size=threads)


@functools.cache
def multiprocessors(device_id):
    return cupy.cuda.Device(device_id).attributes["MultiProcessorCount"]


def flattened(x, y):
    """Return both as views of one dimension if both lie in memory in one order without gaps."""
    if x.flags.c_contiguous and y.flags.c_contiguous:
        return x.reshape(-1), y.reshape(-1)
    if x.flags.f_contiguous and y.flags.f_contiguous:
        return x.T.reshape(-1), y.T.reshape(-1)
    return None


@functools.cache
def kernel(name, dtype, form):
    return cupy.ElementwiseKernel(**kernel_arguments(name, dtype, form))
