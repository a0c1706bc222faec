"""Derive the tables of the long double kernels: coefficients_longdouble.h.

For significands of 64 bits (x87) and of 113 bits (IEEE quad): the functions at the centres of a
table, Taylor series, and pi/2. Prints how far each series is cut, and fails where that is more
than the kernels count on.
"""

import sys
from fractions import Fraction
from math import factorial
from typing import NamedTuple

from mpmath import (
    bernfrac,
    cos,
    exp,
    floor,
    frexp,
    ldexp,
    ln2,
    log,
    mp,
    mpf,
    nint,
    pi,
    sin,
    sqrt,
    tanh,
    workprec,
)

from generated import write_or_check

mp.prec = 600

CENTRES = [2**e * (1 + mpf(i) / 16) for e in range(-4, 3) for i in range(16)]

PI_PARTS = 6
LN2_PARTS = 3
LN2_FACTOR_BITS = 15  # of the integers by which the products of those parts are exact
PI_LIMBS = 12  # as many as the longest multiple precision has
TWO_OVER_PI_LIMBS = 532  # the largest exponent, 2^14, and 20 more
CUT = -4  # log2 of what a series may leave out, in units of the function's last place


class Format(NamedTuple):
    """A long double, and how many terms its series have."""

    name: str
    bits: int
    small_series: int  # x - tanh(x), |x| <= 1/16
    series: int  # the same, |x| <= 1/4
    short_series: int  # the same, at the distances from the centres
    long_series: int  # the same, |x|^2 <= 5/128; no fewer terms than for |x| <= 1/4
    tiny_series: int  # the same, |x|^2 <= 2^-6
    trigonometric: int  # sin(x) and cos(x), |x| <= 1/4
    one_start: int  # from here on tanh(x) is 1

    @property
    def centres(self):
        """Centres of the table, which must reach to 4 and to an eighth of one_start."""
        return [c for c in CENTRES if c <= max(4, mpf(self.one_start) / 8)]

    @property
    def part_bits(self):
        """Bits of a part of pi/2: its product by an integer of the other bits is exact."""
        return self.bits // 2 + 1

    def round(self, value):
        """The nearest number of this format; its exponent is never near the limits here."""
        significand, exponent = frexp(value)
        return ldexp(nint(ldexp(significand, self.bits)), exponent - self.bits)


FORMATS = (
    Format(
        "x87",
        64,
        small_series=8,
        series=13,
        short_series=6,
        long_series=14,
        tiny_series=11,
        trigonometric=7,
        one_start=26,
    ),
    Format(
        "IEEE quad",
        113,
        small_series=13,
        series=23,
        short_series=15,
        long_series=24,
        tiny_series=19,
        trigonometric=12,
        one_start=44,
    ),
)


def shrink_coefficient(j):
    """Of x^(2j + 3) in x - tanh(x)."""
    n = 2 * (j + 2)
    return -(2**n) * (2**n - 1) * Fraction(*bernfrac(n)) / factorial(n)


def trigonometric_coefficient(j, first):
    """Of x^(2j + 2) in sin(x) / x, if `first` is 3, or in cos(x), if it is 2."""
    return Fraction((-1) ** (j + 1), factorial(2 * j + first))


def hexadecimal(value):
    """A long double literal for a number of the format, normalised and without trailing zeros."""
    if value == 0:
        return "0.0L"
    significand, exponent = frexp(abs(value))
    digits = f"{int(ldexp(significand, 117)):030x}".rstrip("0")  # 1 bit, then 116 of 29 digits
    fraction = f".{digits[1:]}" if digits[1:] else ""
    return f"{'-' if value < 0 else ''}0x{digits[0]}{fraction}p{int(exponent) - 1}L"


def real(fraction):
    return mpf(fraction.numerator) / fraction.denominator


def check_cuts(fmt):
    """Compare the first term each series leaves out with the last place of its function."""

    def shrink(terms, x):
        return real(shrink_coefficient(terms)) * x ** (2 * terms + 3)

    quarter = mpf(1) / 4
    cosine = real(trigonometric_coefficient(fmt.trigonometric, 2))
    first = mpf(1) / 16
    cuts = {
        "|x| <= 1/16": shrink(fmt.small_series, first) / (first - tanh(first)),
        "|x| <= 1/4": shrink(fmt.series, quarter) / (quarter - tanh(quarter)),
        # Half of a sixteenth of the centres, in the first and in the last binade with rows.
        "next to 1/16": shrink(fmt.short_series, mpf(1) / 512) / (first - tanh(first)),
        "next to 2": shrink(fmt.short_series, mpf(1) / 16) / (2 - tanh(2)),
        "1 - tanh(x)": 2 * exp(-2 * mpf(fmt.one_start)),
        "|x|^2 <= 5/128": shrink(fmt.long_series, sqrt(mpf(5) / 128)) * (mpf(128) / 5) ** 1.5 * 3,
        "|x|^2 <= 2^-6": shrink(fmt.tiny_series - 1, sqrt(mpf(1) / 64)) / mpf(64) ** -1.5 * 3,
        "cos(x), |x| <= 1/4": 32 * cosine * quarter ** (2 * fmt.trigonometric + 2),
    }
    for name, cut in cuts.items():
        units = log(abs(cut), 2) + fmt.bits
        print(f"{fmt.name}: {name}: cut at 2^{float(units):.1f} units in the last place")
        if units > CUT:
            sys.exit(f"FAILED: more than 2^{CUT}")


def parts(value, count, bits):
    """A value below 2 as a sum of `count` parts with at most that many bits."""
    found, rest = [], mpf(value)
    for i in range(1, count + 1):
        unit = mpf(2) ** (1 - i * bits)
        found.append(floor(rest / unit) * unit)
        rest -= found[-1]
    return found


def limb_lines(declaration, value, count):
    """The first digits to the base 2^32 of a value below 1."""
    with workprec(32 * count + 100):
        digits = f"{int(floor(ldexp(value(), 32 * count))):0{8 * count}x}"
    limbs = [f"0x{digits[i : i + 8]}," for i in range(0, len(digits), 8)]
    lines = ["    " + " ".join(limbs[i : i + 8]) for i in range(0, count, 8)]
    return [f"{declaration}[{count}] = {{", *lines, "};"]


def high_and_low(fmt, value):
    high = fmt.round(value)
    return high, fmt.round(value - high)


def half_and_rest(fmt, value):
    half = fmt._replace(bits=fmt.bits // 2).round(value)
    return half, fmt.round(value - half)


def row_lines(fmt, centre):
    t = tanh(centre)
    pairs = [high_and_low(fmt, v) for v in (t, centre - t, t * t, sin(centre), cos(centre))]
    pairs += [half_and_rest(fmt, slope) for slope in (t * t, 2 * t * (1 - t * t))]
    texts = [f"        {hexadecimal(high)}, {hexadecimal(low)}," for high, low in pairs]
    return [f"    {{ /* {float(centre)} */", *texts, "    },"]


def array_lines(declaration, values):
    return [f"{declaration}[{len(values)}] = {{", *(f"    {hexadecimal(v)}," for v in values), "};"]


def format_lines(fmt):
    """The tables of one format."""
    check_cuts(fmt)
    second = real(shrink_coefficient(1))
    series = [fmt.round(real(shrink_coefficient(j))) for j in range(fmt.long_series)]
    sine, cosine = (
        [fmt.round(real(trigonometric_coefficient(j, first))) for j in range(fmt.trigonometric)]
        for first in (3, 2)
    )
    out = [
        f"#define LONGDOUBLE_ONE_START {fmt.one_start}",
        f"#define LONGDOUBLE_SMALL_SERIES {fmt.small_series}",
        f"#define LONGDOUBLE_SERIES {fmt.series}",
        f"#define LONGDOUBLE_SHORT_SERIES {fmt.short_series}",
        f"#define LONGDOUBLE_LONG_SERIES {fmt.long_series}",
        f"#define LONGDOUBLE_TINY_SERIES {fmt.tiny_series}",
        f"#define LONGDOUBLE_TRIGONOMETRIC {fmt.trigonometric}",
        f"#define LONGDOUBLE_HALF_PI_PARTS {PI_PARTS}",
        f"#define LONGDOUBLE_HALF_LN2_PARTS {LN2_PARTS}",
        f"#define LONGDOUBLE_SERIES_1_LOW {hexadecimal(high_and_low(fmt, second)[1])}",
        f"#define LONGDOUBLE_SPLIT {hexadecimal(mpf(2) ** (fmt.bits - fmt.bits // 3) + 1)}",
        f"#define LONGDOUBLE_SPLIT_HALF {hexadecimal(mpf(2) ** (fmt.bits // 2) + 1)}",
        f"#define LONGDOUBLE_TWO_OVER_PI {hexadecimal(fmt.round(2 / pi))}",
        f"#define LONGDOUBLE_TWO_OVER_LN2 {hexadecimal(fmt.round(2 / ln2))}",
        "",
        *array_lines("static const long double longdouble_series", series),
        *array_lines("static const long double longdouble_sine", sine),
        *array_lines("static const long double longdouble_cosine", cosine),
        *array_lines(
            "static const long double longdouble_half_pi", parts(pi / 2, PI_PARTS, fmt.part_bits)
        ),
        *array_lines(
            "static const long double longdouble_half_ln2",
            parts(ln2 / 2, LN2_PARTS, fmt.bits - LN2_FACTOR_BITS),
        ),
        f"TANHSHRINK_TABLE longdouble_row longdouble_rows[{len(fmt.centres)}] = {{",
    ]
    return [*out, *(line for centre in fmt.centres for line in row_lines(fmt, centre)), "};"]


def lines(_sample):
    """The header; always whole, for it takes less than a second."""
    header = """\
/* Generated by `python tools/longdouble_tables.py`; do not edit.
 *
 * longdouble_rows: at centres, 16 in a binade, from 1/16 to 4 (x87) or 5.5 (quad), tanh(x),
 * x - tanh(x), tanh(x)^2, sin(x) and cos(x) in two parts each; the derivatives of x - tanh(x) and
 * tanh(x)^2, of which the first part has half of the bits. From ONE_START on tanh(x) is 1.
 * longdouble_series: the Taylor series of (x - tanh(x)) / x^3 in x^2: SMALL_SERIES terms for
 * |x| <= 1/16, SERIES for |x| <= 1/4, SHORT_SERIES at the distances from the centres, LONG_SERIES
 * for |x|^2 <= 5/128, TINY_SERIES for |x|^2 <= 2^-6.
 * longdouble_sine, _cosine: those of (sin(x) - x) / x^3 and (cos(x) - 1) / x^2, |x| <= 1/4.
 * SERIES_1_LOW is what the second coefficient is rounded by.
 * Each series leaves out less than 1/16 of a unit in the last place of its function.
 * longdouble_half_pi: parts of pi/2, so short that products by half a long double are exact.
 * longdouble_half_ln2: the same of log(2)/2, for products by integers below 2^15.
 * longdouble_pi, _two_over_pi: digits of pi/4 and 2/pi to the base 2^32. */
#ifndef TANHSHRINK_COEFFICIENTS_LONGDOUBLE_H
#define TANHSHRINK_COEFFICIENTS_LONGDOUBLE_H

#include <float.h>
#include <stdint.h>

typedef struct {
    long double tanh, tanh_low, shrink, shrink_low, square, square_low;
    long double sin, sin_low, cos, cos_low;
    long double shrink_slope, shrink_slope_rest, square_slope, square_slope_rest;
} longdouble_row;
"""
    out = header.splitlines()
    for word, fmt in zip(("#if", "#elif"), FORMATS, strict=True):
        out += ["", f"{word} LDBL_MANT_DIG == {fmt.bits} /* {fmt.name} */", "", *format_lines(fmt)]
    out += ["", "#endif", ""]
    out += limb_lines("static const uint32_t longdouble_pi", lambda: pi / 4, PI_LIMBS)
    out += limb_lines(
        "static const uint32_t longdouble_two_over_pi", lambda: 2 / pi, TWO_OVER_PI_LIMBS
    )
    return [*out, "", "#endif"]


if __name__ == "__main__":
    write_or_check("coefficients_longdouble.h", "derive the tables of long double", lines)
