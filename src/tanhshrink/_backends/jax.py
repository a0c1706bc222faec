"""Arrays of jax, eager and traced: the CPU's kernels through XLA, a formula on other devices."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from tanhshrink import _ufunc
from tanhshrink._backends import jax_formulas, refuse, refuse_all_but_x

DTYPES = {np.dtype(name) for name in ("f2", "f4", "f8", "c8", "c16")} | {np.dtype(jnp.bfloat16)}

for name, handler in _ufunc.xla_handlers().items():
    jax.ffi.register_ffi_target(name, handler, platform="cpu")


def call(ufunc, x, /, out=None, **kwargs):
    """Compute a ufunc for an array or a tracer of jax."""
    refuse_all_but_x(ufunc, x, isinstance(x, jax.Array), out, kwargs)
    if x.dtype == bool or jnp.issubdtype(x.dtype, jnp.integer):
        # By the rules of jax, which has Python's numbers give way to arrays.
        x = x * 1.0 if x.weak_type else x.astype(jax.eval_shape(jnp.tanh, x).dtype)
    if x.dtype not in DTYPES:
        refuse(
            ufunc, f"x of dtype {x.dtype} has no kernel", "convert it to bfloat16 or a wider dtype"
        )
    return COMPILED[ufunc.__name__](x)


def compute(name, x):
    """Compute the function of that name where x lies."""
    kernel = jax.ffi.ffi_call(name, jax.typeof(x), vmap_method="broadcast_all")
    return jax.lax.platform_dependent(x, cpu=kernel, default=getattr(jax_formulas, name))


tanhshrink = jax.custom_jvp(functools.partial(compute, "tanhshrink"))
tanhshrink_grad = jax.custom_jvp(functools.partial(compute, "tanhshrink_grad"))


@tanhshrink.defjvp
def tanhshrink_jvp(primals, tangents):
    (x,), (dx,) = primals, tangents
    return tanhshrink(x), dx * tanhshrink_grad(x)


@tanhshrink_grad.defjvp
def tanhshrink_grad_jvp(primals, tangents):
    (x,), (dx,) = primals, tangents
    return tanhshrink_grad(x), dx * jax_formulas.second_derivative(x)


# Compiled once for each shape and dtype, for calls that are not traced.
COMPILED = {"tanhshrink": jax.jit(tanhshrink), "tanhshrink_grad": jax.jit(tanhshrink_grad)}
