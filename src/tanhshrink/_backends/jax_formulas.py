"""Formulas in `jax.numpy`, for devices without a kernel; and for derivatives of the derivative."""

import jax
import jax.numpy as jnp
import numpy as np
from numpy.polynomial.polynomial import polyadd

SMALL = 0.95  # below it a fraction in x^2 is used, from there on the exponential function


def continued_fraction(terms):
    """Return polynomials P and R, lowest power first, so that x - tanh(x) is x y P(y) / R(y).

    Here y = x^2. It is Lambert's fraction, tanh(x) = x / (1 + y / (3 + y / (5 + ...))). Nothing
    cancels, as all coefficients are positive.
    """
    p, q = [1], [2 * terms + 1]  # y p / q is the fraction from a term on; next, from the term 3 on
    for odd in range(2 * terms - 1, 1, -2):
        p, q = q, polyadd(np.multiply(odd, q), [0, *p])
    r = polyadd(q, [0, *p])
    return (p / p[0]).tolist(), (r / p[0]).tolist()  # 1 + ..., 3 + ...


# The first term left out is less than 2^-54 of the whole for |x| < SMALL.
P, R = continued_fraction(8)


def polynomial(coefficients, y):
    total = jnp.full_like(y, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        total = total * y + coefficient
    return total


def in_float32(formula):
    """Let a formula compute the dtypes of 16 bits in float32."""

    def computed(x):
        if x.dtype.itemsize == 2:
            return formula(x.astype(jnp.float32)).astype(x.dtype)
        return formula(x)

    return computed


@in_float32
def tanhshrink(x):
    """x - tanh(x), within 4 ulp; complex numbers within 8 eps of the norm, but at the zeros."""
    if jnp.iscomplexobj(x):
        small = jnp.abs(x) < SMALL
        z = jnp.where(small, x, 0)
        y = z * z
        return jnp.where(small, z * y * polynomial(P, y) / polynomial(R, y), x - complex_tanh(x))
    a = jnp.abs(x)
    y = jnp.minimum(a, SMALL) ** 2
    # tanh(a) = 1 - 2 / (exp(2 a) + 1)
    result = jnp.where(
        a < SMALL, a * y * polynomial(P, y) / polynomial(R, y), (a - 1) + 2 / (jnp.exp(2 * a) + 1)
    )
    return jnp.copysign(result, x)


@in_float32
def tanhshrink_grad(x):
    """tanh(x)^2, within 4 ulp; complex numbers within 12 eps of the norm."""
    if jnp.iscomplexobj(x):
        return complex_tanh(x) ** 2
    a = jnp.abs(x)
    y = jnp.minimum(a, SMALL) ** 2
    t = 1 - 2 / (jnp.exp(2 * a) + 1)
    return jnp.where(a < SMALL, y * (1 - y * polynomial(P, y) / polynomial(R, y)) ** 2, t * t)


def complex_tanh(z):
    """tanh(z) by real functions, as 1 + exp(-2 z) would cancel next to the poles."""
    a, b = jnp.abs(z.real), z.imag
    # With e = exp(-2 a), tanh is (1 - e^2 + 4 i e sin b cos b) / ((1 - e)^2 + 4 e cos^2 b).
    e = jnp.exp(-2 * a)
    denominator = jnp.expm1(-2 * a) ** 2 + 4 * e * jnp.cos(b) ** 2
    real = jnp.copysign(-jnp.expm1(-4 * a) / denominator, z.real)
    return jax.lax.complex(real, 4 * e * jnp.sin(b) * jnp.cos(b) / denominator)


@in_float32
def second_derivative(x):
    """2 tanh(x) / cosh(x)^2, where 1 - tanh(x)^2 would cancel."""
    e = jnp.exp(-2 * jnp.where(x.real < 0, -x, x))
    return 8 * jnp.tanh(x) * e / (1 + e) ** 2
