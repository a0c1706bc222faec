"""The call hook and the search for a backend, with NumPy alone."""

import copy
import gc
import pickle
import subprocess
import sys
import threading
import weakref

import numpy as np
import pytest

from tanhshrink import _hook, _ufunc
from tanhshrink._dispatch import find_handler


@pytest.fixture
def plain(name):
    """Return the same ufunc without the hook."""
    return _ufunc.make_ufunc(name, _ufunc.TARGET)


class Foreign:
    """An array of an unknown library."""

    def __init__(self, value):
        self.value = value


@pytest.fixture
def handle(ufunc):
    """Return a function that lets a handler compute for a class of its own."""
    handlers = {}

    def handle(handler):
        cls = type("Array", (Foreign,), {})
        handlers[cls] = handler
        return cls

    assert _hook.install(ufunc, lambda cls: handlers.get(cls) or find_handler(cls))
    yield handle
    assert _hook.install(ufunc, find_handler)


def outcome(function, *args, **kwargs):
    """What a call gives: class, dtype and values of its result, or class and text of its error."""
    try:
        result = function(*args, **kwargs)
    except Exception as error:
        return type(error), str(error)
    return type(result), result.dtype, repr(result.tolist())


class Matrix(np.ndarray):
    pass


class OptedOut:
    __array_ufunc__ = None


CALLS = {
    "nothing": ((), {}),
    "float": ((0.5,), {}),
    "int": ((3,), {}),
    "bool": ((True,), {}),
    "complex": ((1j,), {}),
    "int too large for any dtype": ((10**40,), {}),
    "string": (("0.5",), {}),
    "bytes": ((b"0.5",), {}),
    "None": ((None,), {}),
    "float32": ((np.float32(0.5),), {}),
    "float16": ((np.float16(0.5),), {}),
    "longdouble": ((np.longdouble(0.5),), {}),
    "datetime": ((np.datetime64(1, "s"),), {}),
    "0-d array": ((np.array(0.5),), {}),
    "empty array": ((np.ones((0, 3)),), {}),
    "list": (([0.5, [1.0]],), {}),
    "ragged list": (([0.5, 1.0],), {}),
    "tuple": (((0.5, 1.0),), {}),
    "range": ((range(5),), {}),
    "object without the method": ((object(),), {}),
    "class that opts out": ((OptedOut(),), {}),
    "subclass": ((np.ones(3).view(Matrix),), {}),
    "subclass, subok": ((np.ones(3).view(Matrix),), {"subok": False}),
    "masked array": ((np.ma.array([1.0, 2.0], mask=[True, False]),), {}),
    "two inputs": ((0.5, 0.5), {}),
    "three inputs": ((0.5, 0.5, 0.5), {}),
    "out, None": ((0.5, None), {}),
    "out, positional": ((np.ones(3), np.empty(3)), {}),
    "out, keyword": ((np.ones(3),), {"out": np.empty(3)}),
    "out, tuple": ((np.ones(3),), {"out": (np.empty(3),)}),
    "out, None in a tuple": ((np.ones(3),), {"out": (None,)}),
    "out, empty tuple": ((np.ones(3),), {"out": ()}),
    "out, twice": ((np.ones(3), np.empty(3)), {"out": np.empty(3)}),
    "out, a list": ((np.ones(3),), {"out": [0.0]}),
    "out, only": ((), {"out": np.empty(3)}),
    "out of another dtype": ((np.ones(3), np.empty(3, np.int8)), {}),
    "where": ((np.ones(3),), {"where": [True, False, True], "out": np.zeros(3)}),
    "dtype": ((np.ones(3),), {"dtype": np.float32}),
    "dtype, string": ((np.ones(3),), {"dtype": "f4"}),
    "dtype, unsafe": ((np.ones(3),), {"dtype": "f4", "casting": "no"}),
    "signature": ((np.ones(3),), {"signature": "f->f"}),
    "unknown keyword": ((np.ones(3),), {"outt": np.ones(3)}),
    "x as a keyword": ((), {"x": np.ones(3)}),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_numpy_answers_as_without_the_hook(ufunc, plain, call):
    args, kwargs = call
    assert outcome(ufunc, *args, **kwargs) == outcome(plain, *args, **kwargs)
    assert outcome(type(ufunc).__call__, ufunc, *args, **kwargs) == outcome(plain, *args, **kwargs)


def test_the_hook_is_there(ufunc):
    assert isinstance(ufunc, np.ufunc)
    assert _hook.install(ufunc, find_handler)  # and again is no harm
    assert ufunc(0.5) == getattr(_ufunc, ufunc.__name__)(0.5)


@pytest.mark.parametrize("other", [object(), Foreign(1), type, len])
def test_nothing_is_installed_where_the_slot_is_not_found(other):
    assert not _hook.install(other, find_handler)
    assert len([other]) == 1  # a plain function of C, and still itself


def test_a_handler_gets_the_call_as_it_was_written(ufunc, handle):
    calls = []
    cls = handle(lambda *args, **kwargs: calls.append((args, kwargs)) or len(calls))
    x, out = cls(1), cls(2)
    array = np.ones(3)
    assert ufunc(x) == 1
    assert ufunc(x, out) == 2
    assert ufunc(x, out=out, where=True) == 3
    assert ufunc(array, out) == 4
    assert ufunc(array, out=out) == 5
    assert ufunc(array, out=(out,)) == 6
    assert ufunc(x, dtype=np.float32) == 7
    assert ufunc(x, 1, 2, 3) == 8
    assert calls == [
        ((ufunc, x), {}),
        ((ufunc, x, out), {}),
        ((ufunc, x), {"out": out, "where": True}),
        ((ufunc, array, out), {}),
        ((ufunc, array), {"out": out}),
        ((ufunc, array), {"out": (out,)}),
        ((ufunc, x), {"dtype": np.float32}),
        ((ufunc, x, 1, 2, 3), {}),
    ]


def test_an_error_of_a_handler_passes_through(ufunc, handle):
    def handler(ufunc, x):
        raise LookupError(x.value)

    with pytest.raises(LookupError, match=r"^17$"):
        ufunc(handle(handler)(17))


def test_an_error_of_the_search_passes_through_and_is_not_remembered(ufunc, handle):
    found = []

    def search(cls):
        if not found:
            raise LookupError("no library")
        return found[0]

    class Array(Foreign):
        pass

    _hook.install(ufunc, search)
    with pytest.raises(LookupError, match="no library"):
        ufunc(Array(1))
    found.append(lambda ufunc, x: "computed")
    assert ufunc(Array(1)) == "computed"


def test_a_handler_may_call_the_ufunc(ufunc, handle):
    nested = handle(lambda ufunc, x: ufunc(x.value))
    x = 0.5
    for _ in range(100):
        x = nested(x)
    assert ufunc(x) == ufunc(0.5)


def test_no_reference_is_lost_or_kept(ufunc, handle):
    def handler(ufunc, x, out=None, **kwargs):
        if out is not None:
            raise LookupError
        return x.value

    cls = handle(handler)
    value, out, keyword = Foreign(1), Foreign(2), Foreign(3)
    x = cls(value)

    def call():
        assert ufunc(x) is value
        assert ufunc(x, where=keyword) is value
        for kwargs in ({"out": out}, {"out": out, "where": keyword}):
            with pytest.raises(LookupError):
                ufunc(x, **kwargs)
        with pytest.raises(TypeError):
            ufunc(out, out=keyword)

    call()
    watched = (x, value, out, keyword, cls, handler, ufunc)
    gc.collect()
    before = [sys.getrefcount(each) for each in watched]
    for _ in range(100):
        call()
    gc.collect()
    assert [sys.getrefcount(each) for each in watched] == before


def test_classes_are_forgotten_in_the_end(ufunc, handle):
    searched = []
    _hook.install(ufunc, lambda cls: searched.append(weakref.ref(cls)) or (lambda ufunc, x: x))

    for _ in range(5000):
        ufunc(type("Array", (), {})())
    gc.collect()
    assert len(searched) == 5000
    assert sum(cls() is not None for cls in searched) <= 1024


def test_threads_may_call_it_with_new_classes(ufunc, handle):
    _hook.install(ufunc, lambda cls: lambda ufunc, x: x.value)
    errors = []

    def work(seed):
        try:
            for i in range(2000):
                assert ufunc(type("Array", (Foreign,), {})(seed + i)) == seed + i
                assert ufunc(1e-8) == plain_result
        except BaseException as error:
            errors.append(error)

    plain_result = ufunc(1e-8)
    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(0, 40000, 10000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_it_is_still_copied_and_pickled_as_a_global(ufunc):
    assert copy.copy(ufunc) is ufunc
    assert copy.deepcopy(ufunc) is ufunc
    assert pickle.loads(pickle.dumps(ufunc)) is ufunc


def test_nothing_foreign_is_imported_for_numpy():
    code = (
        "import sys, numpy, tanhshrink\n"
        "tanhshrink.tanhshrink(numpy.ones(3), numpy.ones(3)); tanhshrink.tanhshrink_grad([1.0])\n"
        "foreign = {'torch', 'jax', 'cupy', 'dask', 'ml_dtypes', 'array_api_compat', 'pandas'}\n"
        "print(sorted(foreign & set(sys.modules)),\n"
        "      sorted(name for name in sys.modules if name.startswith('tanhshrink._backends')))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "[] []\n"


class OnDevice(Foreign):
    """An array that says where it lies by DLPack, and can be converted."""

    kind = 1

    def __dlpack_device__(self):
        return self.kind, 0

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.value, dtype)


def test_an_unknown_array_on_the_cpu_is_converted_by_numpy(ufunc):
    out = np.zeros(2)
    assert ufunc(OnDevice([0.5, 1.0])).tolist() == ufunc([0.5, 1.0]).tolist()
    assert ufunc(OnDevice([0.5, 1.0]), out=out) is out
    assert out.tolist() == ufunc([0.5, 1.0]).tolist()


@pytest.mark.parametrize(
    "x", [np.ones(1), [1.0], 1.0, OnDevice([1.0])], ids=lambda x: type(x).__name__
)
def test_an_unknown_array_is_refused_as_output(ufunc, x):
    out = OnDevice([0.5])
    for call in (lambda: ufunc(x, out), lambda: ufunc(x, out=out), lambda: ufunc(x, out=(out,))):
        with pytest.raises(TypeError, match=r"out is a \S*OnDevice but x is a .*; use"):
            call()


@pytest.mark.parametrize("kind", [2, 4, 8, 10, 13])  # CUDA, OpenCL, Metal, ROCm, managed CUDA
def test_an_unknown_array_on_a_device_is_refused(ufunc, kind):
    x = OnDevice([0.5])
    x.kind = kind
    message = (
        rf"{ufunc.__name__}: x is a test_dispatch.OnDevice on .* \(DLPack device {kind}\); copy"
    )
    with pytest.raises(TypeError, match=message):
        ufunc(x)


def test_an_unknown_cuda_array_is_refused(ufunc):
    class CudaArray(Foreign):
        __cuda_array_interface__ = None

        def __array__(self, dtype=None, copy=None):
            raise AssertionError("copied to the host")

    with pytest.raises(TypeError, match=r"x is a test_dispatch.* on a device"):
        ufunc(CudaArray(1))
