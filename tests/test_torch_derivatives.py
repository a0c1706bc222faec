"""Tensors of torch: derivatives by autograd and torch.func."""

import itertools

import mpmath
import numpy as np
import pytest

from tanhshrink import tanhshrink, tanhshrink_grad

torch = pytest.importorskip("torch", reason="torch is not installed")

from torch.autograd.forward_ad import _set_fwd_grad_enabled  # noqa: E402
from torch.func import grad, jacfwd, jacrev, jvp, vjp, vmap  # noqa: E402

pytestmark = pytest.mark.filterwarnings(
    "ignore:`torch.jit:DeprecationWarning",  # which torch uses itself
)


def forward(f):
    return lambda x: jvp(f, (x,), (torch.ones_like(x),))[1]


def reverse(f):
    return lambda x: vjp(f, x)[1](torch.ones_like(x))[0]


def plain(ufunc, x):
    """Compute the same in terms of torch: not accurate, but differentiable."""
    tanh = torch.tanh(x)
    return x - tanh if ufunc is tanhshrink else tanh * tanh


def test_gradcheck(ufunc, x):
    x.requires_grad_()
    assert torch.autograd.gradcheck(
        ufunc,
        x,
        check_forward_ad=True,
        check_batched_grad=True,
        check_batched_forward_grad=True,
    )


def test_gradgradcheck(ufunc, x):
    x.requires_grad_()
    assert torch.autograd.gradgradcheck(
        ufunc, x, check_fwd_over_rev=True, check_rev_over_rev=True, check_batched_grad=True
    )


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32], ids=str)
def test_the_gradient_is_that_of_the_ufunc_in_every_dtype(dtype):
    x = torch.linspace(-5, 5, 101).to(dtype).requires_grad_()
    tanhshrink(x).sum().backward()
    assert torch.equal(x.grad, tanhshrink_grad(x.detach()))


def exact_second_derivative(x):
    with mpmath.workprec(300):
        x = mpmath.mpmathify(x)
        return complex(2 * mpmath.tanh(x) / mpmath.cosh(x) ** 2)


# Next to pi/2 i, a pole, the rounding of x itself counts as much as here that of the result.
@pytest.mark.parametrize(
    ("dtype", "ulps"), [(torch.float32, 8), (torch.float64, 8), (torch.complex128, 16)], ids=str
)
def test_the_second_derivative_does_not_cancel(dtype, ulps):
    points = [1e-30, 1e-5, -0.5, 1, -3, 19.5, 40, 300, -0.0, 0.0]
    if dtype.is_complex:
        points += [1 + 1j, -20 + 3j, 1e-9 - 1e-9j, 3j, 300 + 100j]
    x = torch.tensor(points, dtype=dtype)
    expected = torch.tensor(
        [exact_second_derivative(value) for value in x.tolist()], dtype=torch.complex128
    )
    result = forward(tanhshrink_grad)(x)
    error = (result - expected).abs() / (expected.abs() + torch.finfo(dtype).tiny)
    assert error.max() <= ulps * torch.finfo(dtype).eps


def test_derivatives_at_infinity_are_not_nan():
    x = torch.tensor([np.inf, -np.inf, 1e5, -800.0], dtype=torch.float64)
    for order in range(1, 5):
        f = tanhshrink
        for _ in range(order):
            f = grad(f)
        assert torch.equal(vmap(f)(x), torch.full_like(x, order == 1))


@pytest.mark.parametrize("transforms", list(itertools.product([forward, reverse], repeat=3)))
def test_third_derivatives_by_any_nesting_of_transforms(ufunc, transforms):
    x = torch.linspace(-3, 3, 7, dtype=torch.float64)
    result, expected = ufunc, lambda x: plain(ufunc, x)
    for transform in transforms:
        result, expected = transform(result), transform(expected)
        torch.testing.assert_close(result(x), expected(x))
        torch.testing.assert_close(vmap(result)(x), expected(x))


@pytest.mark.parametrize("transforms", list(itertools.product([jacfwd, jacrev], repeat=2)))
def test_second_derivatives_as_matrices(ufunc, x, transforms):
    x = x.real
    inner, outer = transforms
    result = outer(inner(lambda x: ufunc(x).sum()))(x)
    torch.testing.assert_close(result, outer(inner(lambda x: plain(ufunc, x).sum()))(x))


def test_vmap_over_any_axis(ufunc):
    x = torch.randn(2, 3, 4)
    for axis in range(3):
        assert torch.equal(vmap(ufunc, in_dims=axis, out_dims=axis)(x), ufunc(x))
    assert torch.equal(vmap(vmap(ufunc, in_dims=1))(x), ufunc(x).transpose(1, 2))


def forward_mode_off():
    return _set_fwd_grad_enabled(False)


@pytest.mark.parametrize(
    ("mode", "inner", "outer"),
    [
        *itertools.product([torch.no_grad], [forward, reverse], [forward, reverse]),
        *itertools.product([forward_mode_off], [forward], [forward, reverse]),
    ],
)
def test_what_turns_derivatives_off_does_so_for_every_transform(ufunc, mode, inner, outer):
    def partly_constant(f):
        def g(x):
            with mode():
                constant = f(x)
            return constant * x**2

        return g

    x = torch.tensor(0.7, dtype=torch.float64)
    result = outer(inner(partly_constant(ufunc)))(x)
    expected = outer(inner(partly_constant(lambda x: plain(ufunc, x))))(x)
    torch.testing.assert_close(result, expected)
