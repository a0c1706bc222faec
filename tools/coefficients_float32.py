"""Derive the coefficients of the float32 kernels and show that they round hard inputs correctly.

One rational N/D is the minimax fit of (x - tanh x)/x^3 in y = x^2, another that of tanh(x)/x, which
is squared for the derivative. They are evaluated in float64. The error of the fit and the roundings
of the evaluation add up to less than 2^-48, or 2^-46 in the derivative, so only inputs whose result
is that near to a float32 midpoint can come out wrong. Those are the ties and inputs like HARDEST.
"""

import math
import sys
from collections.abc import Callable
from typing import NamedTuple

import gmpy2
import numpy as np
from mpmath import log

from generated import write_or_check
from minimax import even_part, even_part_of_tanh, rational_minimax
from oracle import correctly_rounded

# Inputs nearest to a midpoint, ties apart, with log2 of the relative distance: all inputs below
# the limit whose float64 result ends within 48 ulp of a midpoint, then sorted by MPFR.
HARDEST = {
    "0x1.b1c146p+1": -53.17,
    "0x1.1d93b6p-10": -52.19,
    "0x1.f9c1fp-3": -51.52,
    "0x1.ae2bfep+1": -51.02,
    "0x1.c6efb8p-23": -50.39,
    "0x1.f077ep-23": -50.07,
    "0x1.521a5cp-14": -50.00,
    "0x1.8979a8p-23": -49.71,
    "0x1.52b578p-8": -49.37,
    "0x1.c8cff4p-20": -49.34,
    "0x1.67b4f2p-18": -49.23,
    "0x1.836f46p-15": -49.19,
}
HARDEST_GRAD = {
    "0x1.bfffecp-21": -52.21,
    "0x1.c00014p-21": -52.19,
    "0x1.8dde6ap-20": -51.25,
    "0x1.5e0a3ap-17": -50.67,
    "0x1.f83614p-8": -50.32,
    "0x1.f9d154p-10": -50.00,
    "0x1.ffc7b8p-10": -49.86,
    "0x1.800002p-24": -49.85,
    "0x1.7ffffep-24": -49.85,
    "0x1.195eaep-17": -49.82,
    "0x1.7bdc98p-1": -49.22,
    "0x1.e2a2c2p-17": -49.02,
}


class Kernel(NamedTuple):
    """What is fitted, how it is evaluated, and the inputs that might come out wrong."""

    derivative: bool
    formula: str
    even_part: Callable
    degree: tuple
    limit: float  # |x| at and above which the result rounds correctly without the fit
    unit: int  # index of the coefficient of D that is 1
    nudged: dict  # coefficients moved off the nearest double: name -> (ulps, reason)
    hardest: dict
    result: Callable  # from x, y, N(y) and D(y): the operations of float32.h in their order
    tie: Callable  # from odd m and k: x, s and e, where x^3/3, or x^2, is s 2^e and s is odd


SHRINK = Kernel(
    derivative=False,
    formula="(x - tanh x) / x^3",
    even_part=even_part,
    degree=(6, 6),
    limit=8.0,
    unit=0,
    nudged={"N0": (-1, "for tiny x the true value lies just below x^3/3, which may be a midpoint")},
    hardest=HARDEST,
    result=lambda x, y, n, d: x * y * (n / d),
    tie=lambda m, k: (3 * m * 2.0**k, 9 * m**3, 3 * k),
)
GRAD = Kernel(
    derivative=True,
    formula="tanh(x) / x",
    even_part=even_part_of_tanh,
    degree=(7, 7),
    limit=9.375,
    unit=7,
    nudged={"N0": (-1, "for tiny x the result must be inexact, though x^2 may be a float")},
    hardest=HARDEST_GRAD,
    result=lambda x, y, n, d: y * gmpy2.square(n / d),
    tie=lambda m, k: (m * 2.0**k, m**2, 2 * k),
)


def ties(kernel):
    """Every x below 2^-24 for which x^3/3, or x^2, is exactly a midpoint of two float32 numbers.

    With m odd, x = 3 m 2^k makes x^3/3 = 9 m^3 2^(3k): a midpoint if 2^(3k) is half an ulp of it.
    """
    for k in range(-90, -24):
        for m in range(1, 2**13, 2):
            x, significand, exponent = kernel.tie(m, k)
            leading = significand.bit_length() - 1 + exponent
            if exponent == max(leading, -126) - 24 and x < 2.0**-24:
                yield x


def rounded(name, exact, nudged):
    """Coefficients as doubles: to nearest, then moved by the ulps that `nudged` says."""
    doubles = [float(c) for c in exact]
    for i in range(len(doubles)):
        ulps, _ = nudged.get(f"{name}{i}", (0, ""))
        for _ in range(abs(ulps)):
            doubles[i] = math.nextafter(doubles[i], math.copysign(math.inf, ulps))
    return doubles


def evaluate(kernel, x, numerator, denominator, multiply_add):
    """The kernel in float64 arithmetic, then rounded to float32."""
    with gmpy2.context(precision=53):
        x = gmpy2.mpfr(x)
        y = x * x
        n, d = gmpy2.mpfr(numerator[-1]), gmpy2.mpfr(denominator[-1])
        for c in reversed(numerator[:-1]):
            n = multiply_add(n, y, gmpy2.mpfr(c))
        for c in reversed(denominator[:-1]):
            d = multiply_add(d, y, gmpy2.mpfr(c))
        return float(np.float32(float(kernel.result(x, y, n, d))))


def count_wrong(kernel, inputs, numerator, denominator):
    """How many of these inputs come out wrong, with and without fused multiply-add."""
    expected = correctly_rounded(np.array(inputs, dtype=np.float32), kernel.derivative).tolist()
    return [
        sum(
            evaluate(kernel, x, numerator, denominator, multiply_add) != want
            for x, want in zip(inputs, expected, strict=True)
        )
        for multiply_add in (gmpy2.fma, lambda a, b, c: a * b + c)
    ]


def section(kernel):
    """The lines of one kernel."""
    fitted = rational_minimax(kernel.even_part, *kernel.degree, kernel.limit**2)
    exact_numerator, exact_denominator, error = fitted
    unit = exact_denominator[kernel.unit]
    exact_numerator = [c / unit for c in exact_numerator]
    exact_denominator = [c / unit for c in exact_denominator]
    n, m = kernel.degree
    fit = f"[{n}/{m}] on |x| <= {kernel.limit:g}, error 2^{float(log(error, 2)):.2f}"
    print(f"{kernel.formula}: minimax {fit}; wrong results (with fma, without):")
    tied, hardest = list(ties(kernel)), [float.fromhex(x) for x in kernel.hardest]
    for title, nudged in (("all coefficients to nearest", {}), ("as in the header", kernel.nudged)):
        numerator = rounded("N", exact_numerator, nudged)
        denominator = rounded("D", exact_denominator, nudged)
        at_ties = count_wrong(kernel, tied, numerator, denominator)
        elsewhere = count_wrong(kernel, hardest, numerator, denominator)
        print(f"  {title}: {at_ties} of {len(tied)} ties, {elsewhere} of {len(hardest)} others")
    if any(at_ties + elsewhere):
        sys.exit("these coefficients do not round correctly: nothing written")

    prefix = "F32_GRAD" if kernel.derivative else "F32"
    return [
        "",
        f"/* {kernel.formula} = N(y) / D(y), y = x^2: minimax fit of type",
        f" * {fit} relative to the value. D{kernel.unit} = 1.",
        " * Coefficients are rounded to the nearest double, except:",
        *(f" *   {name}: {ulps:+d} ulp; {why}." for name, (ulps, why) in kernel.nudged.items()),
        " */",
        f"#define {prefix}_LIMIT {kernel.limit}f",
        *array(f"{prefix.lower()}_n", numerator),
        *array(f"{prefix.lower()}_d", denominator),
    ]


def array(name, doubles):
    """The lines of an array."""
    start = f"TANHSHRINK_CONSTANT double {name}[{len(doubles)}] = {{"
    return [start, *(f"    {c.hex()}," for c in doubles), "};"]


def lines(_rows):
    """The lines of the header."""
    title = "/* Generated by: python tools/coefficients_float32.py.  Do not edit. */"
    guard = "TANHSHRINK_COEFFICIENTS_FLOAT32_H"
    start = [title, f"#ifndef {guard}", f"#define {guard}", "", '#include "contract.h"']
    return [*start, *section(SHRINK), *section(GRAD), "", "#endif"]


if __name__ == "__main__":
    write_or_check("coefficients_float32.h", __doc__.splitlines()[0], lines)
