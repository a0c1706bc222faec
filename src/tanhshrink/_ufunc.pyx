# cython: language_level=3, freethreading_compatible=True
"""The genuine ufuncs: their tables of loops, the CPU target, and ml_dtypes on first sight."""

import inspect
import os
import threading

import numpy

cimport numpy as np
from cpython.mem cimport PyMem_Malloc
from cpython.object cimport PyObject
from cpython.pycapsule cimport PyCapsule_New
from cpython.ref cimport Py_INCREF
from libc.string cimport memcpy

from tanhshrink._docs import DOCS

np.import_array()
np.import_ufunc()


cdef extern from "loop.h":
    enum: TANHSHRINK_BF16, TANHSHRINK_C32, TANHSHRINK_BC32, TANHSHRINK_TYPES
    ctypedef struct tanhshrink_kernel:
        pass
    ctypedef struct tanhshrink_kernels:
        const tanhshrink_kernel *tanhshrink  # in C, arrays
        const tanhshrink_kernel *tanhshrink_grad
    ctypedef struct tanhshrink_target:
        const char *name
        int (*available)() noexcept
        const tanhshrink_kernels *kernels
    const tanhshrink_target tanhshrink_targets[]
    const int tanhshrink_target_count
    void tanhshrink_loop(char **, const np.npy_intp *, const np.npy_intp *, void *) noexcept
    void tanhshrink_loop_table(char **, const np.npy_intp *, const np.npy_intp *, void *) noexcept

cdef extern from "float_mode.h":
    ctypedef struct float_mode:
        pass
    float_mode set_default_mode() noexcept
    void restore_mode(const float_mode *) noexcept

cdef extern from "xla_handler.h":
    ctypedef void *tanhshrink_xla_handler(void *)
    tanhshrink_xla_handler tanhshrink_xla, tanhshrink_grad_xla
    void tanhshrink_xla_set_kernels(const tanhshrink_kernels *)

# What NumPy's own declarations for Cython lack.
cdef extern from "numpy/ndarraytypes.h":
    enum: NPY_USERDEF
    ctypedef struct PyArrayObject
    ctypedef struct PyArray_Descr

cdef extern from "numpy/ufuncobject.h":
    ctypedef struct PyUFuncObject
    ctypedef int PyUFunc_TypeResolutionFunc(PyUFuncObject *, np.NPY_CASTING, PyArrayObject **,
                                            PyObject *, PyArray_Descr **) except -1
    ctypedef struct PyUFuncObject:
        void **data
        PyUFunc_TypeResolutionFunc *type_resolver
    void PyUFunc_O_O_method(char **, const np.npy_intp *, const np.npy_intp *, void *) noexcept


# Tables for NumPy, which keeps them without copying: types of the loops, and the loops.
cdef char TYPES[16]
TYPES[:] = [np.NPY_FLOAT16, np.NPY_FLOAT16,
            np.NPY_FLOAT, np.NPY_FLOAT,
            np.NPY_DOUBLE, np.NPY_DOUBLE,
            np.NPY_LONGDOUBLE, np.NPY_LONGDOUBLE,
            np.NPY_CFLOAT, np.NPY_CFLOAT,
            np.NPY_CDOUBLE, np.NPY_CDOUBLE,
            np.NPY_CLONGDOUBLE, np.NPY_CLONGDOUBLE,
            np.NPY_OBJECT, np.NPY_OBJECT]
cdef char BFLOAT16_BITS[2]
BFLOAT16_BITS[:] = [np.NPY_UINT16, np.NPY_UINT16]
cdef np.PyUFuncGenericFunction LOOPS[8]
for i in range(7):
    LOOPS[i] = tanhshrink_loop
LOOPS[7] = PyUFunc_O_O_method  # calls the method of each element that is named like the ufunc

# NumPy's own search for the loop of some dtypes.
cdef PyUFunc_TypeResolutionFunc *search_loops

# Reentrant, as a signal handler may call the ufunc too.
REGISTERING = threading.RLock()


cdef int resolve_types(PyUFuncObject *ufunc, np.NPY_CASTING casting, PyArrayObject **operands,
                       PyObject *type_tuple, PyArray_Descr **dtypes) except -1:
    """Register the loop of an ml_dtypes type before NumPy searches for it the first time.

    This way ml_dtypes need not be imported by us, nor before us.
    """
    cdef np.dtype dtype
    wanted = <tuple> type_tuple if type_tuple else (None, None)  # dtypes or None
    candidates = [(<np.ndarray> <PyObject *> operands[i]).dtype for i in range(2) if operands[i]]
    for dtype in candidates + [dtype for dtype in wanted if dtype is not None]:
        if dtype.type_num >= NPY_USERDEF:
            with REGISTERING:
                register_loop(ufunc, dtype)
    # Beyond its own dtypes NumPy searches for those of operands only.
    dtype = wanted[0]
    if (dtype is not None and (wanted[1] is None or wanted[1] is dtype)
            and dtype.type_num in (<object> <PyObject *> ufunc)._registered):
        for i in range(2):
            Py_INCREF(dtype)
            dtypes[i] = <PyArray_Descr *> <PyObject *> dtype
        return 0
    return search_loops(ufunc, casting, operands, type_tuple, dtypes)


# The dtypes of ml_dtypes that have kernels.
KERNELS = {"bfloat16": TANHSHRINK_BF16, "complex32": TANHSHRINK_C32, "bcomplex32": TANHSHRINK_BC32}


cdef register_loop(PyUFuncObject *ufunc, np.dtype dtype):
    """Register a loop for the inexact dtypes of ml_dtypes, which have one for np.tanh."""
    scalar = (<object> dtype).type
    cdef int types[2]
    types = [dtype.type_num, dtype.type_num]
    if scalar.__module__.partition(".")[0] != "ml_dtypes":
        return
    registered = (<object> <PyObject *> ufunc)._registered
    if dtype.type_num in registered:
        return
    if scalar.__name__ in KERNELS:
        np.PyUFunc_RegisterLoopForType(<np.ufunc> <PyObject *> ufunc, dtype.type_num,
                                       tanhshrink_loop, types,
                                       ufunc.data[1 + <int> KERNELS[scalar.__name__]])
    elif scalar.__name__.startswith("float") and dtype.itemsize == 1:
        np.PyUFunc_RegisterLoopForType(<np.ufunc> <PyObject *> ufunc, dtype.type_num,
                                       tanhshrink_loop_table, types,
                                       result_table(<object> <PyObject *> ufunc, dtype))
    else:
        return
    registered.add(dtype.type_num)


cdef void *result_table(ufunc, dtype) except NULL:
    """Return the results for all numbers of a dtype of one byte."""
    cdef bytes results
    cdef float_mode mode = set_default_mode()
    try:
        results = compute_results(ufunc, dtype)
    finally:
        restore_mode(&mode)
    cdef void *table = PyMem_Malloc(256)
    if table == NULL:
        raise MemoryError
    memcpy(table, <const char *> results, 256)
    return table


cdef bytes compute_results(ufunc, dtype):
    x = numpy.arange(256, dtype=numpy.uint8).view(dtype).astype(numpy.float64)
    with numpy.errstate(all="ignore"):
        y = ufunc(x)
        # From 16 on y may be exactly half-way between two numbers of the dtype; the exact value,
        # which is not, is a hair farther from zero.
        large = numpy.abs(x) >= 16
        y[large] = numpy.nextafter(y[large], x[large] * numpy.inf)
        # ml_dtypes rounds to float32 first. So that this loses nothing, y is cut to 24 bits, the
        # last of which is set if anything is cut off (rounding to odd); and is kept in range.
        tiny = (y != 0) & (numpy.abs(y) < 2.0**-149)
        y[tiny] = numpy.copysign(2.0**-149, y[tiny])
        bits = y.view(numpy.uint64)
        cut_off = bits & numpy.uint64(2**29 - 1)
        bits[:] = bits - cut_off | numpy.where(cut_off != 0, numpy.uint64(2**29), numpy.uint64(0))
        return y.astype(dtype).tobytes()


def available_targets():
    """Return the names of the CPU targets that can run here, fastest first."""
    return tuple(tanhshrink_targets[i].name.decode() for i in range(tanhshrink_target_count)
                 if tanhshrink_targets[i].available())


cdef const tanhshrink_kernels *kernels_of(str target) except NULL:
    for i in range(tanhshrink_target_count):
        if tanhshrink_targets[i].name.decode() == target and tanhshrink_targets[i].available():
            return tanhshrink_targets[i].kernels
    raise ValueError(f'target="{target}" is not available here; '
                     f'available: {", ".join(available_targets())}')


def make_ufunc(str name, str target):
    """Return a new ufunc, "tanhshrink" or "tanhshrink_grad", with the kernels of `target`."""
    global search_loops
    cdef const tanhshrink_kernels *both = kernels_of(target)
    cdef const tanhshrink_kernel *kernels
    if name == "tanhshrink":
        kernels = both.tanhshrink
    elif name == "tanhshrink_grad":
        kernels = both.tanhshrink_grad
    else:
        raise ValueError(f'name="{name}" is neither "tanhshrink" nor "tanhshrink_grad"')

    # NumPy keeps these without copying them, so they are never freed.
    cdef bytes c_name = name.encode(), doc = DOCS[name].encode()
    KEPT.append((c_name, doc))
    cdef void **data = <void **> PyMem_Malloc((TANHSHRINK_TYPES + 1) * sizeof(void *))
    if data == NULL:
        raise MemoryError
    for i in range(7):
        data[i] = <void *> &kernels[i]
    data[7] = <void *> <const char *> c_name
    for i in range(7, TANHSHRINK_TYPES):  # beyond those NumPy knows, for register_loop
        data[1 + i] = <void *> &kernels[i]
    ufunc = np.PyUFunc_FromFuncAndData(LOOPS, data, TYPES, 8, 1, 1, np.PyUFunc_None, c_name, doc, 0)

    cdef PyUFuncObject *fields = <PyUFuncObject *> <PyObject *> ufunc
    if search_loops == NULL:
        search_loops = fields.type_resolver
    fields.type_resolver = resolve_types
    ufunc._registered = set()  # numbers of the ml_dtypes types that have a loop by now
    # For those who hold a bfloat16 as its 16 bits, and may not have ml_dtypes.
    ufunc._on_bfloat16_bits = np.PyUFunc_FromFuncAndData(LOOPS, &data[1 + TANHSHRINK_BF16],
                                                         BFLOAT16_BITS, 1, 1, 1, np.PyUFunc_None,
                                                         c_name, NULL, 0)
    ufunc.__module__ = "tanhshrink"  # where pickle finds it
    ufunc.__qualname__ = name
    if not hasattr(np.ufunc, "__signature__"):  # NumPy < 2.4
        ufunc.__signature__ = inspect.signature(call)
    return ufunc


KEPT = []  # what NumPy points into


def call(x, /, out=None, *, where=True, casting="same_kind", order="K", dtype=None, subok=True,
         signature=None):
    """Has the signature of a ufunc with one input and one output."""


def xla_handlers():
    """Return capsules of the handlers for XLA, by the name of the ufunc."""
    tanhshrink_xla_set_kernels(kernels_of(TARGET))
    return {"tanhshrink": PyCapsule_New(<void *> tanhshrink_xla, NULL, NULL),
            "tanhshrink_grad": PyCapsule_New(<void *> tanhshrink_grad_xla, NULL, NULL)}


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
tanhshrink = make_ufunc("tanhshrink", TARGET)
tanhshrink_grad = make_ufunc("tanhshrink_grad", TARGET)
