"""Arrays that have `__array_namespace__` alone: array-api-strict stands for them."""

import warnings
from importlib.util import find_spec

import numpy as np
import pytest

xp = pytest.importorskip("array_api_strict", reason="array-api-strict is not installed")

FLOATS = ["float32", "float64", "complex64", "complex128"]
INTEGERS = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
DEVICES = {"CPU_DEVICE": "float64", "device1": "float64", "no_float64": "float32"}  # default dtypes


def numbers(dtype, shape):
    random = np.random.default_rng(list(dtype.encode()))
    x = random.standard_normal(shape) * 10.0 ** random.uniform(-30, 2, shape)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
        return (x + 1j * random.permutation(x.ravel()).reshape(shape)).astype(dtype)


def same_bits(result, expected):
    values = np.from_dlpack(result)
    assert (values.shape, values.dtype) == (expected.shape, expected.dtype)
    assert values.tobytes() == expected.tobytes()
    return True


@pytest.mark.parametrize(
    ("device", "dtype"),
    [(device, dtype) for device in DEVICES for dtype in FLOATS if device != "no_float64"]
    + [("no_float64", "float32"), ("no_float64", "complex64")],
)
@pytest.mark.parametrize("shape", [(), (0,), (1,), (7,), (3, 4), (2, 0, 3), (2, 3, 50)])
def test_bits_of_numpy_dtype_shape_and_device_kept(ufunc, dtype, shape, device):
    values = numbers(dtype, shape)
    x = xp.asarray(values, device=xp.Device(device))
    result = ufunc(x)
    assert type(result) is type(x)
    assert result.dtype == getattr(xp, dtype)
    assert result.device == xp.Device(device)
    assert same_bits(result, np.asarray(ufunc(values)))


@pytest.mark.parametrize("dtype", FLOATS)
def test_any_strides(ufunc, dtype):
    values = numbers(dtype, (6, 8))
    x = xp.asarray(values)
    for view in [np.s_[::2, ::3], np.s_[::-1, :], np.s_[:, ::-2], np.s_[3, :]]:
        assert same_bits(ufunc(x[view]), ufunc(values[view]))
    assert same_bits(ufunc(x.T), ufunc(values.T))
    assert same_bits(
        ufunc(xp.broadcast_to(x, (2, 6, 8))), ufunc(np.broadcast_to(values, (2, 6, 8)))
    )


def test_special_values(ufunc):
    values = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, -5e-324, 1e-170])
    with np.errstate(under="ignore"):
        assert same_bits(ufunc(xp.asarray(values)), ufunc(values))


def test_a_read_only_array_is_taken_and_the_input_never_written(ufunc):
    values = numbers("float64", 5)
    values.flags.writeable = False
    x = xp.asarray(values, copy=False)
    before = values.tobytes()
    result = ufunc(x)
    result[0] = 7.0
    assert values.tobytes() == before


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_and_bools_give_the_default_real_dtype(ufunc, dtype, device):
    values = np.array([0, 1, 1, 0, 1]) if dtype == "bool" else np.array([0, 1, 2, 3, 100])
    result = ufunc(xp.asarray(values.astype(dtype), device=xp.Device(device)))
    assert result.dtype == getattr(xp, DEVICES[device])
    assert result.device == xp.Device(device)
    assert same_bits(result, ufunc(values.astype(dtype).astype(DEVICES[device])))


@pytest.mark.parametrize("version", ["2023.12", "2024.12", "2025.12"])
def test_every_version_of_the_standard_that_numpy_exchanges_arrays_with(ufunc, version):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with xp.ArrayAPIStrictFlags(api_version=version):
            x = xp.asarray([0.5, -2.0])
            assert same_bits(ufunc(x), ufunc(np.array([0.5, -2.0])))
            assert same_bits(ufunc(xp.asarray([1, 2])), ufunc(np.array([1.0, 2.0])))


@pytest.mark.parametrize(
    "keyword", [{"where": True}, {"dtype": np.float32}, {"casting": "no"}, {"outt": 1}]
)
def test_keywords_of_numpy_are_refused_by_name(ufunc, keyword):
    (word,) = keyword
    with pytest.raises(TypeError, match=rf"{word} cannot be given for a array_api_strict.Array; "):
        ufunc(xp.asarray([0.5]), **keyword)


def test_no_output_in_a_tuple_is_no_output(ufunc):
    assert same_bits(ufunc(xp.asarray([0.5]), out=(None,)), ufunc(np.array([0.5])))


def test_outputs_are_refused(ufunc):
    x, values = xp.asarray([0.5]), np.array([0.5])
    with pytest.raises(TypeError, match=r"out cannot be given for a array_api_strict.Array; "):
        ufunc(x, out=xp.asarray([0.5]))
    with pytest.raises(TypeError, match=r"out cannot be given for a array_api_strict.Array; "):
        ufunc(x, np.array([0.5]))
    for call in (
        lambda: ufunc(values, x),
        lambda: ufunc(values, out=x),
        lambda: ufunc(values, out=(x,)),
        lambda: ufunc(0.5, x),
    ):
        with pytest.raises(TypeError, match=r"out is a array_api_strict.Array but x is a \w+"):
            call()
    assert (float(x[0]), values.tolist()) == (0.5, [0.5])


class Elsewhere:
    """An array of array-api-strict that says to be on a device."""

    device = "elsewhere"
    dtype = xp.float64

    def __init__(self, kind):
        self.kind = kind

    def __array_namespace__(self):
        return xp

    def __dlpack_device__(self):
        return self.kind, 0


def test_devices_without_a_kernel_are_refused(ufunc):
    for kind in (4, 8, 10):  # OpenCL, Metal, ROCm
        message = rf"x is a test_array_api.Elsewhere on .* \(DLPack device {kind}\); copy it"
        with pytest.raises(TypeError, match=message):
            ufunc(Elsewhere(kind))


@pytest.mark.skipif(find_spec("cupy"), reason="CuPy is installed, which computes on CUDA devices")
def test_cuda_devices_are_refused_without_cupy(ufunc):
    for kind in (2, 13):
        with pytest.raises(TypeError, match=r"Elsewhere on a CUDA device; install CuPy"):
            ufunc(Elsewhere(kind))
