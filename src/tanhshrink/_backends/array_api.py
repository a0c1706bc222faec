"""Any array with `__array_namespace__`: through DLPack to the ufunc and back, without copying."""

import numpy as np

from tanhshrink._backends import class_name, refuse, refuse_all_but_x

CPU, CUDA, CUDA_MANAGED = 1, 2, 13  # DLPack's numbers of kinds of devices


def call(ufunc, x, /, out=None, **kwargs):
    """Compute a ufunc for an array that follows the array API standard, 2023.12 or later.

    Integers and bools give the library's default real dtype.
    """
    is_foreign = hasattr(x, "__array_namespace__") and not isinstance(x, np.ndarray | np.generic)
    refuse_all_but_x(ufunc, x, is_foreign, out, kwargs)
    xp = x.__array_namespace__()
    if xp.isdtype(x.dtype, ("bool", "integral")):
        x = xp.astype(x, xp.asarray(0.0, device=x.device).dtype)

    kind, _ = x.__dlpack_device__()
    if kind in (CUDA, CUDA_MANAGED):
        try:
            from tanhshrink._backends import cupy
        except ImportError:
            refuse(ufunc, f"x is a {class_name(x)} on a CUDA device", "install CuPy")
        return xp.from_dlpack(cupy.call_dlpack(ufunc, x), device=x.device)
    if kind != CPU:
        refuse_device(ufunc, x, kind)
    try:
        values = np.from_dlpack(x)
    except (BufferError, RuntimeError, TypeError) as error:
        refuse(
            ufunc,
            f"x of dtype {x.dtype} cannot be handed to NumPy ({error})",
            "convert it to a dtype that NumPy has",
        )
    # A 0-d result is a scalar, which has no __dlpack__.
    return xp.from_dlpack(np.asarray(ufunc(values)), device=x.device)


def call_without_namespace(ufunc, x, /, out=None, **kwargs):
    """Let NumPy convert an array that only says where it lies, unless that is on a device."""
    says_where = hasattr(x, "__dlpack_device__")
    if hasattr(x, "__array_ufunc__") or not (says_where or hasattr(x, "__cuda_array_interface__")):
        refuse_all_but_x(ufunc, x, False, out, kwargs)  # as out is such an array
    kind = x.__dlpack_device__()[0] if says_where else CUDA
    if kind != CPU:
        refuse_device(ufunc, x, kind)
    return ufunc(np.asarray(x), out=out, **kwargs)


def refuse_device(ufunc, x, kind):
    refuse(
        ufunc,
        f"x is a {class_name(x)} on a device without a kernel (DLPack device {kind})",
        "copy it to the CPU, or hand it over to CuPy if it is a CUDA device",
    )
