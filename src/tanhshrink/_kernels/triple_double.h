/* Arithmetic on unevaluated sums of three doubles, real and complex: about 155 bits.  Slow, simple,
 * and needed for a handful of elements only. */
#ifndef TANHSHRINK_TRIPLE_DOUBLE_H
#define TANHSHRINK_TRIPLE_DOUBLE_H

#include "double_double.h"

typedef struct {
    double part[3];
} f64_triple;

typedef struct {
    f64_triple re, im;
} complex_triple;

/* The sum of n numbers, which are overwritten.  Each pass adds them up, exactly, into the foremost
 * one it touches; what is left over is summed by the next pass.  The first part needs two: if the
 * largest numbers cancel, the first pass leaves a zero there. */
TANHSHRINK_INLINE f64_triple triple_sum(double *numbers, int n)
{
    for (int pass = 0; pass < 4; pass++)
        for (int i = n - 2; i >= pass - 1 && i >= 0; i--) {
            f64_pair sum = exact_sum(numbers[i], numbers[i + 1]);
            numbers[i] = sum.high;
            numbers[i + 1] = sum.low;
        }
    f64_triple sum = {{numbers[0], numbers[1], numbers[2]}};
    return sum;
}

TANHSHRINK_INLINE f64_triple triple(double a)
{
    f64_triple t = {{a, 0, 0}};
    return t;
}

TANHSHRINK_INLINE f64_triple triple_negate(f64_triple a)
{
    f64_triple negated = {{-a.part[0], -a.part[1], -a.part[2]}};
    return negated;
}

/* What follows the second parts is rounded to a double: 2^-106 of the whole. */
TANHSHRINK_NOINLINE f64_triple triple_add(f64_triple a, f64_triple b)
{
    double rest = a.part[2] + b.part[2];
    double numbers[5] = {a.part[0], b.part[0], a.part[1], b.part[1], rest};
    return triple_sum(numbers, 5);
}

TANHSHRINK_NOINLINE f64_triple triple_multiply(f64_triple a, f64_triple b)
{
    f64_pair p = exact_product(a.part[0], b.part[0]);
    f64_pair q = exact_product(a.part[0], b.part[1]), r = exact_product(a.part[1], b.part[0]);
    double rest = (q.low + r.low) + a.part[1] * b.part[1];
    rest += a.part[0] * b.part[2] + a.part[2] * b.part[0];
    double numbers[5] = {p.high, p.low, q.high, r.high, rest};
    return triple_sum(numbers, 5);
}

/* a / n for an integer n < 2^26; what a quotient leaves is a double. */
TANHSHRINK_INLINE f64_triple triple_divide_integer(f64_triple a, double n)
{
    f64_triple quotient;
    f64_pair rest = pair(a.part[0], 0);
    for (int i = 0; i < 3; i++) {
        quotient.part[i] = rest.high / n;
        f64_pair product = exact_product(quotient.part[i], n);
        double remainder = (rest.high - product.high) - product.low;
        rest = exact_sum(remainder, rest.low + (i < 2 ? a.part[i + 1] : 0));
    }
    return quotient;
}

/* Long division, a double a step */
TANHSHRINK_NOINLINE f64_triple triple_divide(f64_triple a, f64_triple b)
{
    double quotient[4];
    for (int i = 0; i < 4; i++) {
        quotient[i] = a.part[0] / b.part[0];
        a = triple_add(a, triple_negate(triple_multiply(b, triple(quotient[i]))));
    }
    return triple_sum(quotient, 4);
}

TANHSHRINK_INLINE complex_triple complex_triple_add(complex_triple a, complex_triple b)
{
    complex_triple sum = {triple_add(a.re, b.re), triple_add(a.im, b.im)};
    return sum;
}

TANHSHRINK_NOINLINE complex_triple complex_triple_multiply(complex_triple a, complex_triple b)
{
    f64_triple re_im = triple_multiply(a.im, b.im);
    complex_triple product = {
        triple_add(triple_multiply(a.re, b.re), triple_negate(re_im)),
        triple_add(triple_multiply(a.re, b.im), triple_multiply(a.im, b.re)),
    };
    return product;
}

TANHSHRINK_NOINLINE complex_triple complex_triple_divide(complex_triple a, complex_triple b)
{
    f64_triple norm = triple_add(triple_multiply(b.re, b.re), triple_multiply(b.im, b.im));
    b.im = triple_negate(b.im);
    a = complex_triple_multiply(a, b);
    a.re = triple_divide(a.re, norm);
    a.im = triple_divide(a.im, norm);
    return a;
}

#endif
