"""CuPy's arrays: the kernels of the CPU, compiled for the GPU, with the arguments of a ufunc."""

import functools

import cupy
import numpy as np

from tanhshrink._backends import class_name, refuse, single
from tanhshrink._backends.cuda_source import ELEMENTS
from tanhshrink._backends.cupy_launch import cast, launch


def call(ufunc, x, /, out=None, **keywords):
    """Compute a ufunc for an array of CuPy, on its device and the current stream."""
    out = single(out)
    if out is not None and not isinstance(out, cupy.ndarray):
        refuse(ufunc, f"out is a {class_name(out)} but x is a cupy.ndarray", "pass a cupy.ndarray")
    device = (x if isinstance(x, cupy.ndarray) else out).device
    if device.id == cupy.cuda.runtime.getDevice():  # to enter it takes longer than to ask
        return call_here(ufunc, x, out, **keywords)
    with device:
        return call_here(ufunc, x, out, **keywords)


def call_here(
    ufunc,
    x,
    out=None,
    *,
    where=True,
    casting="same_kind",
    order="K",
    dtype=None,
    subok=True,
    signature=None,
):
    """Compute on the current device."""
    x = as_array(ufunc, "x", x)
    mask = None if where is True else as_array(ufunc, "where", where)
    if mask is not None and mask.dtype != bool:
        refuse(ufunc, f"where is an array of {mask.dtype}", "pass booleans")
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
    out_dtype = None if out is None else out.dtype
    loop = loop_dtype(ufunc, x.dtype, out_dtype, casting, signature)
    if loop != x.dtype:
        x = cast(x, loop)
    return compute(ufunc, x, out, mask, order)


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
    if out is None and mask is None:
        result = new_array(x, x.shape, order)
        launch(ufunc.__name__, x, None, result)
        return result

    shape = x.shape if mask is None else np.broadcast_shapes(x.shape, mask.shape)
    if out is None:
        result = new_array(x, shape, order)
    elif out.shape != shape and not broadcasts(shape, out.shape):
        raise ValueError(
            f"{ufunc.__name__}: out has the shape {out.shape}, the result {shape}; "
            "pass an out to which it can be broadcast"
        )
    elif out.dtype == x.dtype:
        result = out
    else:
        result = new_array(x, out.shape, "C")

    x = input_for(result, x)
    if mask is not None:
        mask = input_for(result, mask)
    launch(ufunc.__name__, x, mask, result)
    if out is None or result is out:
        return result
    cupy.copyto(out, cast(result, out.dtype), where=mask)
    return out


def broadcasts(shape, to):
    """Whether an array can be broadcast to a shape."""
    sizes = zip(reversed(shape), reversed(to), strict=False)
    return len(shape) <= len(to) and all(size in (1, wanted) for size, wanted in sizes)


def new_array(x, shape, order):
    if shape != x.shape:
        return cupy.empty(shape, x.dtype, order="F" if order == "F" else "C")
    if order == "K" and x.flags.c_contiguous:  # as empty_like would, in half the time
        return cupy.ndarray(shape, x.dtype)
    return cupy.empty_like(x, order=order)


def input_for(result, x):
    """Return x in the shape of the result, copied if it could be overwritten before it is read."""
    if x.shape != result.shape:
        x = cupy.broadcast_to(x, result.shape)
    return x.copy() if must_copy(x, result) else x


def must_copy(x, result):
    if (
        x.data.ptr == result.data.ptr
        and x.strides == result.strides
        and x.itemsize == result.itemsize
    ):
        return False
    # Not may_share_memory, to which two arrays from other libraries never share any.
    (x_start, x_end), (start, end) = cupy.byte_bounds(x), cupy.byte_bounds(result)
    return x_start < end and start < x_end
