"""Derive the float coefficients of the kernels for float16 and bfloat16.

One kernel evaluates a rational N/D, the minimax fit of (x - tanh x)/x^3 in y = x^2, in float32;
the other, for the derivative, that of tanh(x)/x, and squares. That is too coarse for a handful of
float16 inputs, whose results lie near a midpoint. So the coefficients, rounded to float32, are
moved by a few ulp: by as few in all as leave no input of either format wrong, with fused
multiply-add and without. All inputs are tried. Nor may the float of a subnormal float16 be equal to
it, as the exact value never is: rounding it would raise no UNDERFLOW.
"""

import itertools
import sys
from collections.abc import Callable
from typing import NamedTuple

import ml_dtypes
import numpy as np
from mpmath import log

from generated import write_or_check
from minimax import even_part, even_part_of_tanh, rational_minimax
from oracle import correctly_rounded

MOST_ULPS = 3  # what a single coefficient may be moved by

# The finite half of the inputs: the kernels are odd and even, to the last bit.
INPUTS = [
    np.arange(0x7C00, dtype=np.uint16).view(np.float16),
    np.arange(0x7F80, dtype=np.uint16).view(ml_dtypes.bfloat16),
]


def shrink_result(x, clamped, n, d, fma):
    return fma(clamped, clamped * clamped * n / d, x - clamped)


def grad_result(_x, clamped, n, d, _fma):
    return clamped * clamped * np.square(np.minimum(n / d, np.float32(1 - 2**-24)))


class Kernel(NamedTuple):
    """What is fitted, and how it is evaluated: the operations of float16.h in their order."""

    derivative: bool
    formula: str
    even_part: Callable
    degree: tuple
    limit: float  # |x| at and above which the result rounds correctly without the fit
    fixed: int  # index of the coefficient of D that is given, not fitted
    value: float
    result: Callable


SHRINK = Kernel(False, "(x - tanh x) / x^3", even_part, (2, 3), 4.0, 3, 1.0, shrink_result)
# No coefficient is below 1: else its product with y, in the range of x^2, could underflow first.
GRAD = Kernel(True, "tanh(x) / x", even_part_of_tanh, (3, 3), 5.125, 0, 2.0**18, grad_result)


def multiply_add(a, b, c):
    """a b + c in float32, rounded twice."""
    return a * b + c


def fused_multiply_add(a, b, c):
    """a b + c in float32, rounded once.

    The product is exact in float64. The sum is rounded to odd there: if inexact, to the neighbour
    whose last bit is 1. With 53 bits that never hides on which side of a float32 midpoint it lies.
    """
    product, c = a.astype(np.float64) * b.astype(np.float64), np.float64(c)
    total = product + c
    from_c = total - product
    error = (product - (total - from_c)) + (c - from_c)
    even = total.view(np.int64) & 1 == 0
    towards = np.where(error > 0, np.inf, -np.inf)
    return np.where((error != 0) & even, np.nextafter(total, towards), total).astype(np.float32)


def evaluate(kernel, x, coefficients, fma):
    """The kernel for x >= 0."""
    *numerator, n = coefficients[: kernel.degree[0] + 1]
    *denominator, d = np.insert(coefficients[kernel.degree[0] + 1 :], kernel.fixed, kernel.value)
    clamped = np.minimum(x, np.float32(kernel.limit))
    y = clamped * clamped
    n, d = np.full_like(y, n), np.full_like(y, d)
    for c in reversed(numerator):
        n = fma(n, y, c)
    for c in reversed(denominator):
        d = fma(d, y, c)
    return kernel.result(x, clamped, n, d, fma)


def wrong(kernel, x, expected, coefficients):
    """Which of the inputs come out wrong, with fused multiply-add or without.

    Or silent: a subnormal float16 that the float is equal to, so that no UNDERFLOW is raised.
    """
    bad = np.zeros(x.shape, bool)
    for fma in (multiply_add, fused_multiply_add):
        wide = evaluate(kernel, x.astype(np.float32), coefficients, fma)
        result = wide.astype(x.dtype)
        bad |= result != expected
        if x.dtype == np.float16:
            bad |= (result == wide) & (x != 0) & (result < np.finfo(np.float16).tiny)
    return bad


def fewest_ulps(kernel, cases, coefficients):
    """Move the coefficients by the fewest ulps in all that leave no input wrong.

    Inputs that came out wrong before are tried first: little else is left to be wrong.
    """
    suspects = [(x[:0], expected[:0]) for x, expected in cases]
    ulps = range(-MOST_ULPS, MOST_ULPS + 1)
    choices = itertools.product(ulps, repeat=len(coefficients))
    for choice in sorted(choices, key=lambda choice: (sum(map(abs, choice)), choice)):
        moved = (coefficients.view(np.int32) + np.array(choice, np.int32)).view(np.float32)
        if any(wrong(kernel, x, expected, moved).any() for x, expected in suspects):
            continue
        found = [wrong(kernel, x, expected, moved) for x, expected in cases]
        if not any(which.any() for which in found):
            return choice, moved
        suspects = [
            (np.append(old, x[which]), np.append(old_expected, expected[which]))
            for (old, old_expected), (x, expected), which in zip(
                suspects, cases, found, strict=True
            )
        ]
    sys.exit(f"no choice of at most {MOST_ULPS} ulp rounds every input correctly: nothing written")


def section(kernel):
    """The lines of one kernel."""
    fitted = rational_minimax(kernel.even_part, *kernel.degree, kernel.limit**2)
    exact_numerator, exact_denominator, error = fitted
    n, m = kernel.degree
    fit = f"[{n}/{m}] on |x| <= {kernel.limit:g}, error 2^{float(log(error, 2)):.2f}"
    scale = kernel.value / exact_denominator.pop(kernel.fixed)
    exact = [c * scale for c in exact_numerator + exact_denominator]
    nearest = np.array([float(c) for c in exact], np.float32)
    cases = [(x, correctly_rounded(x, kernel.derivative)) for x in INPUTS]
    before = {x.dtype.name: int(wrong(kernel, x, want, nearest).sum()) for x, want in cases}
    choice, moved = fewest_ulps(kernel, cases, nearest)
    after = {x.dtype.name: int(wrong(kernel, x, want, moved).sum()) for x, want in cases}
    print(f"{kernel.formula}: minimax {fit}")
    print(f"wrong of all inputs, with fma or without: {before} with coefficients to nearest,")
    print(f"  {after} with those of the header")

    prefix = "F16_GRAD" if kernel.derivative else "F16"
    names = [f"N{i}" for i in range(n + 1)] + [f"D{i}" for i in range(m + 1) if i != kernel.fixed]
    return [
        "",
        f"/* {kernel.formula} = N(y) / D(y), y = x^2: minimax fit of type",
        f" * {fit} relative to the value. D{kernel.fixed} = {kernel.value:g}.",
        " * Coefficients are rounded to the nearest float, except, so that no input is wrong:",
        *(f" *   {name}: {ulps:+d} ulp" for name, ulps in zip(names, choice, strict=True) if ulps),
        " */",
        f"#define {prefix}_LIMIT {kernel.limit}f",
        *(
            f"#define {prefix}_{name} {float(c).hex().replace('0000000p', 'p')}f"
            for name, c in zip(names, moved, strict=True)
        ),
    ]


def lines(_rows):
    """The lines of the header."""
    title = "/* Generated by: python tools/coefficients_16bit.py.  Do not edit. */"
    return [title, *section(SHRINK), *section(GRAD)]


if __name__ == "__main__":
    write_or_check("coefficients_16bit.h", __doc__.splitlines()[0], lines)
