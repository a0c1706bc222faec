/* Arithmetic on unevaluated sums of two doubles: about 104 bits instead of 53.
 *
 * Nothing here is contracted, not even where the hardware could: every result is the same to the
 * last bit with and without a fused multiply-add.  A pair's low part may reach a few ulps of its
 * high part; what that costs is in the bounds below. */
#ifndef TANHSHRINK_DOUBLE_DOUBLE_H
#define TANHSHRINK_DOUBLE_DOUBLE_H

#include "contract.h"

typedef struct {
    double high, low;
} f64_pair;

TANHSHRINK_INLINE f64_pair pair(double high, double low)
{
    f64_pair a = {high, low};
    return a;
}

/* a + b and its rounding error, for a = 0 or |a| >= |b|: exact (Dekker) */
TANHSHRINK_INLINE f64_pair exact_sum_ordered(double a, double b)
{
    double sum = a + b;
    return pair(sum, b - (sum - a));
}

/* The same for any a and b (Knuth). */
TANHSHRINK_INLINE f64_pair exact_sum(double a, double b)
{
    double sum = a + b, b_part = sum - a;
    return pair(sum, (a - (sum - b_part)) + (b - b_part));
}

/* a rounded to 26 bits; what is left then fits in 26 bits too, thanks to its sign. */
TANHSHRINK_INLINE double upper_bits(double a)
{
    return f64_from_bits((f64_bits(a) + 0x4000000) & 0xfffffffff8000000u);
}

/* a b and its rounding error: exact, if |a b| >= 2^-960 or a b = 0, and |a|, |b| < 2^990 */
TANHSHRINK_INLINE f64_pair exact_product(double a, double b)
{
    double product = a * b;
#if TANHSHRINK_HAS_FMA
    return pair(product, fma(a, b, -product));
#else
    double a_high = upper_bits(a), a_low = a - a_high;
    double b_high = upper_bits(b), b_low = b - b_high;
    double error = a_high * b_high - product; /* this and all below: exact (Dekker, Veltkamp) */
    error = (error + a_high * b_low) + a_low * b_high;
    return pair(product, error + a_low * b_low);
#endif
}

/* a^2 likewise */
TANHSHRINK_INLINE f64_pair exact_square(double a)
{
    double square = a * a;
#if TANHSHRINK_HAS_FMA
    return pair(square, fma(a, a, -square));
#else
    double high = upper_bits(a), low = a - high;
    double error = (high * high - square) + high * (2 * low); /* exact, too */
    return pair(square, error + low * low);
#endif
}

TANHSHRINK_INLINE f64_pair pair_negate(f64_pair a) { return pair(-a.high, -a.low); }

/* a s for a power of two s: exact */
TANHSHRINK_INLINE f64_pair pair_scale(f64_pair a, double s) { return pair(a.high * s, a.low * s); }

/* The low part reduced to half an ulp of the high part: exact */
TANHSHRINK_INLINE f64_pair pair_normalize(f64_pair a) { return exact_sum_ordered(a.high, a.low); }

TANHSHRINK_INLINE double pair_round(f64_pair a) { return a.high + a.low; }

/* a + b for a = 0 or |a| >= |b|; error 2^-104 |a| */
TANHSHRINK_INLINE f64_pair pair_add_ordered(f64_pair a, f64_pair b)
{
    f64_pair sum = exact_sum_ordered(a.high, b.high);
    return pair(sum.high, sum.low + (a.low + b.low));
}

/* a + b; error 2^-104 (|a| + |b|) */
TANHSHRINK_INLINE f64_pair pair_add(f64_pair a, f64_pair b)
{
    f64_pair sum = exact_sum(a.high, b.high);
    return pair(sum.high, sum.low + (a.low + b.low));
}

/* The same for a double a */
TANHSHRINK_INLINE f64_pair pair_add_to(double a, f64_pair b)
{
    f64_pair sum = exact_sum(a, b.high);
    return pair(sum.high, sum.low + b.low);
}

/* a b; relative error 2^-102 */
TANHSHRINK_INLINE f64_pair pair_multiply(f64_pair a, f64_pair b)
{
    f64_pair product = exact_product(a.high, b.high);
    return pair(product.high, product.low + (a.high * b.low + a.low * b.high));
}

TANHSHRINK_INLINE f64_pair pair_square(f64_pair a)
{
    f64_pair square = exact_square(a.high);
    return pair(square.high, square.low + 2 * (a.high * a.low));
}

TANHSHRINK_INLINE f64_pair pair_multiply_f64(f64_pair a, double b)
{
    f64_pair product = exact_product(a.high, b);
    return pair(product.high, product.low + a.low * b);
}

/* a / b given reciprocal = 1 / b.high, rounded; relative error 2^-102 */
TANHSHRINK_INLINE f64_pair pair_divide(f64_pair a, f64_pair b, double reciprocal)
{
    double quotient = a.high * reciprocal;
    f64_pair product = exact_product(quotient, b.high);
    double rest = ((a.high - product.high) - product.low) + (a.low - quotient * b.low);
    return pair(quotient, rest * reciprocal);
}

/* A number cut so that its high part has 26 bits: products of two such parts are exact, and
 * cheap without a fused multiply-add.  Error 2^-79, or 2^-53 of the low part if that is larger, and
 * 0 for a double */
TANHSHRINK_INLINE f64_pair f64_cut(double a)
{
    double upper = upper_bits(a);
    return pair(upper, a - upper);
}

TANHSHRINK_INLINE f64_pair pair_cut(f64_pair a)
{
    double upper = upper_bits(a.high);
    return pair(upper, (a.high - upper) + a.low);
}

/* a b for cut pairs: error 2^-76, or 2^-52 of the low parts if these are larger */
TANHSHRINK_INLINE f64_pair pair_multiply_cut(f64_pair a, f64_pair b)
{
    return pair(a.high * b.high, a.high * b.low + a.low * pair_round(b));
}

TANHSHRINK_INLINE f64_pair pair_square_cut(f64_pair a)
{
    return pair(a.high * a.high, a.low * (a.high + pair_round(a)));
}

/* a / b given reciprocal = 1 / b, rounded, for a cut b: a cut pair.  Error 2^-77, or 2^-53 of the
 * low part of a.  The first difference and product are exact, as the quotient has 26 bits. */
TANHSHRINK_INLINE f64_pair pair_divide_cut(f64_pair a, f64_pair b, double reciprocal)
{
    double quotient = upper_bits(a.high * reciprocal);
    double rest = ((a.high - quotient * b.high) - quotient * b.low) + a.low;
    return pair(quotient, rest * reciprocal);
}

/* 1 if a < b, for a, b >= 0 (or NaN, which counts as large): no flag */
TANHSHRINK_INLINE uint64_t f64_below(double a, double b)
{
    return (f64_bits(a) - f64_bits(b)) >> 63;
}

/* 1 if a is not 0, for a >= 0 or NaN.  Shifted last, as f64_below is: compilers merge the shifts. */
TANHSHRINK_INLINE uint64_t f64_is_not_zero(double a) { return ~(f64_bits(a) - 1) >> 63; }

/* The condition is 0 or 1; on bits, because a loop over bits becomes vectors. */
TANHSHRINK_INLINE double f64_choose(uint64_t condition, double yes, double no)
{
#if defined(TANHSHRINK_CUDA) /* for which compilers need no help to do without a branch */
    return condition ? yes : no;
#else
    uint64_t mask = 0 - condition;
    return f64_from_bits((f64_bits(yes) & mask) | (f64_bits(no) & ~mask));
#endif
}

TANHSHRINK_INLINE f64_pair pair_choose(uint64_t condition, f64_pair yes, f64_pair no)
{
    return pair(f64_choose(condition, yes.high, no.high), f64_choose(condition, yes.low, no.low));
}

TANHSHRINK_INLINE double f64_flip_sign(double a, uint64_t sign)
{
    return f64_from_bits(f64_bits(a) ^ sign);
}

TANHSHRINK_INLINE f64_pair pair_flip_sign(f64_pair a, uint64_t sign)
{
    return pair(f64_flip_sign(a.high, sign), f64_flip_sign(a.low, sign));
}

#endif
