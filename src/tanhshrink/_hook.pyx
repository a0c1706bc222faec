# cython: language_level=3, freethreading_compatible=True
"""The call hook: a call with an array of another library goes to the handler for that library.

A ufunc is called through a pointer that lies in the object itself (PEP 590). It is replaced here
by a function that passes the arrays and scalars of NumPy on to the pointer that was there, and so
costs next to nothing; the object stays a genuine `numpy.ufunc`. `ufunc.at`, `ufunc.reduce` and
the other methods do not pass through the pointer.
"""

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.object cimport PyObject
from cpython.tuple cimport PyTuple_GET_SIZE
from libc.string cimport memcpy

cimport numpy as np

np.import_array()


cdef extern from "Python.h":
    ctypedef PyObject *(*vectorcallfunc)(PyObject *, PyObject *const *, size_t,
                                         PyObject *) except NULL
    ctypedef PyObject *(*ternaryfunc)(PyObject *, PyObject *, PyObject *) except NULL
    ctypedef struct CallableType "PyTypeObject":
        Py_ssize_t tp_vectorcall_offset
        ternaryfunc tp_call
    const unsigned long Py_TPFLAGS_HAVE_VECTORCALL
    CallableType *Py_TYPE(object)
    int PyType_HasFeature(CallableType *, unsigned long)
    Py_ssize_t PyVectorcall_NARGS(size_t)
    PyObject *PyObject_Vectorcall(PyObject *, PyObject *const *, size_t, PyObject *) except NULL
    PyObject *PyVectorcall_Call(PyObject *, PyObject *, PyObject *) except NULL


cdef vectorcallfunc numpy_call = NULL  # what NumPy had put into the slot: the same for all ufuncs
cdef object find_handler
cdef dict HANDLERS = {}  # of classes seen so far; None where NumPy computes
cdef enum:
    MAX_HANDLERS = 1024  # for programs that keep on making classes


cdef vectorcallfunc *vectorcall_slot(ufunc):
    """Return where the pointer lies, found as CPython finds it; NULL if there is none."""
    cdef CallableType *cls = Py_TYPE(ufunc)
    if not PyType_HasFeature(cls, Py_TPFLAGS_HAVE_VECTORCALL) or cls.tp_call != PyVectorcall_Call:
        return NULL
    return <vectorcallfunc *> (<char *> <PyObject *> ufunc + cls.tp_vectorcall_offset)


def install(ufunc, find):
    """Let `ufunc` be computed by the handlers that `find` finds.

    Parameters
    ----------
    ufunc : numpy.ufunc
        Only its own calls are redirected.
    find : callable
        `find(cls)` returns the handler for arrays of a class, or None where NumPy computes. It is
        asked once per class. ``handler(ufunc, *args, **kwargs)`` gets the arguments of the call.

    Returns
    -------
    bool
        Whether the slot was found. If not, the ufunc is as NumPy made it.
    """
    global numpy_call, find_handler
    cdef vectorcallfunc *slot = vectorcall_slot(ufunc)
    if slot == NULL:
        return False
    find_handler = find
    if slot[0] != call:
        numpy_call = slot[0]
        slot[0] = call
    return True


cdef PyObject *call(PyObject *ufunc, PyObject *const *args, size_t nargsf,
                    PyObject *names) except NULL:
    """Stand in the ufunc's slot. Free of Python objects, so that NumPy's calls lose no time."""
    cdef Py_ssize_t i, nargs = PyVectorcall_NARGS(nargsf)
    cdef Py_ssize_t count = nargs
    if names != NULL:
        count += PyTuple_GET_SIZE(<object> names)
    for i in range(count):
        if not is_of_numpy(args[i]):
            return call_handler(ufunc, args, nargsf, names)
    return numpy_call(ufunc, args, nargsf, names)


cdef PyObject *call_handler(PyObject *ufunc, PyObject *const *args, size_t nargsf,
                            PyObject *names) except NULL:
    """Call the handler for the input or else the output; NumPy if neither has one."""
    cdef Py_ssize_t i, nargs = PyVectorcall_NARGS(nargsf)
    handler = handler_of(<object> args[0]) if nargs > 0 else None
    if handler is None and nargs > 1:
        handler = handler_of(<object> args[1])
    keywords = <tuple> names if names != NULL else ()
    for i in range(len(keywords)):
        if handler is None and keywords[i] == "out":
            handler = handler_of_out(<object> args[nargs + i])
    if handler is None:
        return numpy_call(ufunc, args, nargsf, names)
    # The ufunc, then the arguments as they are: no tuple or dictionary is made of them.
    cdef Py_ssize_t count = nargs + len(keywords)
    cdef PyObject **stack = <PyObject **> PyMem_Malloc((1 + count) * sizeof(PyObject *))
    if stack == NULL:
        raise MemoryError
    stack[0] = ufunc
    memcpy(stack + 1, args, count * sizeof(PyObject *))
    try:
        return PyObject_Vectorcall(<PyObject *> handler, stack, 1 + nargs, names)
    finally:
        PyMem_Free(stack)


cdef inline bint is_of_numpy(PyObject *x):
    """Whether x is what most calls have: exactly an array, or a scalar."""
    return np.PyArray_CheckExact(<object> x) or np.PyArray_IsAnyScalar(<object> x)


cdef handler_of_out(out):
    """NumPy takes a tuple of one output, too."""
    return handler_of(out[0] if isinstance(out, tuple) and len(out) == 1 else out)


cdef handler_of(x):
    handler = HANDLERS.get(type(x), HANDLERS)
    if handler is HANDLERS:  # not seen yet
        handler = find_handler(type(x))
        if len(HANDLERS) >= MAX_HANDLERS:
            HANDLERS.clear()
        HANDLERS[type(x)] = handler
    return handler
