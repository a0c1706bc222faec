/* tanh(a + ib) as two pairs of doubles, to about 2^-99: what the accurate tier stands on.
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

/* A point of a table, and how far the argument is from it */
typedef struct {
    uint64_t index;
    f64_pair rest;
} table_point;

/* 2b = t + r with t a multiple of pi/128, modulo 2 pi: |r| < 2^-6.3, error 2^-106 and what `angle`
 * has.  k has 6 bits, the first parts of pi/128 44 and 47: products and difference are exact. */
TANHSHRINK_INLINE table_point angle_point(reduced_angle angle)
{
    double shifted = angle.rest.high * INVERSE_PI_128 + ROUND_TO_INTEGER;
    double k = shifted - ROUND_TO_INTEGER;
    f64_pair r = exact_sum(angle.rest.high - k * PI_128_1, -(k * PI_128_2));
    r.low += angle.rest.low - k * PI_128_3;
    table_point point = {((angle.quadrant << 6) + f64_bits(shifted)) & 255, r};
    return point;
}

/* 2a = n log(2)/64 + h, for 0 <= a < 700: |h| < 2^-7.5, error 2^-112.  The index's last bits are n,
 * which has 17 bits; the first two parts of log 2 have 36. */
TANHSHRINK_INLINE table_point power_point(double a)
{
    double two_a = 2 * a, shifted = two_a * (64 * INVERSE_LN2) + ROUND_TO_INTEGER;
    double n = shifted - ROUND_TO_INTEGER;
    f64_pair h = exact_sum(two_a - n * (LN2_1 / 64), -(n * (LN2_2 / 64)));
    h.low -= n * (LN2_3 / 64);
    table_point point = {f64_bits(shifted), h};
    return point;
}

/* sinh t, cosh t and cosh t - 1 for a row of power_rows and the index it belongs to.  The last one
 * is 0 or at least 2^-14.1, and its error 2^-107. */
TANHSHRINK_INLINE void power_pairs(const double row[4], uint64_t index, f64_pair *sinh,
                                   f64_pair *cosh, f64_pair *cosh_minus_one)
{
    uint64_t exponent = ((index >> 6) + 1023) << 52;
    f64_pair up = pair_scale(pair(row[0], row[1]), f64_from_bits(exponent));
    f64_pair down = pair_scale(pair(row[2], row[3]), f64_from_bits(2 * f64_bits(1) - exponent));
    *sinh = pair_add_ordered(up, pair_negate(down));
    *cosh = pair_add_ordered(up, down);
    *cosh_minus_one = exact_sum_ordered(cosh->high, -1);
    *cosh_minus_one = exact_sum_ordered(cosh_minus_one->high, cosh_minus_one->low + cosh->low);
}

/* c[0] + c[1] v + ... for odd_terms or even_terms and |v| < 2^-12.6: the first term in doubles is
 * 2^-50 of the whole, and what is left out 2^-108. */
TANHSHRINK_INLINE f64_pair table_series(f64_pair v, const f64_pair *c)
{
    double rest = c[3].high + v.high * (c[4].high + v.high * c[5].high);
    f64_pair sum = exact_sum_ordered(c[2].high, v.high * rest);
    sum.low += c[2].low;
    sum = pair_add_ordered(c[1], pair_multiply(v, sum));
    return pair_add_ordered(c[0], pair_multiply(v, sum));
}

/* sin(t + r), and 1 + cos(t + r) >= 0, from a row of sine_cosine_rows.  The sums here and below are
 * ordered: t is 0 or at least 2r, and of 1 + cos t, 1 - cos r and sin t sin r, each is 0 or at most
 * the sum of those before. */
TANHSHRINK_INLINE void sine_cosine(const double row[4], f64_pair r, f64_pair *sine,
                                   f64_pair *one_plus_cosine)
{
    f64_pair t_sine = pair(row[0], row[1]), t_cosine = pair(row[2], row[3]);
    f64_pair v = pair_negate(pair_square(r));
    f64_pair s = pair_multiply(r, pair_multiply(v, table_series(v, odd_terms)));
    s = pair_add_ordered(r, s);
    f64_pair c = pair_multiply(v, table_series(v, even_terms)); /* cos r - 1 */
    f64_pair sum = pair_add_ordered(t_sine, pair_multiply(t_cosine, s));
    *sine = pair_add_ordered(sum, pair_multiply(t_sine, c));
    sum = pair_add_ordered(pair(1, 0), t_cosine); /* 0 next to a pole */
    sum = pair_add_ordered(sum, pair_multiply(t_cosine, c));
    *one_plus_cosine = pair_add_ordered(sum, pair_negate(pair_multiply(t_sine, s)));
}

/* sinh 2a, and cosh 2a - 1 */
TANHSHRINK_INLINE void sinh_cosh(const double row[4], uint64_t index, f64_pair h, f64_pair *sinh,
                                 f64_pair *cosh_minus_one)
{
    f64_pair t_sinh, t_cosh, t_cosh_minus_one, v = pair_square(h);
    f64_pair s = pair_multiply(h, pair_multiply(v, table_series(v, odd_terms)));
    s = pair_add_ordered(h, s);
    f64_pair c = pair_multiply(v, table_series(v, even_terms)); /* cosh h - 1 */
    power_pairs(row, index, &t_sinh, &t_cosh, &t_cosh_minus_one);
    f64_pair sum = pair_add_ordered(t_sinh, pair_multiply(t_cosh, s));
    *sinh = pair_add_ordered(sum, pair_multiply(t_sinh, c));
    sum = pair_add_ordered(t_cosh_minus_one, pair_multiply(t_cosh, c));
    *cosh_minus_one = pair_add_ordered(sum, pair_multiply(t_sinh, s));
}

TANHSHRINK_INLINE complex_pair tanh_quotient(f64_pair sinh, f64_pair cosh_minus_one,
                                             f64_pair sine, f64_pair one_plus_cosine)
{
    f64_pair denominator = pair_normalize(pair_add(cosh_minus_one, one_plus_cosine));
    double reciprocal = f64_reciprocal(denominator.high);
    complex_pair tanh;
    tanh.re = pair_divide(sinh, denominator, reciprocal);
    tanh.im = pair_divide(sine, denominator, reciprocal);
    return tanh;
}

#endif
