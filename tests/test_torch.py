"""Tensors of torch: values, layouts, out=, refusals. Derivatives are in test_torch_derivatives."""

import contextlib
import math
import multiprocessing
import subprocess
import sys

import ml_dtypes
import numpy as np
import pytest

import tanhshrink

torch = pytest.importorskip("torch", reason="torch is not installed")

REAL = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
COMPLEX = [torch.complex64, torch.complex128]


@pytest.fixture(
    params=[tanhshrink.tanhshrink, tanhshrink.tanhshrink_grad], ids=lambda f: f.__name__
)
def ufunc(request):
    """A public ufunc, with the call hook."""
    return request.param


@pytest.fixture(params=REAL + COMPLEX, ids=str)
def dtype(request):
    """A dtype that torch computes in."""
    return request.param


@contextlib.contextmanager
def threads(count):
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def numbers(dtype, count=1000):
    """Bit patterns: all of 16 bits, else random ones."""
    if dtype.itemsize == 2:
        return torch.arange(2**16, dtype=torch.int32).to(torch.uint16).view(dtype)
    generator = torch.Generator().manual_seed(0)
    size = (count * dtype.itemsize,)
    return torch.randint(256, size, dtype=torch.uint8, generator=generator).view(dtype)


def as_numpy(x):
    x = x.resolve_conj().resolve_neg()
    if x.dtype == torch.bfloat16:
        return x.view(torch.uint16).numpy().view(ml_dtypes.bfloat16)
    return x.numpy()


def of_numpy(ufunc, x):
    """Return what the ufunc gives for the values of a tensor as an array."""
    with np.errstate(all="ignore"):
        return np.asarray(ufunc(as_numpy(x)))


def assert_same_bits(result, expected):
    assert type(result) is torch.Tensor
    result = as_numpy(result)
    assert result.dtype == expected.dtype
    assert result.shape == expected.shape
    assert result.tobytes() == expected.tobytes()


def test_bits_are_those_of_the_ufunc(ufunc, dtype):
    x = numbers(dtype)
    assert_same_bits(ufunc(x), of_numpy(ufunc, x))


@pytest.mark.parametrize("default", [torch.float32, torch.float64], ids=str)
def test_integers_and_bools_give_the_default_dtype_of_torch(ufunc, default):
    before = torch.get_default_dtype()
    torch.set_default_dtype(default)
    try:
        for dtype in (torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64):
            x = torch.tensor([0, 1, 3]).to(dtype)
            assert torch.tanh(x).dtype == default
            assert_same_bits(ufunc(x), of_numpy(ufunc, x.to(default)))
    finally:
        torch.set_default_dtype(before)


LAYOUTS = {
    "0-d": lambda x: x[5],
    "empty": lambda x: x[:0],
    "empty, 2-d": lambda x: x[:0].reshape(0, 3),
    "every third": lambda x: x[1::3],
    "transposed": lambda x: x[:600].reshape(20, 30).T,
    "channels_last": lambda x: x[:720].reshape(2, 3, 12, 10).to(memory_format=torch.channels_last),
    "expanded": lambda x: x[:10].reshape(10, 1).expand(10, 7),
    "conjugated": lambda x: x.conj(),
    "negative": lambda x: torch._neg_view(x),
    "misaligned by one": lambda x: x[1:],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout_gives_the_layout_that_torch_gives(ufunc, dtype, layout):
    x = LAYOUTS[layout](numbers(dtype))
    result = ufunc(x)
    assert result.stride() == torch.tanh(x).stride()
    assert_same_bits(result, of_numpy(ufunc, x))


def test_the_input_is_left_alone(ufunc, dtype):
    x = numbers(dtype)
    before = x.clone()
    ufunc(x)
    assert as_numpy(x).tobytes() == as_numpy(before).tobytes()


def test_samples_of_torch(ufunc):
    torch_tests = pytest.importorskip(
        "torch.testing._internal.common_methods_invocations",
        reason="torch's own tests need expecttest",
    )
    (op,) = [op for op in torch_tests.op_db if op.name == "nn.functional.tanhshrink"]
    for dtype in op.supported_dtypes("cpu"):
        for sample in op.sample_inputs("cpu", dtype):
            x = sample.input
            if not dtype.is_floating_point and not dtype.is_complex:
                x = x.to(torch.get_default_dtype())
            assert_same_bits(ufunc(sample.input), of_numpy(ufunc, x))
            if ufunc is tanhshrink.tanhshrink:  # that of torch is accurate in wide dtypes only
                wide = torch.complex128 if dtype.is_complex else torch.float64
                expected = op(sample.input.to(wide)).to(x.dtype)
                torch.testing.assert_close(ufunc(sample.input), expected)


@pytest.mark.parametrize("count", [1, 2, 7])
@pytest.mark.parametrize("shape", [(2**20,), (3, 2**19), (2,) * 20, (700, 1, 1500)])
def test_threads_change_no_bit(ufunc, count, shape):
    x = numbers(torch.float64, math.prod(shape)).reshape(shape)
    with threads(count):
        assert_same_bits(ufunc(x), of_numpy(ufunc, x))
        assert_same_bits(ufunc(x.movedim(0, -1)), of_numpy(ufunc, x.movedim(0, -1)))


def compute_in_child(x, connection):
    with threads(2):
        connection.send(tanhshrink.tanhshrink(x).numpy().tobytes())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # Python 3.12: it has threads
def test_a_forked_process_has_threads_of_its_own():
    x = numbers(torch.float64, 2**20)
    with threads(2):
        expected = tanhshrink.tanhshrink(x).numpy().tobytes()
    receiver, sender = multiprocessing.Pipe()
    fork = multiprocessing.get_context("fork")
    child = fork.Process(target=compute_in_child, args=(x, sender), daemon=True)
    child.start()
    assert receiver.poll(60)
    assert receiver.recv() == expected
    child.join()


@pytest.mark.parametrize("count", [1, 2])
def test_the_error_state_of_numpy_does_not_matter(ufunc, count):
    x = torch.full((2**20,), complex(1, np.inf), dtype=torch.complex64)
    x[1::2] = 1e-30  # underflows
    with threads(count), np.errstate(all="raise"):
        ufunc(x)


def test_out_is_written_and_returned(ufunc, dtype):
    x = numbers(dtype)
    out = torch.empty_like(x)
    for arguments in ({"out": out}, {"out": (out,)}):
        out.zero_()
        assert ufunc(x, **arguments) is out
        assert_same_bits(out, of_numpy(ufunc, x))
    out.zero_()
    assert ufunc(x, out) is out
    assert_same_bits(out, of_numpy(ufunc, x))


def test_out_may_be_the_input(ufunc, dtype):
    x = numbers(dtype)
    expected = of_numpy(ufunc, x)
    assert ufunc(x, out=x) is x
    assert_same_bits(x, expected)
    x = numbers(dtype)
    ufunc(x[:-1], out=x[1:])
    assert_same_bits(x[1:], expected[:-1])


OUTS = {
    "another dtype": lambda: torch.empty(3, dtype=torch.float64),
    "a narrower dtype": lambda: torch.empty(3, dtype=torch.float16),
    "complex": lambda: torch.empty(3, dtype=torch.complex64),
    "empty": lambda: torch.empty(0),
    "every other": lambda: torch.zeros(6)[::2],
    "conjugated": lambda: torch.empty(3, dtype=torch.complex64).conj(),
    "too short": lambda: torch.empty(2),
    "too long": lambda: torch.empty(4),
}


@pytest.mark.parametrize("case", OUTS)
@pytest.mark.filterwarnings("ignore:An output with one or more elements was resized:UserWarning")
def test_out_is_cast_and_resized_as_by_torch(ufunc, case):
    x = torch.tensor([0.5, 1, 2])
    expected, out = OUTS[case](), OUTS[case]()
    torch.tanh(x, out=expected)
    assert ufunc(x, out=out) is out
    assert out.stride() == expected.stride()
    assert torch.equal(out, ufunc(x).to(out.dtype))


REFUSED_OUTS = {
    "an integer": lambda: torch.empty(3, dtype=torch.int32),
    "expanded": lambda: torch.empty(1).expand(3),
    "on another device": lambda: torch.empty(3, device="meta"),
}


@pytest.mark.parametrize("case", REFUSED_OUTS)
def test_out_is_refused_as_by_torch(ufunc, case):
    x = torch.tensor([0.5, 1, 2])
    with pytest.raises(RuntimeError) as of_torch:
        torch.tanh(x, out=REFUSED_OUTS[case]())
    with pytest.raises(RuntimeError) as raised:
        ufunc(x, out=REFUSED_OUTS[case]())
    assert str(raised.value) == str(of_torch.value)


def test_resizing_out_warns(ufunc):
    with pytest.warns(UserWarning, match="was resized since it had shape"):
        ufunc(torch.ones(3), out=torch.empty(2))


def test_out_and_gradients_exclude_each_other(ufunc):
    message = "functions with out=... arguments don't support automatic differentiation"
    x = torch.ones(3, requires_grad=True)
    with pytest.raises(RuntimeError, match=message):
        ufunc(x, out=torch.empty(3))
    with pytest.raises(RuntimeError, match=message):
        ufunc(torch.ones(3), out=x)
    with torch.no_grad():
        assert ufunc(x, out=x) is x


def test_autograd_notices_that_out_was_overwritten(ufunc):
    w = torch.ones(3, requires_grad=True)
    x = torch.full((3,), 2.0)
    y = (w * x).sum()
    ufunc(x, out=x)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.backward()


REFUSED = {
    "sparse": (
        lambda: torch.ones(2).to_sparse(),
        "x is not a dense tensor; use x.to_dense()",
    ),
    "mkldnn": (
        lambda: torch.ones(2).to_mkldnn(),
        "x is not a dense tensor; use x.to_dense()",
    ),
    "nested": (
        lambda: torch.nested.nested_tensor([torch.ones(2)], layout=torch.jagged),
        "x is not a dense tensor; use x.to_padded_tensor(0)",
    ),
    "nested, of old": (
        lambda: torch.nested.nested_tensor([torch.ones(2)], layout=torch.strided),
        "x is not a dense tensor; use x.to_padded_tensor(0)",
    ),
    "quantised": (
        lambda: torch.quantize_per_tensor(torch.ones(2), 1.0, 0, torch.quint8),
        "x has dtype torch.quint8, for which there is no kernel; use x.dequantize()",
    ),
    "float8": (
        lambda: torch.ones(2).to(torch.float8_e4m3fn),
        "x has dtype torch.float8_e4m3fn, for which there is no kernel; use x.to(torch.float32)",
    ),
    "complex32": (
        lambda: torch.ones(2, dtype=torch.complex64).to(torch.complex32),
        "x has dtype torch.complex32, for which there is no kernel; use x.to(torch.complex64)",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.filterwarnings("ignore:ComplexHalf support is experimental:UserWarning")
@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor:UserWarning")
@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors:UserWarning")
def test_what_has_no_kernel_is_refused(ufunc, case):
    make, message = REFUSED[case]
    with pytest.raises(TypeError) as raised:
        ufunc(make())
    assert str(raised.value) == f"{ufunc.__name__}: {message}"


def test_a_device_without_a_kernel_is_refused(ufunc):
    from torch._subclasses import FakeTensorMode

    with FakeTensorMode(allow_non_fake_inputs=True):
        x = torch.empty(2, device="mps")
        with pytest.raises(TypeError, match=r"x is on mps:0, where .*; use x\.cpu\(\)"):
            ufunc(x)


@pytest.mark.parametrize(
    ("x", "out", "message"),
    [
        (torch.ones(2), np.ones(2), "out is a numpy.ndarray; x and out have to be tensors both"),
        (np.ones(2), torch.ones(2), "x is a numpy.ndarray; x and out have to be tensors both"),
        (1.0, torch.ones(2), "x is a builtins.float; x and out have to be tensors both"),
        (torch.ones(2), torch.ones(2).to_sparse(), "out is not a dense tensor; use out.to_dense()"),
    ],
)
def test_out_that_is_no_such_tensor_is_refused(ufunc, x, out, message):
    with pytest.raises(TypeError) as raised:
        ufunc(x, out=out)
    assert str(raised.value) == f"{ufunc.__name__}: {message}"


@pytest.mark.parametrize(
    "keyword", [{"where": True}, {"dtype": "f4"}, {"casting": "safe"}, {"order": "K"}]
)
def test_other_keywords_of_ufuncs_are_refused(ufunc, keyword):
    (name,) = keyword
    message = f"{name} cannot be given for a tensor; compute without {name}"
    with pytest.raises(TypeError, match=message):
        ufunc(torch.ones(2), **keyword)


def run(program, *options):
    return subprocess.run(
        [sys.executable, *options, "-c", program], check=True, capture_output=True, text=True
    ).stdout


def test_torch_is_imported_by_the_user_only_and_may_be_so_later():
    program = """
import sys
from tanhshrink import tanhshrink
tanhshrink([1.0])
assert "torch" not in sys.modules
import torch
print(tanhshrink(torch.tensor([0.0])))
"""
    assert run(program) == "tensor([0.])\n"


def test_bfloat16_works_without_ml_dtypes():
    program = """
import sys
sys.modules["ml_dtypes"] = None
import torch
from tanhshrink import tanhshrink
print(tanhshrink(torch.tensor([1.0], dtype=torch.bfloat16)).item())
"""
    assert float(run(program)) == float(tanhshrink.tanhshrink(ml_dtypes.bfloat16(1)))
