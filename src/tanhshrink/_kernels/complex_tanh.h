/* tanh(a + ib) as two pairs of doubles, to about 2^-98: what the accurate tier stands on.
 *
 *     tanh(a + ib) = (sinh 2a + i sin 2b) / ((cosh 2a - 1) + (1 + cos 2b))
 *
 * Both terms of the denominator are >= 0, so nothing cancels there, not even near the poles
 * i (pi/2 + k pi); and each numerator keeps its relative accuracy however small a or b is. */
#ifndef TANHSHRINK_COMPLEX_TANH_H
#define TANHSHRINK_COMPLEX_TANH_H

#include "complex_reduce.h"

typedef struct {
    f64_pair re, im;
} complex_pair;

/* c[0] + c[1] w + ... + c[13] w^13: good to 2^-102 for w as below, see tools/complex_tables.py */
TANHSHRINK_INLINE f64_pair pair_polynomial(f64_pair w, const f64_pair *c)
{
    f64_pair sum = c[13];
    for (int j = 12; j >= 0; j--)
        sum = pair_add_ordered(c[j], pair_multiply(w, sum));
    return sum;
}

/* sin 2b, and 1 + cos 2b >= 0 */
TANHSHRINK_INLINE void sine_cosine(reduced_angle angle, f64_pair *sine, f64_pair *one_plus_cosine)
{
    f64_pair rest = angle.rest;
    f64_pair w = pair_negate(pair_square(rest));
    f64_pair cube = pair_multiply(rest, pair_multiply(w, pair_polynomial(w, odd_terms)));
    f64_pair s = pair_add_ordered(rest, cube);                             /* sin(rest) */
    f64_pair c_minus_one = pair_multiply(w, pair_polynomial(w, even_terms)); /* cos(rest) - 1 */
    f64_pair one = pair(1, 0), two = pair(2, 0), c = pair_add_ordered(one, c_minus_one);

    switch (angle.quadrant) {
    case 0:
        *sine = s;
        *one_plus_cosine = pair_add_ordered(two, c_minus_one);
        break;
    case 1:
        *sine = c;
        *one_plus_cosine = pair_add_ordered(one, pair_negate(s));
        break;
    case 2:
        *sine = pair_negate(s);
        *one_plus_cosine = pair_negate(c_minus_one);
        break;
    default:
        *sine = pair_negate(c);
        *one_plus_cosine = pair_add_ordered(one, s);
    }
}

/* sinh 2a, and cosh 2a - 1, for 0 <= a < 350 */
TANHSHRINK_INLINE void sinh_cosh(double a, f64_pair *sinh, f64_pair *cosh_minus_one)
{
    /* 2a = n log 2 + h; cosh_n and sinh_n are those of n log 2. */
    double n = (2 * a * INVERSE_LN2 + ROUND_TO_INTEGER) - ROUND_TO_INTEGER;
    /* n has 10 bits, the first two parts 36; the first difference is a multiple of 2^-54. */
    f64_pair h = exact_sum(2 * a - n * LN2_1, -(n * LN2_2));
    h = exact_sum_ordered(h.high, h.low - n * LN2_3);

    f64_pair w = pair_square(h);
    f64_pair cube = pair_multiply(h, pair_multiply(w, pair_polynomial(w, odd_terms)));
    f64_pair s = pair_add_ordered(h, cube);                      /* sinh h */
    f64_pair c = pair_multiply(w, pair_polynomial(w, even_terms)); /* cosh h - 1 */

    double up = ldexp(0.5, (int)n), down = ldexp(0.5, -(int)n);
    f64_pair cosh_n = exact_sum_ordered(up, down), sinh_n = exact_sum_ordered(up, -down);
    f64_pair cosh_n_minus_one = pair_add(exact_sum(up, -1), pair(down, 0));
    *sinh = pair_add_ordered(pair_add_ordered(sinh_n, pair_multiply(sinh_n, c)),
                             pair_multiply(cosh_n, s));
    *cosh_minus_one = pair_add(pair_add(cosh_n_minus_one, pair_multiply(sinh_n, s)),
                               pair_multiply(cosh_n, c));
}

TANHSHRINK_INLINE complex_pair tanh_quotient(f64_pair sinh, f64_pair cosh_minus_one,
                                             f64_pair sine, f64_pair one_plus_cosine)
{
    f64_pair denominator = pair_normalize(pair_add(cosh_minus_one, one_plus_cosine));
    double reciprocal = 1 / denominator.high;
    complex_pair tanh;
    tanh.re = pair_divide(sinh, denominator, reciprocal);
    tanh.im = pair_divide(sine, denominator, reciprocal);
    return tanh;
}

TANHSHRINK_INLINE complex_pair complex_tanh(double a, reduced_angle angle)
{
    f64_pair sine, one_plus_cosine, sinh, cosh_minus_one;
    sine_cosine(angle, &sine, &one_plus_cosine);
    sinh_cosh(a, &sinh, &cosh_minus_one);
    return tanh_quotient(sinh, cosh_minus_one, sine, one_plus_cosine);
}

#endif
