"""The two ufuncs as operators of torch, with kernels for its devices and derivatives.

Autograd, torch.func, torch.compile and torch.export transform operators; of the ufuncs they know
nothing.
"""

import torch
from torch._functorch.utils import enable_single_level_autograd_function
from torch.autograd import forward_ad

import tanhshrink
from tanhshrink._backends import refuse
from tanhshrink._backends.threads import compute
from tanhshrink._dispatch import find_handler

LIBRARY = torch.library.Library("tanhshrink", "DEF")
OPERATORS = {}


class Elementwise(torch.autograd.function._SingleLevelFunction):
    """An operator and its derivative.

    Not a `torch.autograd.Function`: those work in front of operators, not inside one, and
    torch.compile refuses those with a jvp.
    """

    @staticmethod
    def forward(ctx, x, operator, derivative, keys, reverse_mode, forward_mode):
        ctx.derivative = derivative
        ctx.save_for_backward(x)
        ctx.save_for_forward(x)
        # torch has turned both modes off in here, but outer transforms still need them.
        with (
            torch.set_grad_enabled(reverse_mode),
            forward_ad._set_fwd_grad_enabled(forward_mode),
        ):
            return operator.redispatch(keys & torch._C._after_autograd_keyset, x)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient * ctx.derivative(x).conj(), *5 * (None,)

    @staticmethod
    def jvp(ctx, tangent, *_):
        (x,) = ctx.saved_tensors
        with forward_ad._set_fwd_grad_enabled(True):  # of outer transforms
            return tangent * ctx.derivative(forward_ad.unpack_dual(x, level=0).primal)


def derivative_of_tanhshrink(x):
    return OPERATORS["tanhshrink_grad"](x)


def derivative_of_tanhshrink_grad(x):
    """Return 2 tanh(x) (1 - tanh(x)^2), in terms of what torch differentiates itself.

    1 - tanh^2 cancels, and 1 / cosh^2 overflows; with e = exp(-2|x|) it is 4 e / (1 + e)^2. The
    sign in |x| may be constant for all derivatives, as this holds with either sign.
    """
    real_part = x.real if x.is_complex() else x
    e = torch.exp(x * torch.where(real_part < 0, 2, -2))
    return 8 * torch.tanh(x) * e / (1 + e) ** 2


def define(ufunc, derivative):
    """Define an operator."""
    name = ufunc.__name__
    LIBRARY.define(f"{name}(Tensor x) -> Tensor")
    OPERATORS[name] = operator = getattr(torch.ops.tanhshrink, name).default

    def cpu(x):  # torch has resolved conjugated and negative views by now
        result = torch.empty_like(x)
        x = x.detach()  # for numpy(), which refuses what requires grad
        if x.dtype == torch.bfloat16:  # which NumPy does not have
            on_bits = ufunc._on_bfloat16_bits
            compute(on_bits, x.view(torch.uint16).numpy(), result.view(torch.uint16).numpy())
        else:
            compute(ufunc, x.numpy(), result.numpy())
        return result

    def cuda(x):
        try:
            from tanhshrink._backends import cupy
        except ImportError:
            refuse(ufunc, "x is a CUDA tensor", "install CuPy, or use x.cpu()")
        # In torch's memory and on its stream, so that torch may use it again as soon as it wants.
        result = torch.empty_like(x)
        stream = torch.cuda.current_stream(x.device).cuda_stream
        cupy.call_dlpack(ufunc, x.detach(), out=result, stream=stream)
        return result

    def differentiable(keys, x):
        if type(x) is not torch.Tensor:  # a DTensor inside a transform, which the hook has not seen
            find_handler(type(x))
        modes = torch.is_grad_enabled(), torch._C._is_fwd_grad_enabled()
        with enable_single_level_autograd_function():
            return Elementwise.apply(x, operator, derivative, keys, *modes)

    def batched(info, in_dims, x):
        return operator(x), in_dims[0]

    LIBRARY.impl(name, cpu, "CPU")
    LIBRARY.impl(name, cuda, "CUDA")
    LIBRARY.impl(name, torch.empty_like, "Meta")
    LIBRARY.impl(name, differentiable, "Autograd", with_keyset=True)
    torch.library.register_vmap(operator, batched, lib=LIBRARY)


define(tanhshrink.tanhshrink, derivative_of_tanhshrink)
define(tanhshrink.tanhshrink_grad, derivative_of_tanhshrink_grad)
