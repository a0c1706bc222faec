"""On a GPU: every form of a call, with NumPy's ufunc as the model."""

import itertools

import numpy as np
import pytest

from tanhshrink import tanhshrink

pytest.importorskip("cupy", reason="CuPy is not installed")

import cupy

from gpu_values import COMPLEX, DTYPES, REAL, bits, cpu, random_numbers

every_dtype = pytest.mark.parametrize("dtype", [*REAL, *COMPLEX])


def numbers(dtype, *shape):
    """Return random numbers on the CPU and on the GPU."""
    x = random_numbers(dtype, int(np.prod(shape))).reshape(shape)
    return x, cupy.asarray(x)


@every_dtype
@pytest.mark.parametrize("order", "KACF")
def test_order_is_that_of_numpy(dtype, order, assert_same):
    x, on_gpu = numbers(dtype, 3, 4, 50)
    for transpose in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        view = x.transpose(transpose)
        got = tanhshrink(on_gpu.transpose(transpose), order=order)
        want = cpu("tanhshrink", view, order=order)
        assert_same(got, want)
        assert got.strides == want.strides


@every_dtype
def test_any_steps(dtype, assert_same):
    x, on_gpu = numbers(dtype, 30, 40)
    for index in (np.s_[::2], np.s_[:, ::-3], np.s_[1:, 3:], np.s_[7], np.s_[:, None, 5]):
        assert_same(tanhshrink(on_gpu[index]), cpu("tanhshrink", x[index]))
    rows = cupy.broadcast_to(on_gpu[:1], (9, 40))
    assert_same(tanhshrink(rows), cpu("tanhshrink", np.broadcast_to(x[:1], (9, 40))))


@every_dtype
def test_out(dtype, assert_same):
    x, on_gpu = numbers(dtype, 5, 60)
    want = cpu("tanhshrink", x)
    for out in (
        cupy.empty_like(on_gpu),
        cupy.empty((10, 60), x.dtype)[::2],
        cupy.empty((60, 5), x.dtype).T,
        on_gpu.copy(),
    ):
        assert tanhshrink(on_gpu, out=out) is out
        assert_same(out, want)
        assert tanhshrink(on_gpu, out) is out
        assert tanhshrink(on_gpu, out=(out,)) is out
    larger = cupy.empty((3, 5, 60), x.dtype)
    assert tanhshrink(on_gpu, out=larger) is larger
    assert_same(larger, np.broadcast_to(want, larger.shape))
    with pytest.raises(ValueError, match="out has the shape"):
        tanhshrink(on_gpu, out=larger[0, 0])


@every_dtype
def test_input_and_output_may_overlap(dtype, assert_same):
    for x_part, out_part in (
        (np.s_[:], np.s_[:]),
        (np.s_[:-1], np.s_[1:]),
        (np.s_[1:], np.s_[:-1]),
        (np.s_[:], np.s_[::-1]),
        (np.s_[::2], np.s_[:1000]),
    ):
        x, on_gpu = numbers(dtype, 2000)
        want = x.copy()
        want[out_part] = cpu("tanhshrink", x[x_part])
        tanhshrink(on_gpu[x_part], out=on_gpu[out_part])
        assert_same(on_gpu, want)


@pytest.mark.parametrize("code", "?bBhHiIlLqQefdFD")
def test_dtypes_are_those_of_numpy(code, assert_same):
    x = np.arange(100).astype(code)
    on_gpu = cupy.asarray(x)
    assert_same(tanhshrink(on_gpu), cpu("tanhshrink", x))
    for dtype in ("e", "f", "d", "F", "D"):
        if np.can_cast(code, dtype, "same_kind"):
            assert_same(tanhshrink(on_gpu, dtype=dtype), cpu("tanhshrink", x, dtype=dtype))
        else:
            with pytest.raises(TypeError):
                tanhshrink(on_gpu, dtype=dtype)
        want, out = np.empty(x.shape, dtype), cupy.empty(x.shape, dtype)
        if np.can_cast(cpu("tanhshrink", x).dtype, dtype, "same_kind"):
            cpu("tanhshrink", x, out=want)
            assert tanhshrink(on_gpu, out=out) is out
            assert_same(out, want)
        else:
            with pytest.raises(TypeError):
                tanhshrink(on_gpu, out=out)


@pytest.mark.parametrize(("x_dtype", "other"), [*itertools.permutations([*REAL, *COMPLEX], 2)])
def test_casts_are_those_of_numpy(x_dtype, other, assert_same):
    x, on_gpu = numbers(x_dtype, 40, 500)  # half of them random bits, subnormal ones among them
    try:
        want = cpu("tanhshrink", x, dtype=DTYPES[other])
    except TypeError:
        with pytest.raises(TypeError):
            tanhshrink(on_gpu, dtype=DTYPES[other])
    else:
        assert_same(tanhshrink(on_gpu, dtype=DTYPES[other]), want)
    out = cupy.empty(x.shape, DTYPES[other])
    try:
        want = cpu("tanhshrink", x, out=np.empty(x.shape, DTYPES[other]))
    except TypeError:
        with pytest.raises(TypeError):
            tanhshrink(on_gpu, out=out)
    else:
        assert_same(tanhshrink(on_gpu, out=out), want)


def test_casting_is_checked():
    x = cupy.arange(10.0)
    with pytest.raises(TypeError):
        tanhshrink(x, out=cupy.empty(10, np.int32))
    with pytest.raises(TypeError):
        tanhshrink(x, dtype=np.float32, casting="safe")
    with pytest.raises(TypeError):
        tanhshrink(cupy.arange(10), casting="no")
    assert tanhshrink(x, signature="f->f").dtype == np.float32


@every_dtype
def test_where(dtype, assert_same):
    x, on_gpu = numbers(dtype, 40, 50)
    rng = np.random.default_rng(1)
    for mask in (rng.random((40, 50)) < 0.5, rng.random(50) < 0.5, rng.random((3, 40, 1)) < 0.5):
        shape = np.broadcast_shapes(x.shape, mask.shape)
        want, out = np.ones(shape, x.dtype), cupy.ones(shape, x.dtype)
        cpu("tanhshrink", x, out=want, where=mask)
        assert tanhshrink(on_gpu, out=out, where=cupy.asarray(mask)) is out
        assert_same(out, want)
        fresh = tanhshrink(on_gpu, where=cupy.asarray(mask))
        chosen = np.broadcast_to(mask, shape)
        assert np.array_equal(bits(fresh.get()[chosen]), bits(want[chosen]))
    out = cupy.ones_like(on_gpu)
    assert_same(tanhshrink(on_gpu, out=out, where=False), np.ones_like(x))


def test_where_with_an_output_of_another_dtype(assert_same):
    x, on_gpu = numbers("float32", 4, 50)
    want, out = np.ones(x.shape, np.complex128), cupy.ones(x.shape, np.complex128)
    mask = np.arange(50) < 25
    want[:, mask] = cpu("tanhshrink", x)[:, mask]  # NumPy warns of `where` with a complex `out`
    tanhshrink(on_gpu, out=out, where=cupy.asarray(mask))
    assert_same(out, want)


@every_dtype
def test_no_dimension_and_no_element(dtype, assert_same):
    x, on_gpu = numbers(dtype, 1)
    assert_same(tanhshrink(on_gpu[0]), np.asarray(cpu("tanhshrink", x[0])))
    for shape in ((0,), (3, 0), (0, 2, 5)):
        assert_same(tanhshrink(cupy.empty(shape, x.dtype)), np.empty(shape, x.dtype))


def test_a_scalar_may_be_written_to_an_array(assert_same):
    out = cupy.empty(5)
    assert tanhshrink(0.5, out=out) is out
    assert_same(out, np.full(5, cpu("tanhshrink", 0.5)))
    tanhshrink(np.float64(2), out)
    assert_same(out, np.full(5, cpu("tanhshrink", 2.0)))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"out": np.empty(5)}, TypeError, "out is a numpy.ndarray but x is a cupy.ndarray"),
        ({"where": np.ones(5, bool)}, TypeError, r"where is a numpy.ndarray; pass cupy.asarray"),
        ({"where": cupy.ones}, TypeError, "where is a"),
        ({"dtype": "i4"}, TypeError, "No loop matching"),
        ({"dtype": "g"}, TypeError, "has no kernel on a GPU; use one of float16"),
        ({"axis": 0}, TypeError, "axis"),
    ],
)
def test_refusals_name_the_argument(arguments, error, message):
    with pytest.raises(error, match=message):
        tanhshrink(cupy.ones(5), **arguments)


def test_a_mask_that_is_not_boolean_is_refused():
    with pytest.raises(TypeError, match="where is an array of int64; pass booleans"):
        tanhshrink(cupy.ones(5), where=cupy.ones(5, np.int64))


def test_an_array_of_numpy_is_not_copied_to_the_gpu():
    with pytest.raises(TypeError, match=r"x is a numpy.ndarray; pass cupy.asarray\(x\)"):
        tanhshrink(np.ones(5), out=cupy.empty(5))


@pytest.mark.parametrize("method", ["reduce", "accumulate", "outer", "at"])
def test_methods_are_refused(method):
    arguments = {"outer": [cupy.ones(3)], "at": [[0]]}.get(method, [])
    with pytest.raises((TypeError, ValueError, NotImplementedError)):
        getattr(tanhshrink, method)(cupy.ones(3), *arguments)


def test_the_current_stream_is_used(assert_same):
    x, on_gpu = numbers("float32", 2**22)
    want = cpu("tanhshrink", x)
    stream = cupy.cuda.Stream(non_blocking=True)
    out = tanhshrink(on_gpu)  # which loads the kernel
    out[...] = 0
    cupy.cuda.Device().synchronize()
    with stream:
        stream.begin_capture()  # a launch on any other stream would not be recorded
        tanhshrink(on_gpu, out=out)
        graph = stream.end_capture()
    assert not out.any()
    graph.launch(stream)
    stream.synchronize()
    assert_same(out, want)


def test_the_array_s_device_is_used(assert_same):
    if cupy.cuda.runtime.getDeviceCount() < 2:
        pytest.skip("needs two GPUs")
    x = random_numbers("float32", 1000)
    with cupy.cuda.Device(1):
        on_gpu = cupy.asarray(x)
    got = tanhshrink(on_gpu)
    assert got.device == on_gpu.device
    assert_same(got, cpu("tanhshrink", x))
    with pytest.raises(ValueError, match="copy one to the other's device"):
        tanhshrink(on_gpu, out=cupy.empty_like(x))


def test_more_than_2_to_the_31_elements(assert_same):
    free, _ = cupy.cuda.runtime.memGetInfo()
    size = 2**31 + 2**16 + 3
    if free < 16 * 2**30:
        pytest.skip(f"needs 16 GiB of free memory on the GPU, but there are {free / 2**30:.1f}")
    x = np.arange(2**16, dtype=np.uint16).view(np.float16)
    want = cupy.asarray(cpu("tanhshrink", x)).view(np.uint16)
    rows = cupy.empty((2**15 + 2, 2**16), np.float16)
    rows[...] = cupy.asarray(x)
    large = rows.reshape(-1)[:size]
    number = ~cupy.isnan(cupy.asarray(x))
    for out in (tanhshrink(large), tanhshrink(large[1:])):  # packed and plain
        shift = size - out.size
        whole = out[2**16 - shift :][: 2**31].view(np.uint16).reshape(-1, 2**16)
        assert not ((whole != want) & number).any()
        assert_same(out[-3:], cpu("tanhshrink", x[:3]))


def test_dask_arrays_of_cupy_chunks(assert_same):
    array = pytest.importorskip("dask.array", reason="dask is not installed")
    x = random_numbers("float32", 1000)
    lazy = tanhshrink(array.from_array(cupy.asarray(x), chunks=300, asarray=False))
    assert_same(lazy.compute(), cpu("tanhshrink", x))
