"""How XLA's threads share an array, with an XLA that has none to spare, refuses them, or is old."""

import ctypes
import threading

import numpy as np
import pytest

from tanhshrink import _ufunc

ERROR, FUTURE, THREADS = 77, 88, 8
FUNCTION = ctypes.CFUNCTYPE(ctypes.c_size_t, ctypes.POINTER(ctypes.c_size_t))
TASK = ctypes.CFUNCTYPE(None, ctypes.c_size_t)
F64 = 12

get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
get_pointer.restype, get_pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]


class Xla:
    """XLA as a handler sees it: structures of words. Subclasses say what becomes of a task."""

    refused = ()
    minor = 3
    words_of_api = 21

    def __init__(self, ufunc):
        self.x = np.random.default_rng(9).standard_normal(300_001)
        self.out = np.zeros_like(self.x)
        self.expected = ufunc(self.x)
        self.handler = FUNCTION(get_pointer(_ufunc.xla_handlers()[ufunc.__name__], None))
        self.kept, self.calls, self.tasks = [], [], []

    def words(self, *values):
        self.kept.append((ctypes.c_size_t * len(values))(*values))
        return ctypes.addressof(self.kept[-1])

    def function(self, call):
        """Give a method the shape of a function of XLA, which returns an error or 0."""

        def entry(arguments):
            self.calls.append(call.__name__)
            call(arguments)
            return ERROR if call.__name__ in self.refused else 0

        self.kept.append(FUNCTION(entry))
        return ctypes.cast(self.kept[-1], ctypes.c_void_p).value

    def call(self):
        """Call the handler; return the future that it leaves."""
        names = ("schedule", "count_threads", "create_future", "set_available")
        functions = [self.function(getattr(self, name)) for name in names]
        version = (8 * 3, 0, self.minor << 32)
        errors = (0, 0, self.function(self.destroy_error))
        size = 8 * self.words_of_api
        api = self.words(size, 0, *version, 0, *errors, *[0] * 8, *functions)
        dims = self.words(self.x.size)
        buffers = [self.words(48, 0, F64, y.ctypes.data, 1, dims) for y in (self.x, self.out)]
        lists = [(40, 0, 1, 0, self.words(buffer)) for buffer in buffers]
        frame = self.words(22 * 8, 0, api, 0, 3, *lists[0], *lists[1], *[0] * 6, 0)
        assert self.handler(ctypes.cast(frame, ctypes.POINTER(ctypes.c_size_t))) == 0
        return self.kept[-1][21]

    def finished(self):
        return self.out.tobytes() == self.expected.tobytes()

    def count_threads(self, arguments):
        ctypes.c_int64.from_address(arguments[3]).value = THREADS

    def create_future(self, arguments):
        arguments[2] = FUTURE

    def set_available(self, arguments):
        assert (arguments[2], self.finished()) == (FUTURE, True)

    def destroy_error(self, arguments):
        assert arguments[2] == ERROR

    def schedule(self, arguments):
        if "schedule" not in self.refused:
            self.tasks.append((TASK(arguments[3]), arguments[4]))


def test_an_array_waits_for_no_thread(ufunc):
    xla = Xla(ufunc)
    assert xla.call() == FUTURE
    assert xla.finished()
    assert xla.calls == ["count_threads", "create_future"] + ["schedule"] * 7 + ["set_available"]
    xla.out[:] = 0
    for task, data in xla.tasks:
        task(data)
    assert not xla.out.any()  # those that came too late
    assert xla.calls.count("set_available") == 1


def test_no_more_threads_are_asked_for_than_there_is_work_for(ufunc):
    class Prompt(Xla):
        def schedule(self, arguments):
            TASK(arguments[3])(arguments[4])

    xla = Prompt(ufunc)
    assert xla.call() == FUTURE
    assert xla.calls == ["count_threads", "create_future", "schedule", "set_available"]
    xla = Xla(ufunc)
    xla.x, xla.out, xla.expected = xla.x[:50_000], xla.out[:50_000], xla.expected[:50_000]
    assert xla.call() == FUTURE
    assert len(xla.tasks) == 2  # 3 * 2^17 bytes, one more thread for each 2^17
    for task, data in xla.tasks:
        task(data)


def test_the_result_is_there_when_the_future_is_available(ufunc):
    class Threaded(Xla):
        def schedule(self, arguments):
            self.tasks.append(threading.Thread(target=TASK(arguments[3]), args=(arguments[4],)))
            self.tasks[-1].start()

    for _ in range(30):
        xla = Threaded(ufunc)
        assert xla.call() == FUTURE
        for thread in xla.tasks:
            thread.join()
        assert xla.finished()
        assert xla.calls.count("set_available") == 1


@pytest.mark.parametrize("refused", ["count_threads", "create_future", "schedule"])
def test_an_xla_without_threads(ufunc, refused):
    xla = Xla(ufunc)
    xla.refused = (refused,)
    assert xla.call() == (FUTURE if refused == "schedule" else 0)
    assert xla.finished()
    assert xla.calls.count("destroy_error") == xla.calls.count(refused) > 0


@pytest.mark.parametrize(("minor", "words"), [(0, 21), (1, 20)])
def test_an_older_xla(ufunc, minor, words):
    xla = Xla(ufunc)
    xla.minor, xla.words_of_api = minor, words
    assert xla.call() == 0
    assert xla.finished()
    assert xla.calls == []
