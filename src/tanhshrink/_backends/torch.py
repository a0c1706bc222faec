"""Tensors of torch: what can be computed is handed to the operators in `torch_operators`."""

import torch

from tanhshrink._backends import class_name, refuse, single
from tanhshrink._backends.torch_operators import OPERATORS

FLOATS = {torch.float16, torch.bfloat16, torch.float32, torch.float64}
COMPLEX = {torch.complex64, torch.complex128}
INTEGERS = {torch.bool, torch.uint8, torch.uint16, torch.uint32, torch.uint64}
INTEGERS |= {torch.int8, torch.int16, torch.int32, torch.int64}
DEVICES = {"cpu", "cuda", "meta"}


def call(ufunc, x, /, out=None, **kwargs):
    """Compute a ufunc for a tensor. `out` follows the rules of ``torch.tanh(x, out=out)``.

    Integers and bools give torch's default dtype.
    """
    if kwargs:
        keyword = next(iter(kwargs))
        refuse(ufunc, f"{keyword} cannot be given for a tensor", f"compute without {keyword}")
    out = single(out)
    check_tensor(ufunc, "x", x)
    if x.dtype in INTEGERS:
        x = x.to(torch.get_default_dtype())
    operator = OPERATORS[ufunc.__name__]
    if out is None:
        return operator(x)
    check_tensor(ufunc, "out", out)
    if torch.is_grad_enabled() and (x.requires_grad or out.requires_grad):
        raise RuntimeError(
            f"{ufunc.__name__}(): functions with out=... arguments don't support automatic "
            "differentiation, but one of the arguments requires grad."
        )
    result = operator(x)
    if (out.shape, out.dtype, out.device) != (x.shape, x.dtype, x.device):
        torch.sub(result, 0, out=out)  # makes it fit, or says why not
    return out.copy_(result)


def check_tensor(ufunc, name, x):
    """Refuse what has no kernel."""
    if not isinstance(x, torch.Tensor):
        refuse(ufunc, f"{name} is a {class_name(x)}", "x and out have to be tensors both")
    if isinstance(x, torch.masked.MaskedTensor):
        refuse(ufunc, f"{name} is a masked tensor", f"use {name}.get_data() and {name}.get_mask()")
    if x.is_nested or x.layout != torch.strided:
        remedy = f"use {name}.to_padded_tensor(0)" if x.is_nested else f"use {name}.to_dense()"
        refuse(ufunc, f"{name} is not a dense tensor", remedy)
    if x.device.type not in DEVICES:
        refuse(ufunc, f"{name} is on {x.device}, where there is no kernel", f"use {name}.cpu()")
    if x.dtype not in FLOATS and x.dtype not in COMPLEX and x.dtype not in INTEGERS:
        wider = torch.complex64 if x.is_complex() else torch.float32
        remedy = f"use {name}.dequantize()" if x.is_quantized else f"use {name}.to({wider})"
        refuse(ufunc, f"{name} has dtype {x.dtype}, for which there is no kernel", remedy)
