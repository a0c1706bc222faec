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

/* Sums of c[0] + c[1] w + ... + c[13] w^13 with odd_terms and even_terms */
typedef struct {
    f64_pair odd, even;
} pair_sums;

/* Good to 2^-102 for v and w as below, see tools/complex_tables.py.  All four in one loop, so that
 * a loop over elements around it becomes vectors even where this one is too long to unroll. */
TANHSHRINK_INLINE void sum_series(f64_pair v, pair_sums *of_v, f64_pair w, pair_sums *of_w)
{
    f64_pair v_odd = odd_terms[13], v_even = even_terms[13], w_odd = v_odd, w_even = v_even;
    for (int j = 12; j >= 0; j--) {
        v_odd = pair_add_ordered(odd_terms[j], pair_multiply(v, v_odd));
        v_even = pair_add_ordered(even_terms[j], pair_multiply(v, v_even));
        w_odd = pair_add_ordered(odd_terms[j], pair_multiply(w, w_odd));
        w_even = pair_add_ordered(even_terms[j], pair_multiply(w, w_even));
    }
    of_v->odd = v_odd;
    of_v->even = v_even;
    of_w->odd = w_odd;
    of_w->even = w_even;
}

/* sin 2b, and 1 + cos 2b >= 0, from the sums for v = -rest^2 */
TANHSHRINK_INLINE void sine_cosine(reduced_angle angle, f64_pair v, pair_sums sums, f64_pair *sine,
                                   f64_pair *one_plus_cosine)
{
    f64_pair rest = angle.rest;
    f64_pair cube = pair_multiply(rest, pair_multiply(v, sums.odd));
    f64_pair s = pair_add_ordered(rest, cube);          /* sin(rest) */
    f64_pair c_minus_one = pair_multiply(v, sums.even); /* cos(rest) - 1 */
    f64_pair c = pair_add_ordered(pair(1, 0), c_minus_one);

    /* By quadrant s, c, -s, -c and 2 + c_minus_one, 1 - s, 0 - c_minus_one, 1 + s; no branches, so
     * that loops become vectors */
    uint64_t odd = angle.quadrant & 1, second_half = angle.quadrant >> 1 & 1;
    uint64_t sign = second_half << 63, other_sign = sign ^ odd << 63;
    f64_pair sine_size = pair_choose(odd, c, s), rest_of_cosine = pair_choose(odd, s, c_minus_one);
    double start = f64_choose(odd, 1, f64_choose(second_half, 0, 2));
    *sine = pair_flip_sign(sine_size, sign);
    *one_plus_cosine = pair_add_ordered(pair(start, 0), pair_flip_sign(rest_of_cosine, other_sign));
}

/* 2a = n log 2 + h, for 0 <= a < 350; a number whose last bits are n */
TANHSHRINK_INLINE double reduce_exponent(double a, f64_pair *h)
{
    double shifted = 2 * a * INVERSE_LN2 + ROUND_TO_INTEGER, n = shifted - ROUND_TO_INTEGER;
    /* n has 10 bits, the first two parts 36; the first difference is a multiple of 2^-54. */
    *h = exact_sum(2 * a - n * LN2_1, -(n * LN2_2));
    *h = exact_sum_ordered(h->high, h->low - n * LN2_3);
    return shifted;
}

/* sinh 2a, and cosh 2a - 1, from the sums for w = h^2; cosh_n and sinh_n are those of n log 2. */
TANHSHRINK_INLINE void sinh_cosh(double shifted, f64_pair h, f64_pair w, pair_sums sums,
                                 f64_pair *sinh, f64_pair *cosh_minus_one)
{
    f64_pair cube = pair_multiply(h, pair_multiply(w, sums.odd));
    f64_pair s = pair_add_ordered(h, cube);   /* sinh h */
    f64_pair c = pair_multiply(w, sums.even); /* cosh h - 1 */

    double up = f64_from_bits((f64_bits(shifted) + 1022) << 52); /* 2^(n - 1) */
    double down = f64_from_bits((1022 - f64_bits(shifted)) << 52);
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
    f64_pair sine, one_plus_cosine, sinh, cosh_minus_one, h;
    pair_sums of_v, of_w;
    double shifted = reduce_exponent(a, &h);
    f64_pair v = pair_negate(pair_square(angle.rest)), w = pair_square(h);
    sum_series(v, &of_v, w, &of_w);
    sine_cosine(angle, v, of_v, &sine, &one_plus_cosine);
    sinh_cosh(shifted, h, w, of_w, &sinh, &cosh_minus_one);
    return tanh_quotient(sinh, cosh_minus_one, sine, one_plus_cosine);
}

#endif
