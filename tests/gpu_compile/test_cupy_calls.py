"""Calls with arrays of CuPy, in the CPU's memory and with kernels compiled for it."""

import ctypes
import functools

import ml_dtypes
import numpy as np
import pytest

from tanhshrink import _ufunc

pytest.importorskip("cupy", reason="CuPy is not installed (tox -e gpu-compile installs it)")

import cuda_toolchain
import cupy

from gpu_values import COMPLEX, REAL, bits, cpu, random_numbers
from tanhshrink._backends import cupy as backend
from tanhshrink._backends import cupy_launch


class HostArrays:
    """CuPy's arrays in the CPU's memory, and kernels that run there."""

    def __init__(self, on_cpu, folder):
        self.on_cpu = on_cpu
        self.cast_on_cpu = functools.partial(cuda_toolchain.compile_cast, folder)
        self.launched = []
        self.threads = self.block_size = None  # of the last launch; as many as elements if None
        self.allocated = []

    def allocate(self, size, device=0):
        self.allocated.append(size)
        block = np.zeros(size + 512, np.uint8)
        memory = cupy.cuda.UnownedMemory(block.ctypes.data, block.nbytes, block, device)
        return cupy.cuda.MemoryPointer(memory, -block.ctypes.data % 512)

    def array(self, values):
        """Return a copy as an array of CuPy."""
        x = cupy.ndarray(values.shape, values.dtype, strides=None)
        self.values(x)[...] = values
        return x

    def values(self, x):
        """Return a NumPy array on the same memory."""
        low, high = cupy._core._memory_range.get_bound(x)
        memory = (ctypes.c_uint8 * (high - low)).from_address(low)
        return np.ndarray(x.shape, x.dtype, memory, x.data.ptr - low, x.strides)

    def kernel(self, name, dtype, form):
        run = self.on_cpu(name, dtype.name, form)

        def launch(*arguments, size=None, block_size=128):
            self.launched.append(form)
            assert block_size <= 1024  # the most that any GPU can run
            x, *mask, y = arguments
            assert y.size > 0
            self.threads, self.block_size = size, block_size
            if form in ("packed", "shared", "queued"):
                assert x.ndim == y.ndim == 1
                assert x.data.ptr % 16 == y.data.ptr % 16 == 0
            run(self.values(x), self.values(y), *map(self.values, mask), threads=size)

        return launch

    def cast_kernel(self, from_dtype, to_dtype):
        run = self.cast_on_cpu(from_dtype.name, to_dtype.name)
        return lambda x, y: run(self.values(x), self.values(y))

    def copyto(self, to, values, where=None):
        where = True if where is None else self.values(where)
        np.copyto(self.values(to), self.values(values), casting="no", where=where)


@pytest.fixture
def host(on_cpu, tmp_path, monkeypatch):
    arrays = HostArrays(on_cpu, tmp_path)
    monkeypatch.setattr(cupy_launch, "kernel", arrays.kernel)
    monkeypatch.setattr(cupy_launch, "cast_kernel", arrays.cast_kernel)
    monkeypatch.setattr(cupy, "copyto", arrays.copyto)
    monkeypatch.setattr(cupy_launch, "multiprocessors", lambda device: 2)
    with cupy.cuda.using_allocator(arrays.allocate):
        yield arrays


def check_call(host, x, out=None, mask=None, order="K", name="tanhshrink"):
    """Compute on the host and compare with the ufunc; return the result and the form."""
    values = host.values(x).copy()
    result = backend.compute(getattr(_ufunc, name), x, out, mask, order)
    want = cpu(name, values)
    got = host.values(result)
    chosen = True if mask is None else host.values(mask)
    want, chosen = np.broadcast_to(want, got.shape), np.broadcast_to(chosen, got.shape)
    assert np.array_equal(bits(got[chosen]), bits(want[chosen]))
    return result, host.launched[-1]


@pytest.mark.parametrize("dtype", [*REAL, "complex64"])
def test_arrays_without_gaps_take_the_packed_form(host, dtype):
    x = host.array(random_numbers(dtype, 600).reshape(2, 3, 100))
    for view in (x, x.T, x[0], x[:, :, ::1], x[1, 2, 12:], x.ravel()[:597]):
        result, form = check_call(host, view)
        assert form == "packed"
        assert result.strides == view.strides
    for view, order in ((x, "F"), (x.T, "C")):
        result, form = check_call(host, view, order=order)
        assert form == "plain"
        assert result.flags[f"{order}_CONTIGUOUS"]


@pytest.mark.parametrize("dtype", REAL)
def test_other_arrays_take_the_plain_form(host, dtype):
    x = host.array(random_numbers(dtype, 600).reshape(2, 3, 100))
    for view in (x[0, 0, 1:], x[:, :, ::2], x[:, ::-1], x.transpose(1, 0, 2), x[:, 1]):
        assert check_call(host, view)[1] == "plain"
    out = cupy.empty(x.shape[::-1], x.dtype).T
    assert check_call(host, x, out)[1] == "plain"
    out = cupy.empty(x.size + 1, x.dtype)[1:].reshape(x.shape)  # not from a multiple of 16 bytes
    assert check_call(host, x, out)[1] == "plain"


def test_a_large_float64_array_takes_the_table_in_shared_memory(host):
    x = host.array(random_numbers("float64", 2**18 + 1))  # ten packs and more for each thread
    assert x.size > cupy_launch.SHARED_FROM
    assert check_call(host, x)[1] == "shared"
    assert host.threads == 2 * 1024  # as many as run at once
    assert check_call(host, x[2:])[1] == "packed"
    assert check_call(host, x, x, name="tanhshrink_grad")[0] is x
    for dtype in ("float16", "float32"):
        assert check_call(host, host.array(random_numbers(dtype, x.size)))[1] == "packed"


def test_a_large_complex128_array_takes_the_queued_form(host, monkeypatch):
    x = host.array(random_numbers("complex128", 2**19 + 3))
    assert x.size > cupy_launch.QUEUED_FROM
    assert check_call(host, x)[1] == "queued"
    assert (host.threads, host.block_size) == (2 * 32 * 256, 256)
    monkeypatch.setattr(cupy_launch, "multiprocessors", lambda device: 132)
    assert check_call(host, x)[1] == "queued"
    assert (host.threads, host.block_size) == (2**16, 256)  # so that each has eight elements
    assert check_call(host, x[4:])[1] == "plain"
    assert check_call(host, x, x, name="tanhshrink_grad")[0] is x


@pytest.mark.parametrize("dtype", REAL)
def test_arrays_of_no_dimension_or_no_element(host, dtype):
    x = host.array(random_numbers(dtype, 1).reshape(()))
    assert check_call(host, x)[0].shape == ()
    for shape in ((0,), (3, 0, 2)):
        empty = host.array(np.empty(shape, dtype))
        assert backend.compute(_ufunc.tanhshrink, empty, None, None, "K").shape == shape


@pytest.mark.parametrize("dtype", [*REAL, *COMPLEX])
def test_the_input_is_broadcast_to_the_output_and_the_mask(host, dtype):
    x = host.array(random_numbers(dtype, 50))
    out = cupy.empty((3, 50), x.dtype)
    assert check_call(host, x, out)[0] is out
    mask = host.array(np.array([[True], [False], [True]]))
    result, form = check_call(host, x, None, mask)
    assert (result.shape, form) == ((3, 50), "masked")
    for size in (49, 51):
        other = cupy.empty(size, x.dtype)
        message = rf"out has the shape \({size},\), the result \(50,\)"
        with pytest.raises(ValueError, match=message):
            backend.compute(_ufunc.tanhshrink, x, other, None, "K")


def test_nothing_is_allocated_but_the_result(host):
    x = host.array(random_numbers("float64", 600).reshape(30, 20))
    y, mask = host.array(random_numbers("float64", 600)), host.array(np.arange(600) % 3 == 0)
    for view in (x, x.T, x[:, ::2], x[3], y[1:]):
        host.allocated.clear()
        check_call(host, view)
        assert host.allocated == [view.nbytes]
    for arguments in ((x, x), (x, y.reshape(30, 20)), (x[0], x[1]), (y, None, mask)):
        host.allocated.clear()
        check_call(host, *arguments)
        assert host.allocated == ([] if arguments[1] is not None else [y.nbytes])


def test_only_an_input_that_would_be_overwritten_too_early_is_copied(host):
    memory = cupy.empty(100, np.float32)
    x = memory[:50]
    assert not backend.must_copy(x, x)
    assert not backend.must_copy(x, memory[50:])
    assert backend.must_copy(x, memory[1:51])
    assert backend.must_copy(x, x[::-1])
    assert backend.must_copy(memory[::2], x)
    assert backend.must_copy(x.view(np.uint8)[:50].view(bool), x)


def test_a_mask_is_copied_like_an_input(host, monkeypatch):
    must_copy, answers = backend.must_copy, []

    def ask(x, result):
        answers.append(must_copy(x, result))
        return False  # to copy takes a GPU

    monkeypatch.setattr(backend, "must_copy", ask)
    x, out = host.array(np.ones(50, np.float32)), host.array(np.zeros(50, np.float32))
    backend.compute(_ufunc.tanhshrink, x, out, out.view(bool)[:50], "K")
    assert answers == [False, True]


def test_an_output_of_another_dtype_is_written_where_the_mask_is_true(host):
    x = random_numbers("float32", 600).reshape(30, 20)
    some = np.arange(20) % 3 == 0
    for where, chosen in ((True, np.s_[:]), (host.array(some), some)):
        for out_dtype in ("float64", "complex128"):
            want, out = np.ones(x.shape, out_dtype), host.array(np.ones(x.shape, out_dtype))
            want[:, chosen] = cpu("tanhshrink", x)[:, chosen]
            assert backend.call_here(_ufunc.tanhshrink, host.array(x), out, where=where) is out
            assert np.array_equal(bits(host.values(out)), bits(want))


def test_an_input_is_cast_as_by_numpy(host):
    x = random_numbers("float32", 600).reshape(30, 20)  # subnormal numbers among them
    for dtype in ("float64", "complex128"):
        for axes in ((0, 1), (1, 0)):
            view = host.array(x).transpose(axes)
            got = backend.call_here(_ufunc.tanhshrink, view, dtype=dtype)
            want = cpu("tanhshrink", x.transpose(axes), dtype=dtype)
            assert np.array_equal(bits(host.values(got)), bits(want))
            assert got.strides == want.strides


def test_arrays_that_were_imported_apart_may_overlap(host):
    block = np.zeros(100)
    first, second = (
        cupy.ndarray(
            50,
            memptr=cupy.cuda.MemoryPointer(
                cupy.cuda.UnownedMemory(part.ctypes.data, part.nbytes, block, 0), 0
            ),
        )
        for part in (block[:50], block[1:51])
    )
    assert backend.must_copy(first, second)
    assert backend.must_copy(second, first)


@pytest.mark.parametrize("code", "?bBhHiIlLqQefdFD")
@pytest.mark.parametrize("out", [None, "d", "D"])
def test_dtypes_are_those_of_tanh(code, out):
    dtypes = (np.dtype(code), None if out is None else np.dtype(out))
    try:
        want = np.tanh.resolve_dtypes(dtypes, casting="same_kind")[0]
    except TypeError:
        with pytest.raises(TypeError):
            backend.loop_dtype(_ufunc.tanhshrink, *dtypes, "same_kind", None)
    else:
        assert backend.loop_dtype(_ufunc.tanhshrink, *dtypes, "same_kind", None) == want


def test_bfloat16_keeps_its_dtype():
    bfloat16 = np.dtype(ml_dtypes.bfloat16)
    assert backend.loop_dtype(_ufunc.tanhshrink, bfloat16, None, "same_kind", None) == bfloat16


def test_a_dtype_can_be_asked_for():
    dtype = backend.loop_dtype(
        _ufunc.tanhshrink, np.dtype("i4"), None, "same_kind", (None, np.dtype("f4"))
    )
    assert dtype == np.float32


def test_a_dtype_without_a_kernel_is_refused():
    with pytest.raises(TypeError, match="has no kernel on a GPU"):
        backend.loop_dtype(
            _ufunc.tanhshrink, np.dtype("f4"), None, "same_kind", (None, np.dtype("g"))
        )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"where": np.ones(3, bool)}, r"where is a numpy.ndarray; pass cupy.asarray\(where\)"),
        ({"where": [True]}, "where is a builtins.list"),
        ({"dtype": "f4", "signature": "f->f"}, "only one of dtype and signature"),
        ({"dtype": "i4"}, "No loop matching"),
        ({"axis": 0}, "axis"),
    ],
)
def test_refusals_name_the_argument(host, arguments, message):
    with pytest.raises(TypeError, match=message):
        backend.call_here(_ufunc.tanhshrink, cupy.empty(3), **arguments)


@pytest.mark.parametrize("name", ["out", "where"])
def test_an_argument_on_another_device_is_refused(host, name):
    other = cupy.ndarray(3, bool, memptr=host.allocate(3, device=1))
    with pytest.raises(ValueError, match=f"{name} is on .* 1> but x on .* 0>; copy one"):
        backend.call_here(_ufunc.tanhshrink, cupy.empty(3), **{name: other})


def test_an_output_on_the_cpu_is_refused(host):
    with pytest.raises(TypeError, match="but x is a cupy"):
        backend.call(_ufunc.tanhshrink, cupy.empty(3), np.empty(3))


def test_an_input_on_the_cpu_is_refused(host):
    with pytest.raises(TypeError, match=r"x is a numpy.ndarray; pass cupy.asarray\(x\)"):
        backend.call_here(_ufunc.tanhshrink, np.empty(3), cupy.empty(3))
