"""Generate the tables of the float64 fast tier: python tools/float64_fast.py

One table for f(x) = x - tanh(x), one for its derivative tanh(x)^2. The interval from 2^-10 to the
table's end is cut into rows, numbered by the exponent and the top 6 bits of the mantissa of x. In
each row the function is

    f(x) ~ c0 + c0_low + c1 t + ... + c7 t^7,    t = x - centre,

a least-squares fit on Chebyshev points, so nearly minimax. The coefficients are rounded one after
the other, highest power first, and each is fitted again to what the ones above leave over. A row
fills one cache line of 8 doubles, so two of them hold two numbers each: a `pair` word, read as a
double, *is* the first number, but its lower 32 bits are the upper 32 bits of the second one. The
fit takes both as they are.

c1 has no low part. Instead the centre is not the exact middle of its row: among the points near it,
one is searched where the wanted c1 happens to lie very close to a double (Gal's method).
"""

import struct
import sys
from typing import NamedTuple

import gmpy2
from gmpy2 import mpfr

import generated

FIRST_EXPONENT = -10
ROW_BITS = 6
DEGREE = 7
NODES = 24
SEARCH = (256, 1024, 6144)  # half-widths of the search for a centre, tried in turn
KEPT = 24  # candidates that are fitted in full

gmpy2.get_context().precision = 200


class Table(NamedTuple):
    """A function of mpfr numbers and what its table is to be."""

    formula: str
    prefix: str  # of the names in C
    end: float  # a border of rows
    bound: float  # log2 of the relative error that every row must reach
    function: object
    derivative: object


def sech2(x):
    """1 - tanh(x)^2, without cancellation."""
    return 1 / gmpy2.cosh(x) ** 2


TABLES = (
    Table(
        formula="x - tanh(x)",
        prefix="F64",
        end=18.5,
        bound=-65.0,
        function=lambda x: x - gmpy2.tanh(x),  # 200 bits lose 32 to cancellation at 2^-10
        derivative=lambda x: gmpy2.tanh(x) ** 2,
    ),
    Table(
        formula="tanh(x)^2",
        prefix="F64_GRAD",
        end=19.5,  # the first border from which on the double nearest to tanh(x)^2 is 1
        bound=-64.15,
        function=lambda x: gmpy2.tanh(x) ** 2,
        derivative=lambda x: 2 * gmpy2.tanh(x) * sech2(x),
    ),
)


def double_bits(x):
    """The 64 bits of a double."""
    return struct.unpack("<Q", struct.pack("<d", x))[0]


def double_from_bits(bits):
    """The double of 64 bits."""
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def upper_half(value):
    """The double nearest to `value` whose lower 32 bits are zero."""
    return double_from_bits((double_bits(float(value)) + (1 << 31)) >> 32 << 32)


def pair(value, second):
    """The double nearest to `value` whose lower 32 bits are the upper 32 bits of `second`."""
    top, low = double_bits(float(value)) >> 32, double_bits(second) >> 32
    candidates = [double_from_bits((top + k) << 32 | low) for k in (-1, 0, 1)]
    return min(candidates, key=lambda c: abs(mpfr(c) - value))


def projections():
    """Return nodes on [-1, 1] and, for each degree j, weights on them.

    sum(weights * g(nodes)) is the coefficient of t^j of the least-squares polynomial of degree j
    for g.
    """
    nodes = [gmpy2.cos(gmpy2.const_pi() * (2 * i + 1) / (2 * NODES)) for i in range(NODES)]
    weights = []
    basis = []  # orthogonal polynomials on the nodes, by the Gram-Schmidt process
    for j in range(DEGREE + 1):
        values = [u**j for u in nodes]
        for other in basis:
            norm = sum(q * q for q in other)
            part = sum(v * q for v, q in zip(values, other, strict=True)) / norm
            values = [v - part * q for v, q in zip(values, other, strict=True)]
        norm = sum(v * v for v in values)
        weights.append([v / norm for v in values])
        basis.append(values)
    return nodes, weights


NODES_AT, WEIGHTS = projections()


def fit(function, middle, half, values, centre):
    """Fit one row. Returns its relative error, the wanted c1 and the 8 doubles of the row."""
    shifts = [middle + half * u - centre for u in NODES_AT]
    rest = values
    c = [0.0] * (DEGREE + 1)
    for j in range(DEGREE, -1, -1):
        wanted = sum(w * r for w, r in zip(WEIGHTS[j], rest, strict=True)) / half**j
        if j == 7:
            c[7] = exact = upper_half(wanted)
        elif j == 6:
            c[6] = exact = pair(wanted, c[7])
        elif j > 0:
            c[j] = exact = float(wanted)
        else:
            c[0] = float(wanted)
            c0_low = pair(wanted - mpfr(c[0]), centre)
            exact = mpfr(c[0]) + mpfr(c0_low)
        if j == 1:
            wanted_c1 = wanted
        rest = [r - exact * t**j for r, t in zip(rest, shifts, strict=True)]
    error = max(abs(r / v) for r, v in zip(rest, values, strict=True))
    for x in (middle - half, middle + half):
        t = x - centre
        p = sum(mpfr(c[j]) * t**j for j in range(1, DEGREE + 1)) + mpfr(c[0]) + mpfr(c0_low)
        error = max(error, abs(p / function(x) - 1))
    return error, wanted_c1, [*c[:6], c0_low, c[6]]


def distance_to_double(value):
    """How far `value` is from the nearest double, relative to `value`."""
    return abs(mpfr(float(value)) / value - 1)


def words_line(words):
    """A row's doubles as an initializer in C."""
    return "    {" + ", ".join(w.hex() for w in words) + "},"


def row(table, number):
    """Relative error and the line of row `number`, 8 doubles."""
    first = double_bits(2.0**FIRST_EXPONENT)
    low = mpfr(double_from_bits(first + (number << (52 - ROW_BITS))))
    high = mpfr(double_from_bits(first + ((number + 1) << (52 - ROW_BITS))))
    middle, half = (low + high) / 2, (high - low) / 2
    values = [table.function(middle + half * u) for u in NODES_AT]
    _, c1, _ = fit(table.function, middle, half, values, float(middle))
    offset = c1 - table.derivative(middle)  # hardly varies in a row
    step = (high - low) / 2 ** (20 - ROW_BITS)  # doubles with zero lower halves
    for width in SEARCH:
        centres = [middle + k * step for k in range(-width, width + 1)]
        centres.sort(key=lambda x: (distance_to_double(table.derivative(x) + offset), x))
        fits = [fit(table.function, middle, half, values, float(x)) for x in centres[:KEPT]]
        error, _, words = min(fits)
        if gmpy2.log2(error) < table.bound:
            break
    return error, words_line(words)


def table_lines(table, sample):
    """The lines of one table; None for rows outside the sample."""
    end_bits = double_bits(table.end) - double_bits(2.0**FIRST_EXPONENT)
    count = end_bits >> (52 - ROW_BITS)
    rows = generated.table_rows(
        f"{table.formula}: fit error", count, sample, table.bound, lambda i: row(table, i)
    )
    never_decides = [0.0] * 6 + [pair(mpfr(1), 1.0), 0.0]
    name = f"{table.prefix.lower()}_rows[{table.prefix}_ROWS + 1][8]"
    return [
        "",
        f"/* {table.formula} for 2^{FIRST_EXPONENT} <= x < {table.end}:"
        f" relative error below 2^{table.bound:g}. */",
        f"#define {table.prefix}_ROWS {count}",
        f"TANHSHRINK_TABLE TANHSHRINK_ALIGN(64) double {name} = {{",
        *rows,
        words_line(never_decides),
        "};",
    ]


def lines(sample):
    """The lines of the header; of each table, `sample` rows."""
    header = f"""\
/* Generated by tools/float64_fast.py; do not edit.
 *
 * Rows of x - tanh(x) and of its derivative: degree {DEGREE}, coefficients as they stand. A row is
 * one cache line: c0, c1, c2, c3, c4, c5, c0_low : centre, c6 : c7. The last row of a table decides
 * nothing: its low part is 1 and its high part 0, which no rounding test passes. */
#define F64_ROW_BITS {ROW_BITS}"""
    return header.splitlines() + [line for t in TABLES for line in table_lines(t, sample)]


if __name__ == "__main__":
    if float(TABLES[1].function(mpfr(TABLES[1].end))) != 1:
        sys.exit("tanh(x)^2 does not yet round to 1 where its table ends")
    generated.write_or_check("coefficients_float64_fast.h", __doc__.splitlines()[0], lines)
