"""Tensors of torch: out=, and what is refused."""

import importlib.util

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from tensors import DTYPES, assert_same_bits, numbers, of_numpy  # noqa: E402


@pytest.fixture(params=DTYPES, ids=str)
def dtype(request):
    """A dtype that torch computes in."""
    return request.param


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
    "masked": (
        lambda: torch.masked.masked_tensor(torch.ones(2), torch.tensor([True, False])),
        "x is a masked tensor; use x.get_data() and x.get_mask()",
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
@pytest.mark.filterwarnings("ignore:The PyTorch API of MaskedTensors:UserWarning")
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


@pytest.mark.skipif(importlib.util.find_spec("cupy") is not None, reason="CuPy is installed")
def test_cuda_is_refused_without_cupy(ufunc):
    cuda = torch._C.DispatchKeySet(torch._C.DispatchKey.CUDA)
    ufunc(torch.ones(2))  # registers the operator
    operator = getattr(torch.ops.tanhshrink, ufunc.__name__).default
    with pytest.raises(TypeError) as raised:  # a kernel may be called without its device
        operator.redispatch(cuda, torch.ones(2))
    message = "x is a CUDA tensor; install CuPy, or use x.cpu()"
    assert str(raised.value) == f"{ufunc.__name__}: {message}"


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
