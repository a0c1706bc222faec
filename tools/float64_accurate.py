"""Derive the tables of the float64 accurate tier: coefficients_float64_accurate.h.

x - tanh(x) and its derivative tanh(x)^2, as a polynomial on each of 34 intervals of
1/8 <= |x| < 21, and as x^3, or x^2, times a Taylor series in x^2 below.  The coefficients are
integers: multiples of 2^-146, or of 2^-180.  Prints the error of each interval, and fails unless
the bounds claimed in float64_accurate.h hold.
"""

import math
import sys
from fractions import Fraction
from typing import NamedTuple

from mpmath import bernfrac, cospi, log, matrix, mp, mpf, nint, polyval, tanh

from generated import write_or_check

mp.prec = 500

# Intervals: |x| + 1 by its exponent and the three bits after its leading one; the first is left
# to the series.  The polynomial's variable is s = (|x| - left) / width in [0, 1).
LEFTS = [2**e * (1 + mpf(i) / 8) - 1 for e in range(5) for i in range(8)][1:35]
RIGHTS = [*LEFTS[1:], mpf(21)]
DEGREE = 27
THREE_LIMBS = 8  # the lowest coefficients have three 64-bit limbs, the others two
ROW_UNIT = 146  # -log2 of the unit of the polynomials' coefficients

SERIES_DEGREE = 18
SERIES_UNIT = 180
SERIES_SCALE = 4  # the series' variable is z = 2^4 x^2, below 1/4


class Function(NamedTuple):
    """One of the two functions, and the relative errors that float64_accurate.h claims for it."""

    formula: str
    table: str  # the start of the tables' names in C
    power: int  # the function is x^power times a series in x^2
    claimed_rows: float
    claimed_series: float

    def __call__(self, x):
        """The working precision outweighs the cancellation of x - tanh(x)."""
        return x - tanh(x) if self.power == 3 else tanh(x) ** 2

    def taylor_coefficient(self, j):
        """Coefficient of x^(2j + power)."""
        n = 2 * (j + 2)
        coefficient = -(2**n) * (2**n - 1) * Fraction(*bernfrac(n)) / math.factorial(n)
        return coefficient if self.power == 3 else (2 * j + 3) * coefficient


FUNCTIONS = (
    Function("x - tanh(x)", "f64_accurate", 3, -130.6, -132.2),
    Function("tanh(x)^2", "f64_accurate_grad", 2, -131.5, -131.5),
)


def fit_row(function, left, right, nodes, inverse):
    """Integer coefficients, from degree 0, of the interpolant in the Chebyshev nodes."""
    values = matrix([function(left + (right - left) * s) for s in nodes])
    return [int(nint(c * 2**ROW_UNIT)) for c in inverse * values]


def row_error(function, left, right, coefficients):
    """Largest relative error at four points for each extremum, rounded coefficients included."""
    points = [(1 - cospi(mpf(i) / (4 * DEGREE))) / 2 for i in range(4 * DEGREE + 1)]
    polynomial = [mpf(c) / 2**ROW_UNIT for c in reversed(coefficients)]
    values = [(s, function(left + (right - left) * s)) for s in points]
    return max(abs(polyval(polynomial, s) / value - 1) for s, value in values)


def check_row_widths(coefficients):
    """Every partial sum of Horner's rule must fit its limbs, the sign included."""
    for j in range(DEGREE + 1):
        limbs = 3 if j < THREE_LIMBS else 2
        # The truncations of Horner's rule add less than one unit a step: DEGREE in all.
        if sum(abs(c) for c in coefficients[j:]) + DEGREE >= 2 ** (64 * limbs - 1):
            sys.exit(f"the partial sum at degree {j} overflows {limbs} limbs")


def series_coefficients(function):
    """Integer coefficients in z; the first is less than 1/3 or 1, for the ties of x^3/3 and x^2."""
    scaled = [
        function.taylor_coefficient(j) * 2**SERIES_UNIT / 2 ** (SERIES_SCALE * j)
        for j in range(SERIES_DEGREE + 1)
    ]
    return [math.ceil(scaled[0]) - 1, *(round(c) for c in scaled[1:])]


def series_error(function):
    """Bound of the relative error of the kernel's series, cut where the kernel cuts it."""
    worst = 0
    first, second, *_ = series = [abs(function.taylor_coefficient(j)) for j in range(30)]
    for shift in range(2, 200, 2):  # 2^-(shift + 6) <= x^2 < 2^-(shift + 4)
        y = Fraction(1, 2 ** (shift + 4))
        first_left_out = 132 // (shift + 5) + 1
        tail = series[first_left_out] * y**first_left_out
        rounding_of_z = second / 2**SERIES_SCALE / 2**128
        units = Fraction(4 * (SERIES_DEGREE + 1), 2**SERIES_UNIT)  # 3 a step, coefficients rounded
        worst = max(worst, (tail + rounding_of_z + units) / (first - y * second))
    # The last two or three products lose less than 2^-173 together.
    return mpf(worst.numerator) / worst.denominator + mpf(2) ** -173


def limbs(value, count):
    """The two's complement of an integer as C initialisers, least significant first."""
    value %= 1 << (64 * count)
    return "{" + ", ".join(f"0x{value >> (64 * i) & (2**64 - 1):016x}" for i in range(count)) + "}"


def power(error):
    """An error for people: as a power of two."""
    return f"2^{float(log(error, 2)):.2f}"


def list_in_c(indent, items, per_line):
    """Lines of C initialisers, each ending in a comma."""
    return [
        " " * indent + ", ".join(items[i : i + per_line]) + ","
        for i in range(0, len(items), per_line)
    ]


def table_lines(function, nodes, inverse):
    """The lines of one function's tables. Fails unless the errors are what is claimed."""
    print(function.formula)
    rows = []
    worst_fit = worst_total = mpf(0)
    for left, right in zip(LEFTS, RIGHTS, strict=True):
        coefficients = fit_row(function, left, right, nodes, inverse)
        check_row_widths(coefficients)
        fit = row_error(function, left, right, coefficients)
        # Horner's rule rounds each of its products down by less than one unit.
        total = fit + DEGREE / mpf(2) ** ROW_UNIT / function(left)
        print(f"[{float(left):6.3f}, {float(right):6.3f}): fit {power(fit)}, sum {power(total)}")
        worst_fit, worst_total = max(worst_fit, fit), max(worst_total, total)
        rows.append(coefficients)

    series = series_error(function)
    claims = f"claims 2^{function.claimed_rows:g} and 2^{function.claimed_series:g}"
    print(f"relative error: intervals {power(worst_total)}, series below 1/8 {power(series)}")
    if log(worst_total, 2) > function.claimed_rows or log(series, 2) > function.claimed_series:
        sys.exit(f"FAILED: float64_accurate.h {claims}")
    print(f"float64_accurate.h {claims}: both hold")

    out = [
        "",
        f"/* {function.formula}: relative error of the rows at most {power(worst_fit)},",
        " * the rounding of the coefficients included. */",
        f"TANHSHRINK_TABLE f64_accurate_row {function.table}_rows[{len(rows)}] = {{",
    ]
    for left, right, coefficients in zip(LEFTS, RIGHTS, rows, strict=True):
        high = [limbs(c, 2) for c in reversed(coefficients[THREE_LIMBS:])]
        low = [limbs(c, 3) for c in reversed(coefficients[:THREE_LIMBS])]
        out += [f"    {{ /* [{float(left)}, {float(right)}) */", "        {"]
        out += list_in_c(8, high, 2)
        out += ["        }, {", *list_in_c(8, low, 1), "        }", "    },"]
    series = [limbs(c, 3) for c in series_coefficients(function)]
    out += ["};", "", f"static const uint64_t {function.table}_series[{len(series)}][3] = {{"]
    return [*out, *list_in_c(4, series, 1), "};"]


def lines(_sample):
    """The header; always whole, for it takes a second."""
    nodes = [(1 + cospi(mpf(2 * i + 1) / (2 * DEGREE + 2))) / 2 for i in range(DEGREE + 1)]
    inverse = matrix([[s**j for j in range(DEGREE + 1)] for s in nodes]) ** -1
    two_limbs = DEGREE + 1 - THREE_LIMBS
    header = f"""\
/* Generated by `python tools/float64_accurate.py`; do not edit.
 *
 * f(x) = x - tanh(x) and its derivative tanh(x)^2 for the float64 accurate tier.  Integers in two's
 * complement, the least significant limb first.
 *
 * Rows: 1/8 <= |x| < 21 in {len(LEFTS)} intervals, chosen by the exponent of |x| + 1 and the three
 * bits after its leading one.  f = sum c[j] s^j 2^-{ROW_UNIT} with s = (|x| - left) / width < 1:
 * degree {DEGREE}, interpolation in the Chebyshev nodes.
 *
 * Series: |x| < 1/8.  f = x^3, or x^2, times sum c[j] z^j 2^-{SERIES_UNIT} with
 * z = {2**SERIES_SCALE} x^2: the Taylor series up to z^{SERIES_DEGREE}, its first coefficient, 1/3
 * or 1, made less by at most one unit. */
#ifndef TANHSHRINK_COEFFICIENTS_FLOAT64_ACCURATE_H
#define TANHSHRINK_COEFFICIENTS_FLOAT64_ACCURATE_H

#include <stdint.h>

#define F64_ACCURATE_TWO_LIMBS {two_limbs}  /* coefficients c[{DEGREE}] to c[{THREE_LIMBS}] */
#define F64_ACCURATE_THREE_LIMBS {THREE_LIMBS} /* coefficients c[{THREE_LIMBS - 1}] to c[0] */

typedef struct {{
    uint64_t two_limbs[F64_ACCURATE_TWO_LIMBS][2];
    uint64_t three_limbs[F64_ACCURATE_THREE_LIMBS][3];
}} f64_accurate_row;
"""
    tables = [line for f in FUNCTIONS for line in table_lines(f, nodes, inverse)]
    return [*header.splitlines(), *tables, "", "#endif"]


if __name__ == "__main__":
    write_or_check(
        "coefficients_float64_accurate.h", "derive the tables of the float64 accurate tier", lines
    )
