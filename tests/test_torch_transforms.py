"""Tensors of torch: modes, subclasses, and what rewrites programs: torch.compile, torch.export."""

import io
import shutil

import numpy as np
import pytest

import tanhshrink

torch = pytest.importorskip("torch", reason="torch is not installed")

from torch.func import grad, hessian, jvp, vmap  # noqa: E402
from torch.fx.experimental.proxy_tensor import make_fx  # noqa: E402
from torch.overrides import TorchFunctionMode  # noqa: E402
from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402

pytestmark = pytest.mark.filterwarnings(
    "ignore:`torch.jit:DeprecationWarning",  # which torch uses itself
)


def operator(ufunc):
    """Return the operator that the ufunc calls, once it has been called."""
    ufunc(torch.ones(1))
    return getattr(torch.ops.tanhshrink, ufunc.__name__).default


def test_no_gradient_where_none_is_wanted(ufunc):
    x = torch.ones(3, requires_grad=True)
    with torch.no_grad():
        assert not ufunc(x).requires_grad
    with torch.inference_mode():
        assert ufunc(x).is_inference()
    assert not ufunc(x.detach()).requires_grad
    assert ufunc(x).requires_grad


def test_parameters_are_tensors(ufunc):
    x = torch.nn.Parameter(torch.ones(3))
    result = ufunc(x)
    assert type(result) is torch.Tensor
    assert result.requires_grad


class Labelled(torch.Tensor):
    """A subclass."""


def test_a_subclass_is_kept(ufunc):
    x = torch.ones(3).as_subclass(Labelled)
    assert type(ufunc(x)) is type(torch.tanh(x)) is Labelled
    integers = torch.ones(3, dtype=torch.int64).as_subclass(Labelled)
    assert type(ufunc(integers)) is Labelled


def test_modes_see_the_operator(ufunc):
    seen = []

    class FunctionMode(TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            seen.append(function)
            return function(*args, **(kwargs or {}))

    class DispatchMode(TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            seen.append(function)
            assert not (args[0] * 1).requires_grad  # here autograd is through
            return function(*args, **(kwargs or {}))

    expected = operator(ufunc)
    for mode in (FunctionMode, DispatchMode):
        x = torch.ones(3, requires_grad=True)
        with mode():
            result = ufunc(x)
        assert result.requires_grad
        assert seen.pop() == expected
        seen.clear()


def test_meta_tensors_give_the_layout_of_real_ones(ufunc):
    for x in (torch.ones(3, 4).T, torch.ones(3, 1).expand(3, 5), torch.ones(6)[::2]):
        result = ufunc(x.to("meta"))
        assert result.device.type == "meta"
        assert (result.shape, result.stride()) == (ufunc(x).shape, ufunc(x).stride())


@pytest.mark.filterwarnings("ignore:Attempted to insert a get_attr Node:UserWarning")
@pytest.mark.parametrize("requires_grad", [False, True])
def test_the_operator_is_what_torch_wants_of_one(ufunc, x, requires_grad):
    torch.library.opcheck(operator(ufunc), (x.requires_grad_(requires_grad),))


def test_tracing_bakes_no_constant_in(ufunc):
    x = torch.randn(3)
    traced = make_fx(lambda x: ufunc(x) + 1)(x)
    assert operator(ufunc) in {node.target for node in traced.graph.nodes}
    assert torch.equal(traced(2 * x), ufunc(2 * x) + 1)


def check_compiled(ufunc, x, backend, fullgraph):
    torch.compiler.reset()
    inner = ufunc
    if fullgraph:  # a ufunc, which torch cannot look into, would break the graph
        inner = torch.compiler.allow_in_graph(lambda x: ufunc(x))
    f = torch.compile(lambda x: 3 * inner(2 * x), fullgraph=fullgraph, backend=backend)
    for _ in range(2):
        x = (x + 1).detach().requires_grad_()
        y = x.detach().clone().requires_grad_()
        result, expected = f(x), 3 * ufunc(2 * y)
        assert torch.equal(result, expected)
        result.abs().sum().backward()
        expected.abs().sum().backward()
        torch.testing.assert_close(x.grad, y.grad)


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning")  # hidden by torch
@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
@pytest.mark.parametrize("fullgraph", [False, True])
def test_compiled(ufunc, x, backend, fullgraph):
    check_compiled(ufunc, x, backend, fullgraph)


@pytest.mark.skipif(not shutil.which("g++"), reason="torch's inductor needs g++")
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning")  # hidden by torch
@pytest.mark.parametrize("fullgraph", [False, True])
def test_compiled_by_inductor(ufunc, fullgraph):
    check_compiled(ufunc, torch.randn(7), "inductor", fullgraph)


@pytest.mark.parametrize("fullgraph", [False, True])
def test_compiled_for_any_shape_with_out(ufunc, fullgraph):
    torch.compiler.reset()
    inner = ufunc
    if fullgraph:
        inner = torch.compiler.allow_in_graph(lambda x, out: ufunc(x, out=out))

    def f(x):
        out = torch.empty_like(x)
        inner(x, out=out)
        return 2 * out

    compiled = torch.compile(f, fullgraph=fullgraph, backend="aot_eager", dynamic=True)
    for size in (3, 5, 9):
        x = torch.randn(size)
        assert torch.equal(compiled(x), 2 * ufunc(x))


def test_compiled_functions_may_be_given_arrays_and_floats(ufunc):
    torch.compiler.reset()
    f = torch.compile(lambda x: ufunc(x) + 1, backend="eager")
    assert f(0.5) == ufunc(0.5) + 1
    assert np.array_equal(f(np.ones(3)), ufunc(np.ones(3)) + 1)


def test_transforms_may_be_compiled(ufunc, x):
    x = x.real
    for f in (
        vmap(grad(ufunc)),
        lambda x: jvp(ufunc, (x,), (x,))[1],
        hessian(lambda x: ufunc(x).sum()),
    ):
        torch.compiler.reset()
        compiled = torch.compile(f, backend="aot_eager")
        torch.testing.assert_close(compiled(x), f(x))


class Activation(torch.nn.Module):
    """A layer with the ufunc as its activation."""

    def __init__(self, ufunc):
        super().__init__()
        self.linear = torch.nn.Linear(4, 4)
        self.ufunc = ufunc

    def forward(self, x):
        return self.ufunc(self.linear(x))


def test_exported_by_tracing_python(ufunc):
    inner = torch.compiler.allow_in_graph(lambda x: ufunc(x))
    x = torch.randn(2, 4)
    module = Activation(inner)
    program = torch.export.export(module, (x,), strict=True)
    assert operator(ufunc) in {node.target for node in program.graph.nodes}
    assert torch.equal(program.module()(3 * x), module(3 * x))


def test_exported_saved_and_loaded(ufunc):
    x = torch.randn(2, 4)
    module = Activation(ufunc)
    program = torch.export.export(module, (x,))
    assert operator(ufunc) in {node.target for node in program.graph.nodes}
    file = io.BytesIO()
    torch.export.save(program, file)
    file.seek(0)
    loaded = torch.export.load(file).module()
    assert torch.equal(loaded(3 * x), module(3 * x))


def test_a_network_learns(ufunc):
    torch.manual_seed(0)
    module = torch.nn.Sequential(Activation(ufunc), torch.nn.Linear(4, 1))
    optimiser = torch.optim.Adam(module.parameters(), lr=0.05)
    x = torch.randn(64, 4)
    target = tanhshrink.tanhshrink(x.sum(1, keepdim=True))
    losses = []
    for _ in range(100):
        loss = torch.nn.functional.mse_loss(module(x), target)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 10


def test_torchscript_by_tracing_records_the_operator(ufunc):
    traced = torch.jit.trace(lambda x: ufunc(x), torch.randn(3))
    x = torch.randn(5)
    assert torch.equal(traced(x), ufunc(x))
    assert f"tanhshrink::{ufunc.__name__}" in str(traced.graph)


def test_autocast_leaves_the_dtype_alone(ufunc):
    x = torch.randn(3)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert ufunc(x).dtype == torch.float32
        assert ufunc(x.bfloat16()).dtype == torch.bfloat16
