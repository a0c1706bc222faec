"""Generate the constants of the complex kernels: python tools/complex_tables.py

Taylor coefficients rather than minimax ones in complex128: all tiers share them, and the powers of
a reduced argument fall so quickly that a minimax fit would save next to nothing. What each
truncated series leaves out is printed and must stay below its bound. In complex64, which needs
fewer bits of longer intervals, interpolation in Chebyshev points saves a term.
"""

import sys

from mpmath import bernoulli, cos, factorial, floor, ln, log, mp, mpf, pi, sin

from generated import write_or_check

mp.prec = 1600  # 2/pi is needed to 1408 bits

INVERSE_FACTORIALS = 6
SERIES_TERMS = 24
GRAD_TERMS = 16
LAST_TERMS = 21
TWO_OVER_PI_ROWS = 130
ANGLES = 128  # in a half turn
POWERS = 64  # roots of 2
LARGE_ANGLES = range(20, 128)  # exponents of the floats from 2^20 on

# What is evaluated: who, what, largest |argument|, terms kept, bound of log2 of the relative error.
CASES = (
    ("fast", "sin", pi / (2 * ANGLES), 3, -68),
    ("fast", "cos", pi / (2 * ANGLES), 4, -60),  # matters next to a pole only, else 2^-66
    ("fast", "sinh", ln(2) / (2 * POWERS), 3, -68),
    ("fast", "cosh", ln(2) / (2 * POWERS), 4, -60),
    ("fast", "series", mpf(1) / 8, 16, -65),
    ("fast", "grad", mpf(1) / 8, 16, -65),
    ("small", "series", mpf(2) ** -9, 6, -61),
    ("small", "grad", mpf(2) ** -9, 7, -61),
    ("complex64", "series", mpf(1) / 128, 7, -58),
    ("complex64", "grad", mpf(1) / 128, 8, -58),
    ("accurate", "sin", pi / (2 * ANGLES), 6, -105),
    ("accurate", "cos", pi / (2 * ANGLES), 6, -105),
    ("accurate", "sinh", ln(2) / (2 * POWERS), 6, -105),
    ("accurate", "cosh", ln(2) / (2 * POWERS), 6, -105),
    ("accurate", "series", mpf(1) / 8, SERIES_TERMS, -103),
    ("last", "sinh", mpf(5) / 4, LAST_TERMS, -160),
    ("last", "cosh", mpf(5) / 4, LAST_TERMS, -160),
)

# The same in complex64
INTERPOLATED = (
    ("sin", pi / 4, 6, -54),
    ("cos", pi / 4, 7, -56),
    ("sinh", ln(2) * 5 / 8, 5, -55),
    ("cosh", ln(2) * 5 / 8, 6, -56),
)


def inverse_factorial(name, j):
    """Coefficient j of (sin x - x) / x^3 or (cos x - 1) / x^2, in +-x^2."""
    return 1 / factorial(2 * j + (3 if name.startswith("sin") else 2))


def series_coefficient(j):
    """Coefficient of w^j, w = z^2, in (z - tanh z) / z^3."""
    n = 2 * (j + 2)
    return -(mpf(2) ** n) * (mpf(2) ** n - 1) * bernoulli(n) / factorial(n)


def grad_coefficient(j):
    """Coefficient of w^j, w = z^2, in tanh(z)^2 / z^2."""
    return (2 * j + 3) * series_coefficient(j)


def interpolated(name, limit, terms):
    """Coefficients of (sin x - x) / x^3 or (cos x - 1) / x^2 in x^2, and log2 of the error.

    The error is that of sin x / x, or twice that of cos x - 1 divided by x^2.
    """

    def exact(w):
        x = mp.sqrt(w)
        value = getattr(mp, name)(x)
        return (value - x) / x**3 if name.startswith("sin") else (value - 1) / w

    def points(count):
        return [limit**2 * (1 - cos((2 * i + 1) * pi / (2 * count))) / 2 for i in range(count)]

    powers = mp.matrix([[w**j for j in range(terms)] for w in points(terms)])
    made = list(map(float, mp.lu_solve(powers, mp.matrix([exact(w) for w in points(terms)]))))
    errors = [
        abs(sum(c * w**j for j, c in enumerate(made)) - exact(w))
        * (w if name.startswith("sin") else 2)
        for w in points(200)
    ]
    return made, log(max(errors), 2)


def left_out(name, limit, terms):
    """log2 of the first term left out, relative to the whole: it bounds the rest within 6 %."""
    if name == "series":
        return log(abs(series_coefficient(terms) * limit**terms) * 3, 2)
    if name == "grad":
        return log(abs(grad_coefficient(terms) * limit**terms), 2)
    first = limit ** (2 if name.startswith("sin") else 0)
    scale = first if name.startswith("sin") else 2
    return log(inverse_factorial(name, terms) * limit ** (2 * terms) * scale, 2)


def bits_of(value, bits):
    """The leading `bits` bits of a positive number, rounded to nearest."""
    scale = mpf(2) ** (bits - 1 - int(floor(log(value, 2))))
    return floor(value * scale + mpf(1) / 2) / scale


def parts(value, *sizes):
    """Numbers of these sizes in bits whose sum is `value`, but for the last one's rounding."""
    made = []
    for bits in sizes:
        sign = -1 if value < 0 else 1
        part = sign * bits_of(abs(value), bits)
        made.append(part)
        value -= part
    return made


def literal(value):
    return float(value).hex().replace("0x0.0p+0", "0.0")


def doubles(value, count):
    """The sum of so many doubles that is nearest to `value`, as the items of an initializer."""
    items = []
    for _ in range(count):
        items.append(literal(value))
        value -= mpf(float(value))
    return ", ".join(items)


def array(declaration, rows):
    return [f"{declaration} = {{", *(f"    {{{row}}}," for row in rows), "};"]


def table(name, values):
    rows = [doubles(v, 2) for v in values]
    return array(f"static const f64_pair {name}[{len(rows)}]", rows)


def triples(name, values):
    rows = [doubles(v, 3) for v in values]
    return array(f"TANHSHRINK_TABLE double {name}[{len(rows)}][3]", rows)


def rows(name, pairs):
    """A table of rows of two pairs, 32 bytes each."""
    rows = [f"{doubles(a, 2)}, {doubles(b, 2)}" for a, b in pairs]
    return array(f"TANHSHRINK_TABLE TANHSHRINK_ALIGN(32) double {name}[{len(rows)}][4]", rows)


def angle_row(j):
    """sin and cos of j pi/ANGLES; the zeros exactly."""
    angle = j * pi / ANGLES
    return tuple(v if abs(v) > mpf("1e-9") else mpf(0) for v in (sin(angle), cos(angle)))


def root(j):
    """2^(j/POWERS)"""
    return mpf(2) ** (mpf(j) / POWERS)


def constants(name, values):
    return [f"#define {name}_{i + 1} {literal(v)}" for i, v in enumerate(values)]


def large_angle_row(exponent):
    """2^(exponent - 22) 2/pi modulo 4: multiples of 2^-27 and 2^-56, and the rest."""
    left = mpf(2) ** (exponent - 22) * 2 / pi
    left -= 4 * floor(left / 4)
    row = []
    for unit in (mpf(2) ** -27, mpf(2) ** -56):
        row.append(floor(left / unit) * unit)
        left -= row[-1]
    return *row, left, mpf(0)


def two_over_pi_row(j):
    """256 bits of 2/pi from bit 8j - 64 on, the least significant word first."""
    bits = int(floor(2 / pi * mpf(2) ** (8 * j + 192))) & (2**256 - 1)
    return ", ".join(f"0x{bits >> 64 * i & (2**64 - 1):016x}" for i in range(4))


def lines(_rows):
    missed = False
    for tier, name, limit, terms, bound in CASES:
        error = float(left_out(name, limit, terms))
        missed |= error > bound
        print(f"{tier} {name}: {terms} terms, error 2^{error:.1f}, bound 2^{bound}")
    c64 = []
    for name, limit, terms, bound in INTERPOLATED:
        made, error = interpolated(name, limit, terms)
        missed |= error > bound
        print(f"complex64 {name}: {terms} terms, error 2^{float(error):.1f}, bound 2^{bound}")
        c64 += [
            f"TANHSHRINK_CONSTANT double c64_{name}[{terms}] = {{",
            *(f"    {literal(c)}," for c in made),
        ]
        c64.append("};")
    if missed:
        sys.exit("a bound is missed: nothing written")
    odd = [inverse_factorial("sin", j) for j in range(INVERSE_FACTORIALS)]
    even = [inverse_factorial("cos", j) for j in range(INVERSE_FACTORIALS)]
    series = [series_coefficient(j) for j in range(SERIES_TERMS)]
    grad = [grad_coefficient(j) for j in range(GRAD_TERMS)]
    return [
        "/* Generated by: python tools/complex_tables.py.  Do not edit.",
        " *",
        " * Pairs of doubles, good to 2^-106.  Taylor coefficients:",
        " *   odd_terms[j]     1/(2j + 3)!",
        " *   even_terms[j]    1/(2j + 2)!",
        " *   series_terms[j]  of w^j in (z - tanh z)/z^3, w = z^2",
        " *   grad_terms[j]    of w^j in tanh(z)^2/z^2",
        " * Interpolated in x^2, for |x| < pi/4 or 5/8 log(2):",
        " *   c64_sin, c64_sinh    (sin x - x)/x^3, (sinh x - x)/x^3",
        " *   c64_cos, c64_cosh    (cos x - 1)/x^2, (cosh x - 1)/x^2",
        " * Rows of two pairs each:",
        f" *   sine_cosine_rows[j]  sin and cos of j pi/{ANGLES}",
        f" *   power_rows[j]        2^(j/{POWERS})/2 and 2^(-j/{POWERS})/2",
        " * c64_angle_rows[e - 20]: of 2^(e - 22) 2/pi modulo 4, 29 bits, 29 bits, the rest, 0.",
        " * PI_2_i, PI_128_i, LN2_i: pi/2, pi/128 and log 2 in parts of 32, 44 (second: 47) and 36",
        " * bits, but the last one of 53;",
        " * pi_2_parts: pi/2 in parts of 53 bits; inverse_factorials[j]: 1/(j + 2)! likewise.",
        " * two_over_pi_rows[j]: of 64 zero bits and the bits of 2/pi after them, those from 8j to",
        " * 8j + 255, the least significant word first. */",
        "#ifndef TANHSHRINK_COEFFICIENTS_COMPLEX_H",
        "#define TANHSHRINK_COEFFICIENTS_COMPLEX_H",
        "",
        '#include "double_double.h"',
        "",
        f"#define TWO_OVER_PI {literal(2 / pi)}",
        *constants("PI_2", parts(pi / 2, 32, 32, 32, 53)),
        "static const double pi_2_parts[3] = {",
        *(f"    {literal(v)}," for v in parts(pi / 2, 53, 53, 53)),
        "};",
        f"#define INVERSE_PI_128 {literal(ANGLES / pi)}",
        *constants("PI_128", parts(pi / ANGLES, 44, 47, 53)),
        f"#define INVERSE_LN2 {literal(1 / ln(2))}",
        *constants("LN2", parts(ln(2), 36, 36, 53)),
        *table("odd_terms", odd),
        *table("even_terms", even),
        *triples("inverse_factorials", [1 / factorial(j + 2) for j in range(2 * LAST_TERMS)]),
        *table("series_terms", series),
        *table("grad_terms", grad),
        *c64,
        *rows("sine_cosine_rows", [angle_row(j) for j in range(2 * ANGLES)]),
        *rows("power_rows", [(root(j) / 2, 1 / root(j) / 2) for j in range(POWERS)]),
        f"TANHSHRINK_TABLE TANHSHRINK_ALIGN(32) double c64_angle_rows[{len(LARGE_ANGLES)}][4] = {{",
        *(f"    {{{', '.join(map(literal, large_angle_row(e)))}}}," for e in LARGE_ANGLES),
        "};",
        "TANHSHRINK_TABLE TANHSHRINK_ALIGN(32) uint64_t "
        f"two_over_pi_rows[{TWO_OVER_PI_ROWS}][4] = {{",
        *(f"    {{{two_over_pi_row(j)}}}," for j in range(TWO_OVER_PI_ROWS)),
        "};",
        "",
        "#endif",
    ]


if __name__ == "__main__":
    write_or_check("coefficients_complex.h", __doc__.splitlines()[0], lines)
