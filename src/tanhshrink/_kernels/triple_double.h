/* Arithmetic on unevaluated sums of three doubles: about 155 bits, for the few elements that need
 * them.
 *
 * The first two parts do not overlap, and the third is at most 2^-103 of the largest operand, not
 * of the result: what cancels is lost, as in fixed point.  Errors, too, are next to the largest
 * operand: 2^-155 a sum or product. */
#ifndef TANHSHRINK_TRIPLE_DOUBLE_H
#define TANHSHRINK_TRIPLE_DOUBLE_H

#include "double_double.h"

typedef struct {
    double high, middle, low;
} f64_triple;

TANHSHRINK_INLINE f64_triple triple(double high, double middle, double low)
{
    f64_triple a = {high, middle, low};
    return a;
}

TANHSHRINK_INLINE f64_triple triple_from(double a) { return triple(a, 0, 0); }

TANHSHRINK_INLINE f64_triple triple_negate(f64_triple a)
{
    return triple(-a.high, -a.middle, -a.low);
}

TANHSHRINK_INLINE f64_triple triple_flip_sign(f64_triple a, uint64_t sign)
{
    return triple(f64_flip_sign(a.high, sign), f64_flip_sign(a.middle, sign),
                  f64_flip_sign(a.low, sign));
}

TANHSHRINK_INLINE f64_triple triple_choose(uint64_t condition, f64_triple yes, f64_triple no)
{
    return triple(f64_choose(condition, yes.high, no.high),
                  f64_choose(condition, yes.middle, no.middle),
                  f64_choose(condition, yes.low, no.low));
}

/* Makes the first two disjoint.  |high| < |middle| only if the numbers that high is the sum of
 * cancelled; then it is a multiple of the last bit of middle, for which this sum is exact, too. */
TANHSHRINK_INLINE f64_triple triple_normalize(double high, double middle, double low)
{
    f64_pair top = exact_sum_ordered(high, middle);
    return triple(top.high, top.low, low);
}

TANHSHRINK_INLINE f64_triple triple_add(f64_triple a, f64_triple b)
{
    f64_pair top = exact_sum(a.high, b.high), middle = exact_sum(a.middle, b.middle);
    f64_pair next = exact_sum(top.low, middle.high);
    double low = (a.low + b.low) + (middle.low + next.low);
    return triple_normalize(top.high, next.high, low);
}

/* The same for a = 0 or |a| >= |b| */
TANHSHRINK_INLINE f64_triple triple_add_ordered(f64_triple a, f64_triple b)
{
    f64_pair top = exact_sum_ordered(a.high, b.high), middle = exact_sum(a.middle, b.middle);
    f64_pair next = exact_sum(top.low, middle.high);
    double low = (a.low + b.low) + (middle.low + next.low);
    return triple_normalize(top.high, next.high, low);
}

TANHSHRINK_INLINE f64_triple triple_multiply(f64_triple a, f64_triple b)
{
    f64_pair top = exact_product(a.high, b.high);
    f64_pair left = exact_product(a.high, b.middle), right = exact_product(a.middle, b.high);
    f64_pair middle = exact_sum(left.high, right.high), next = exact_sum(top.low, middle.high);
    double low = a.high * b.low + a.low * b.high + a.middle * b.middle;
    low += (left.low + right.low) + (middle.low + next.low);
    return triple_normalize(top.high, next.high, low);
}

TANHSHRINK_INLINE f64_triple triple_multiply_f64(f64_triple a, double b)
{
    f64_pair top = exact_product(a.high, b), middle = exact_product(a.middle, b);
    f64_pair next = exact_sum(top.low, middle.high);
    return triple_normalize(top.high, next.high, a.low * b + (middle.low + next.low));
}

/* All but 2^-106 of it and 2^-156 of the largest operand; high may be less than low. */
TANHSHRINK_INLINE f64_pair triple_round(f64_triple a)
{
    return exact_sum(a.high, a.middle + a.low);
}

#endif
