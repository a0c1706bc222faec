"""Generate the table of the float64 fast tier: python tools/float64_fast.py

The interval 2^-10 <= x < 18.5 is cut into rows, numbered by the exponent and the top 6 bits of the
mantissa of x. In each row

    f(x) = x - tanh(x) ~ c0 + c0_low + c1 t + ... + c7 t^7,    t = x - centre,

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

import gmpy2
from gmpy2 import mpfr

import generated

FIRST_EXPONENT = -10
ROW_BITS = 6
END = 18.5
DEGREE = 7
NODES = 24
FIT_BOUND = -65.0  # log2 of the relative error that every row must reach
SEARCH = (256, 1024, 6144)  # half-widths of the search for a centre, tried in turn
KEPT = 24  # candidates that are fitted in full

gmpy2.get_context().precision = 200


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


def f(x):
    """x - tanh(x): 200 bits lose 32 to cancellation at 2^-10, so 168 remain."""
    return x - gmpy2.tanh(x)


def fit(middle, half, values, centre):
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
        error = max(error, abs(p / f(x) - 1))
    return error, wanted_c1, [*c[:6], c0_low, c[6]]


def distance_to_double(value):
    """How far `value` is from the nearest double, relative to `value`."""
    return abs(mpfr(float(value)) / value - 1)


def row(number):
    """Relative error and the 8 doubles of row `number`."""
    first = double_bits(2.0**FIRST_EXPONENT)
    low = mpfr(double_from_bits(first + (number << (52 - ROW_BITS))))
    high = mpfr(double_from_bits(first + ((number + 1) << (52 - ROW_BITS))))
    middle, half = (low + high) / 2, (high - low) / 2
    values = [f(middle + half * u) for u in NODES_AT]
    _, c1, _ = fit(middle, half, values, float(middle))
    offset = c1 - gmpy2.tanh(middle) ** 2  # the fitted c1 minus f': hardly varies in a row
    step = (high - low) / 2 ** (20 - ROW_BITS)  # doubles with zero lower halves
    for width in SEARCH:
        centres = [middle + k * step for k in range(-width, width + 1)]
        centres.sort(key=lambda x: (distance_to_double(gmpy2.tanh(x) ** 2 + offset), x))
        error, _, words = min(fit(middle, half, values, float(x)) for x in centres[:KEPT])
        if gmpy2.log2(error) < FIT_BOUND:
            break
    return error, words


def lines(sample):
    """The lines of the header; None for rows outside the sample."""
    end_bits = double_bits(END) - double_bits(2.0**FIRST_EXPONENT)
    count = -(-end_bits >> (52 - ROW_BITS))
    wanted = range(count) if sample is None else {i * (count - 1) // sample for i in range(sample)}
    rows = [None] * count
    worst = mpfr(0)
    for i in wanted:
        error, words = row(i)
        worst = max(worst, error)
        rows[i] = "    {" + ", ".join(w.hex() for w in words) + "},"
        if i % 64 == 0:
            print(f"\rrow {i} of {count}", end="", file=sys.stderr, flush=True)
    bound_met = gmpy2.log2(worst) < FIT_BOUND
    print(
        f"\rfit error 2^{float(gmpy2.log2(worst)):.2f} at most over {len(wanted)} rows:"
        f" bound 2^{FIT_BOUND:g} {'met' if bound_met else 'MISSED'}",
        file=sys.stderr,
    )
    if not bound_met:
        sys.exit(1)
    never_decides = [0.0] * 6 + [pair(mpfr(1), 1.0), 0.0]
    return [
        "/* Generated by tools/float64_fast.py; do not edit.",
        " *",
        f" * Rows of x - tanh(x) for 2^{FIRST_EXPONENT} <= x < {END}: degree {DEGREE}, relative",
        f" * error below 2^{FIT_BOUND:g}, coefficients as they stand. A row is one cache line:",
        " * c0, c1, c2, c3, c4, c5, c0_low : centre, c6 : c7. The last row decides nothing: its",
        " * low part is 1 and its high part 0, which no rounding test passes. */",
        f"#define F64_ROW_BITS {ROW_BITS}",
        f"#define F64_ROWS {count}",
        "static const TANHSHRINK_ALIGN(64) double f64_rows[F64_ROWS + 1][8] = {",
        *rows,
        "    {" + ", ".join(w.hex() for w in never_decides) + "},",
        "};",
    ]


if __name__ == "__main__":
    generated.write_or_check("coefficients_float64_fast.h", __doc__.splitlines()[0], lines)
