/* Arithmetic on unevaluated sums of two long doubles: about 2 LDBL_MANT_DIG bits. Used by the
 * complex kernels. Errors are some 2^(-2 LDBL_MANT_DIG) of the result, for a sum of the larger
 * operand, as long as nothing underflows. */
#ifndef TANHSHRINK_LONGDOUBLE_PAIR_H
#define TANHSHRINK_LONGDOUBLE_PAIR_H

#include "contract.h"

/* high + low; |low| is at most some ulp of high, unless a sum cancelled. */
typedef struct {
    long double high, low;
} longdouble_pair;

TANHSHRINK_INLINE longdouble_pair longdouble_make_pair(long double high, long double low)
{
    longdouble_pair a = {high, low};
    return a;
}

/* a + b for a = 0 or |a| >= |b|: exact (Dekker) */
TANHSHRINK_INLINE longdouble_pair longdouble_sum_ordered(long double a, long double b)
{
    long double sum = a + b;
    return longdouble_make_pair(sum, b - (sum - a));
}

/* a + b for any a and b: exact (Knuth) */
TANHSHRINK_INLINE longdouble_pair longdouble_sum(long double a, long double b)
{
    long double sum = a + b, b_part = sum - a;
    return longdouble_make_pair(sum, (a - (sum - b_part)) + (b - b_part));
}

/* a b: exact (Veltkamp, Dekker) */
TANHSHRINK_INLINE longdouble_pair longdouble_product(long double a, long double b)
{
    const long double split = (long double)((uint64_t)1 << (LDBL_MANT_DIG + 1) / 2) + 1;
    long double a_large = a * split, a_high = a_large - (a_large - a), a_low = a - a_high;
    long double b_large = b * split, b_high = b_large - (b_large - b), b_low = b - b_high;
    long double product = a * b, error = (a_high * b_high - product) + a_high * b_low;
    return longdouble_make_pair(product, (error + a_low * b_high) + a_low * b_low);
}

TANHSHRINK_INLINE longdouble_pair longdouble_pair_negate(longdouble_pair a)
{
    return longdouble_make_pair(-a.high, -a.low);
}

TANHSHRINK_INLINE long double longdouble_pair_round(longdouble_pair a) { return a.high + a.low; }

TANHSHRINK_INLINE longdouble_pair longdouble_pair_add(longdouble_pair a, longdouble_pair b)
{
    longdouble_pair sum = longdouble_sum(a.high, b.high);
    return longdouble_make_pair(sum.high, sum.low + (a.low + b.low));
}

/* The same for a long double a. */
TANHSHRINK_INLINE longdouble_pair longdouble_add_pair(long double a, longdouble_pair b)
{
    longdouble_pair sum = longdouble_sum(a, b.high);
    return longdouble_make_pair(sum.high, sum.low + b.low);
}

TANHSHRINK_INLINE longdouble_pair longdouble_subtract_pair(long double a, longdouble_pair b)
{
    longdouble_pair sum = longdouble_sum(a, -b.high);
    return longdouble_make_pair(sum.high, sum.low - b.low);
}

TANHSHRINK_INLINE longdouble_pair longdouble_multiply_pair(long double a, longdouble_pair b)
{
    longdouble_pair product = longdouble_product(a, b.high);
    return longdouble_make_pair(product.high, product.low + a * b.low);
}

TANHSHRINK_INLINE longdouble_pair longdouble_pair_multiply(longdouble_pair a, longdouble_pair b)
{
    longdouble_pair product = longdouble_product(a.high, b.high);
    return longdouble_make_pair(product.high, product.low + (a.high * b.low + a.low * b.high));
}

/* a / b, given 1 / b.high */
TANHSHRINK_INLINE longdouble_pair longdouble_pair_divide(longdouble_pair a, longdouble_pair b,
                                                         long double reciprocal)
{
    long double quotient = a.high * reciprocal;
    longdouble_pair product = longdouble_product(quotient, b.high);
    long double rest = ((a.high - product.high) - product.low) + (a.low - quotient * b.low);
    return longdouble_make_pair(quotient, rest * reciprocal);
}

#endif
