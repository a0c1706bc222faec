"""Whose array is this? Finds the backend of a library and imports it on first use."""

import sys

import numpy as np


def find_handler(cls):
    """Return what computes a ufunc for arrays of a class.

    Parameters
    ----------
    cls : type
        The class of an input or output.

    Returns
    -------
    callable or None
        ``handler(ufunc, x, out=None, **kwargs)``; None where NumPy computes: its own arrays,
        scalars and whatever has ``__array_ufunc__`` (dask, xarray, pandas, sparse, awkward, ...).
    """
    # These before the protocols: cupy has __array_ufunc__, but only for ufuncs that it knows.
    if is_subclass(cls, "cupy", "ndarray"):
        from tanhshrink._backends import cupy

        return cupy.call
    if is_subclass(cls, "torch", "Tensor"):
        from tanhshrink._backends import torch

        if is_subclass(cls, "torch.distributed.tensor", "DTensor"):
            from tanhshrink._backends import torch_distributed

            torch_distributed.register()
        return torch.call
    if is_subclass(cls, "jax", "Array") or is_subclass(cls, "jax.core", "Tracer"):
        from tanhshrink._backends import jax

        return jax.call
    if is_subclass(cls, "astropy.units", "Quantity"):
        from tanhshrink._backends import astropy

        astropy.register()
    if issubclass(cls, np.generic) or hasattr(cls, "__array_ufunc__"):
        return None
    if hasattr(cls, "__array_namespace__"):
        from tanhshrink._backends import array_api

        return array_api.call
    if hasattr(cls, "__dlpack_device__") or hasattr(cls, "__cuda_array_interface__"):
        from tanhshrink._backends import array_api

        return array_api.call_without_namespace
    return None


def is_subclass(cls, module, name):
    """Whether cls is that class of a library or derived from it, without importing the library."""
    base = getattr(sys.modules.get(module), name, None)
    return base is not None and issubclass(cls, base)
