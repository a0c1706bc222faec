/* z - tanh(z) and tanh(z)^2 in complex128 where numbers underflow: z^3/3 and z^2, scaled, and what
 * is then needed to round once. */
#ifndef TANHSHRINK_COMPLEX128_TINY_H
#define TANHSHRINK_COMPLEX128_TINY_H

#include "complex_tanh.h"
#include "triple_double.h"

/* 8.3e-25: below, z^3/3 and z^2 are right to 2^-160, but for Re z^2 = 0 */
#define C128_CUBE_END 0x1p-80

/* Zero, with the flag: the volatile number keeps compilers from computing it in advance. */
TANHSHRINK_INLINE double underflow(void)
{
    volatile double tiny = 0x1p-1022;
    return tiny * tiny;
}

/* a 2^exponent, rounded once */
TANHSHRINK_INLINE double pair_round_scaled(f64_pair a, int exponent)
{
    int a_exponent;
    a = pair_normalize(a);
    frexp(a.high, &a_exponent);
    if (a.high == 0 || a_exponent + exponent > -1022)
        return ldexp(a.high, exponent);

    underflow();
    if (a_exponent + exponent < -1074)
        return copysign(0.0, a.high);
    double unit = ldexp(1.0, -1074 - exponent); /* of the subnormal numbers */
    double shift = copysign(0x1p52 * unit, a.high), rounded = (a.high + shift) - shift;
    double rest = a.high - rounded;
    if (2 * fabs(rest) == unit && a.low != 0) /* no tie after all */
        rounded = a.high + copysign(unit / 2, a.low);
    return copysign(ldexp(rounded, exponent), a.high);
}

/* a x, for a tiny x, rounded once */
TANHSHRINK_INLINE double pair_times_tiny(f64_pair a, double x)
{
    int exponent;
    double significand = frexp(x, &exponent);
    return pair_round_scaled(pair_multiply_f64(a, significand), exponent);
}

/* Two parts of z below C128_CUBE_END, not both 0: z = (a + ib) 2^exponent with 1/2 <= max < 1. */
TANHSHRINK_INLINE int c128_scale_up(double *a, double *b)
{
    int exponent;
    frexp(*a > *b ? *a : *b, &exponent);
    *a = ldexp(*a, -exponent);
    *b = ldexp(*b, -exponent);
    return exponent;
}

/* p - 3q; relative error 2^-104 although it may nearly vanish */
TANHSHRINK_INLINE f64_pair minus_three_times(f64_pair p, f64_pair q)
{
    double terms[6] = {p.high, -q.high, -2 * q.high, p.low, -q.low, -2 * q.low};
    f64_triple sum = triple_sum(terms, 6);
    return pair(sum.part[0], sum.part[1]);
}

TANHSHRINK_INLINE void c128_cube(double a, double b, double *re, double *im)
{
    if (a < 0x1p-360 && b < 0x1p-360) { /* |z^3/3| < 2^-1080: zeros, with the right signs */
        double zero = underflow(), a2 = (a * 0x1p600) * (a * 0x1p600);
        double b2 = (b * 0x1p600) * (b * 0x1p600);
        *re = copysign(zero, a2 - 3 * b2);
        *im = copysign(zero, 3 * a2 - b2);
        return;
    }
    int exponent = c128_scale_up(&a, &b);
    double a_seen = a < 0x1p-200 ? 0 : a, b_seen = b < 0x1p-200 ? 0 : b; /* squares underflow */
    f64_pair a2 = exact_product(a_seen, a_seen), b2 = exact_product(b_seen, b_seen);
    f64_pair third = series_terms[0];
    f64_pair re_a = pair_multiply(minus_three_times(a2, b2), third);
    f64_pair im_b = pair_multiply(pair_negate(minus_three_times(b2, a2)), third);
    *re = pair_round_scaled(pair_multiply_f64(re_a, a), 3 * exponent);
    *im = pair_round_scaled(pair_multiply_f64(im_b, b), 3 * exponent);
}

TANHSHRINK_INLINE void c128_square(double a, double b, double *re, double *im)
{
    if (a < 0x1p-540 && b < 0x1p-540) { /* |z^2| < 2^-1078: zeros */
        *re = copysign(underflow(), a - b);
        *im = 0;
        return;
    }
    int exponent = c128_scale_up(&a, &b);
    f64_pair sum = exact_sum(a, b), difference = exact_sum(a, -b);
    *re = a == b ? pair_round_scaled(pair(8.0 / 3 * (a * a * a * a), 0), 4 * exponent)
                 : pair_round_scaled(pair_multiply(sum, difference), 2 * exponent);
    *im = pair_round_scaled(exact_product(a, b), 2 * exponent + 1);
}

#endif
