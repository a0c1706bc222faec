# cython: language_level=3, freethreading_compatible=True
"""The genuine ufunc: its table of loops, the CPU target, and bfloat16 on first sight."""

import inspect
import os

cimport numpy as np
from cpython.object cimport PyObject

np.import_array()
np.import_ufunc()


cdef extern from "targets.h":
    ctypedef struct tanhshrink_loops:
        np.PyUFuncGenericFunction builtin[3]
        np.PyUFuncGenericFunction bfloat16
    ctypedef struct tanhshrink_target:
        const char *name
        int (*available)() noexcept
        const tanhshrink_loops *loops
    const tanhshrink_target tanhshrink_targets[]
    const int tanhshrink_target_count

# What NumPy's own declarations for Cython lack.
cdef extern from "numpy/ndarraytypes.h":
    enum: NPY_HALF, NPY_USERDEF
    ctypedef struct PyArrayObject
    ctypedef struct PyArray_Descr

cdef extern from "numpy/ufuncobject.h":
    ctypedef struct PyUFuncObject
    ctypedef int PyUFunc_TypeResolutionFunc(PyUFuncObject *, np.NPY_CASTING, PyArrayObject **,
                                            PyObject *, PyArray_Descr **) except -1
    ctypedef struct PyUFuncObject:
        np.PyUFuncGenericFunction *functions
        PyUFunc_TypeResolutionFunc *type_resolver


cdef bytes DOC = b"""x - tanh(x), element-wise, correctly rounded.

The result is the double (float, ...) nearest to the exact value, ties to even, so it has the same
bits on every machine. The literal ``x - np.tanh(x)`` loses all digits of small results and the
sign of zero.

Parameters
----------
x : array_like
    Input of any shape; bool, integer, or real floating-point.
out : ndarray, None, or tuple of ndarray and None, optional
    Where to store the result, of a shape that the input broadcasts to. It may overlap `x`.
where : array_like, optional
    Elements of `out` where this is False keep their value.
**kwargs
    For other keyword-only arguments, see the :ref:`ufunc docs <ufuncs.kwargs>`.

Returns
-------
y : ndarray or scalar
    Of the input's shape. float16, float32, float64 and bfloat16 (of ``ml_dtypes``) keep their
    dtype; bool, int8 and uint8 give float16, int16 and uint16 float32, wider integers float64,
    as with `numpy.tanh`. A scalar if `x` is a scalar.

Raises
------
TypeError
    If the dtype of `x` has no loop (complex, long double, object, strings).

Notes
-----
The function is odd: ``tanhshrink(-x) == -tanhshrink(x)`` to the last bit. +-0 and +-inf
are their own results, NaN gives NaN. Near 0 it is x^3/3 - 2x^5/15 + ..., for large abs(x) it is
x - sign(x). Its derivative is tanh(x)^2, 0 at 0. No floating-point warning is raised except
underflow, where the result is subnormal or too small to be one.

How correct rounding was established for each dtype is in the README of the project.

Examples
--------
>>> import numpy as np
>>> from tanhshrink import tanhshrink
>>> tanhshrink(1e-8)
np.float64(3.3333333333333335e-25)
>>> 1e-8 - np.tanh(1e-8)
np.float64(0.0)
>>> tanhshrink(np.array([-4, -2, 0, 2, 4]))
array([-3.0006707 , -1.03597242,  0.        ,  1.03597242,  3.0006707 ])
>>> tanhshrink(np.array([1e-2, -0.0, np.inf], dtype=np.float16))
array([ 3.6e-07, -0.0e+00,      inf], dtype=float16)
"""

# NumPy keeps these two, DOC and the table of loops without copying them.
cdef char TYPES[6]
TYPES[:] = [NPY_HALF, NPY_HALF, np.NPY_FLOAT, np.NPY_FLOAT, np.NPY_DOUBLE, np.NPY_DOUBLE]
cdef void *NO_DATA[3]

# NumPy's own search for the loop of some dtypes.
cdef PyUFunc_TypeResolutionFunc *search_loops


cdef int resolve_types(PyUFuncObject *ufunc, np.NPY_CASTING casting, PyArrayObject **operands,
                       PyObject *type_tuple, PyArray_Descr **dtypes) except -1:
    """Register the bfloat16 loop before NumPy searches for it the first time.

    This way ml_dtypes need not be imported by us, nor before us.
    """
    cdef np.dtype dtype = (<np.ndarray> operands[0]).dtype
    cdef tanhshrink_loops *loops
    cdef int types[2]
    if dtype.type_num >= NPY_USERDEF and is_bfloat16(dtype):
        loops = <tanhshrink_loops *> ufunc.functions
        types = [dtype.type_num, dtype.type_num]
        np.PyUFunc_RegisterLoopForType(<np.ufunc> <PyObject *> ufunc, dtype.type_num,
                                       loops.bfloat16, types, NULL)
    return search_loops(ufunc, casting, operands, type_tuple, dtypes)


cdef bint is_bfloat16(dtype):
    scalar = dtype.type
    return scalar.__name__ == "bfloat16" and scalar.__module__.partition(".")[0] == "ml_dtypes"


def available_targets():
    """Return the names of the CPU targets that can run here, fastest first."""
    return tuple(tanhshrink_targets[i].name.decode() for i in range(tanhshrink_target_count)
                 if tanhshrink_targets[i].available())


def make_tanhshrink(str target):
    """Return a new ufunc x - tanh(x) whose loops are those of `target`."""
    global search_loops
    cdef const tanhshrink_loops *loops
    for i in range(tanhshrink_target_count):
        if tanhshrink_targets[i].name.decode() == target and tanhshrink_targets[i].available():
            loops = tanhshrink_targets[i].loops
            break
    else:
        raise ValueError(f'target="{target}" is not available here; '
                         f'available: {", ".join(available_targets())}')
    ufunc = np.PyUFunc_FromFuncAndData(<np.PyUFuncGenericFunction *> loops.builtin, NO_DATA,
                                       TYPES, 3, 1, 1, np.PyUFunc_None, "tanhshrink", DOC, 0)
    cdef PyUFuncObject *fields = <PyUFuncObject *> <PyObject *> ufunc
    search_loops = fields.type_resolver
    fields.type_resolver = resolve_types
    ufunc.__module__ = "tanhshrink"  # where pickle finds it
    ufunc.__qualname__ = "tanhshrink"
    if not hasattr(np.ufunc, "__signature__"):  # NumPy < 2.4
        ufunc.__signature__ = inspect.signature(call)
    return ufunc


def call(x, /, out=None, *, where=True, casting="same_kind", order="K", dtype=None, subok=True,
         signature=None):
    """Has the signature of a ufunc with one input and one output."""


def choose_target():
    """Return the target named by TANHSHRINK_TARGET, else the fastest available.

    Raises
    ------
    ImportError
        If the variable names a target that is unknown or not available on this machine.
    """
    available = available_targets()
    wanted = os.environ.get("TANHSHRINK_TARGET", available[0])
    if wanted not in available:
        raise ImportError(f'TANHSHRINK_TARGET="{wanted}" is not available here; '
                          f'available: {", ".join(available)}. Set one of these or unset it.')
    return wanted


TARGET = choose_target()
tanhshrink = make_tanhshrink(TARGET)
