"""Derive the tables of the float64 accurate tier: coefficients_float64_accurate.h.

x - tanh(x) as a polynomial on each of 33 intervals of 1/8 <= |x| < 19, and as x^3 times a Taylor
series in x^2 below.  The coefficients are integers: multiples of 2^-146, or of 2^-182.  Prints the
error of each interval, and fails unless the bounds claimed in float64_accurate.h hold.
"""

import sys

from mpmath import bernoulli, cospi, factorial, log, matrix, mp, mpf, nint, polyval, tanh

from generated import write_or_check

mp.prec = 500

# Intervals: |x| + 1 by its exponent and the three bits after its leading one; the first is left
# to the series.  The polynomial's variable is s = (|x| - left) / width in [0, 1).
LEFTS = [2**e * (1 + mpf(i) / 8) - 1 for e in range(5) for i in range(8)][1:34]
RIGHTS = [*LEFTS[1:], mpf(19)]
DEGREE = 26
THREE_LIMBS = 7  # the lowest coefficients have three 64-bit limbs, the others two
ROW_UNIT = 146  # -log2 of the unit of the polynomials' coefficients

SERIES_DEGREE = 18
SERIES_UNIT = 182
SERIES_SCALE = 4  # the series' variable is z = 2^4 x^2, below 1/4

# Relative errors before rounding, as float64_accurate.h claims them.
CLAIMED_ROWS = mpf("-130.6")
CLAIMED_SERIES = mpf("-132.2")


def function(x):
    """Return x - tanh(x); the working precision outweighs the cancellation."""
    return x - tanh(x)


def fit_row(left, right, nodes, inverse):
    """Integer coefficients, from degree 0, of the interpolant in the Chebyshev nodes."""
    values = matrix([function(left + (right - left) * s) for s in nodes])
    return [int(nint(c * 2**ROW_UNIT)) for c in inverse * values]


def row_error(left, right, coefficients):
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


def taylor_coefficient(j):
    """Coefficient of x^(2j + 3) in x - tanh(x)."""
    n = 2 * (j + 2)
    return -(mpf(2) ** n) * (mpf(2) ** n - 1) * bernoulli(n) / factorial(n)


def series_coefficients():
    """Integer coefficients in z; the first rounded down, for the ties of x^3/3."""
    scaled = [
        taylor_coefficient(j) * mpf(2) ** (SERIES_UNIT - SERIES_SCALE * j)
        for j in range(SERIES_DEGREE + 1)
    ]
    return [int(mp.floor(scaled[0])), *(int(nint(c)) for c in scaled[1:])]


def series_error():
    """Bound of the relative error of the kernel's series, cut where the kernel cuts it."""
    worst = mpf(0)
    for shift in range(2, 200, 2):  # 2^-(shift + 6) <= x^2 < 2^-(shift + 4)
        y = mpf(2) ** -(shift + 4)
        first_left_out = 132 // (shift + 5) + 1
        tail = abs(taylor_coefficient(first_left_out)) * y**first_left_out
        rounding_of_z = mpf(2) / 15 / 2**SERIES_SCALE / mpf(2) ** 128
        units = mpf(4 * (SERIES_DEGREE + 1)) / 2**SERIES_UNIT  # 3 a step, coefficients rounded
        worst = max(worst, (tail + rounding_of_z + units) / (mpf(1) / 3 - y * 2 / 15))
    return worst + mpf(2) ** -175  # the last three products


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


def lines(_sample):
    """The header; always whole, for it takes half a second."""
    nodes = [(1 + cospi(mpf(2 * i + 1) / (2 * DEGREE + 2))) / 2 for i in range(DEGREE + 1)]
    inverse = matrix([[s**j for j in range(DEGREE + 1)] for s in nodes]) ** -1
    rows = []
    worst_fit = worst_total = mpf(0)
    for left, right in zip(LEFTS, RIGHTS, strict=True):
        coefficients = fit_row(left, right, nodes, inverse)
        check_row_widths(coefficients)
        fit = row_error(left, right, coefficients)
        # Horner's rule rounds each of its products down by less than one unit.
        total = fit + DEGREE / mpf(2) ** ROW_UNIT / function(left)
        print(f"[{float(left):6.3f}, {float(right):6.3f}): fit {power(fit)}, sum {power(total)}")
        worst_fit, worst_total = max(worst_fit, fit), max(worst_total, total)
        rows.append(coefficients)

    series = series_error()
    print(f"relative error: intervals {power(worst_total)}, series below 1/8 {power(series)}")
    if log(worst_total, 2) > CLAIMED_ROWS or log(series, 2) > CLAIMED_SERIES:
        sys.exit("FAILED: float64_accurate.h claims 2^-130.6 and 2^-132.2")
    print("float64_accurate.h claims 2^-130.6 and 2^-132.2: both hold")

    two_limbs = DEGREE + 1 - THREE_LIMBS
    header = f"""\
/* Generated by `python tools/float64_accurate.py`; do not edit.
 *
 * f(x) = x - tanh(x) for the float64 accurate tier.  Integers in two's complement, the least
 * significant limb first.
 *
 * Rows: 1/8 <= |x| < 19 in {len(rows)} intervals, chosen by the exponent of |x| + 1 and the three
 * bits after its leading one.  f = sum c[j] s^j 2^-{ROW_UNIT} with s = (|x| - left) / width < 1:
 * degree {DEGREE}, interpolation in the Chebyshev nodes, relative error at most {power(worst_fit)},
 * the rounding of the coefficients included.
 *
 * Series: |x| < 1/8.  f = x^3 sum c[j] z^j 2^-{SERIES_UNIT} with z = {2**SERIES_SCALE} x^2:
 * the Taylor series up to z^{SERIES_DEGREE}, its first coefficient rounded down. */
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
    out = header.splitlines()
    out += ["", f"static const f64_accurate_row f64_accurate_rows[{len(rows)}] = {{"]
    for left, right, coefficients in zip(LEFTS, RIGHTS, rows, strict=True):
        high = [limbs(c, 2) for c in reversed(coefficients[THREE_LIMBS:])]
        low = [limbs(c, 3) for c in reversed(coefficients[:THREE_LIMBS])]
        out += [f"    {{ /* [{float(left)}, {float(right)}) */", "        {"]
        out += list_in_c(8, high, 2)
        out += ["        }, {", *list_in_c(8, low, 1), "        }", "    },"]
    out += ["};", "", f"static const uint64_t f64_accurate_series[{SERIES_DEGREE + 1}][3] = {{"]
    out += list_in_c(4, [limbs(c, 3) for c in series_coefficients()], 1)
    return [*out, "};", "", "#endif"]


if __name__ == "__main__":
    write_or_check(
        "coefficients_float64_accurate.h", "derive the tables of the float64 accurate tier", lines
    )
