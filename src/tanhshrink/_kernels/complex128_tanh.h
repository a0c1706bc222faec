/* tanh(z) in complex128: the fast tier, for elements of the first quadrant.
 *
 * tanh(a + ib) = (sinh 2a + i sin 2b) / ((cosh 2a - 1) + (1 + cos 2b)) as in complex_tanh.h, but
 * with two tables: 2b = t + r with t a multiple of pi/128, |r| < 2^-6.3, and 2a a multiple of
 * log(2)/64 plus h, |h| < 2^-7.5.  So all but the leading terms may be rounded to doubles:
 *
 *     sin r: from r^3/6 on                  2^-15.2 of r: 2^-68
 *     sin t cos r, from sin t r^2/2 on      2^-13.6 of it: 2^-65.6, two roundings
 *     1 + cos(t + r), likewise              2^-65.6
 *     sinh 2a, cosh 2a - 1                  2^-16 of them: 2^-68
 *     sum, relative to each part of tanh z  2^-64 */
#ifndef TANHSHRINK_COMPLEX128_TANH_H
#define TANHSHRINK_COMPLEX128_TANH_H

#include "complex128_scale.h"
#include "complex_tanh.h"

/* Added to keep the fourth power of a tiny number from underflowing: to 1/2 it changes nothing. */
#define TINY_TERM 0x1p-400

/* What is left of 2b and 2a, and the rows of the tables they belong to */
typedef struct {
    TANHSHRINK_ALIGN(64) double r_high[C128_BLOCK];
    TANHSHRINK_ALIGN(64) double r_low[C128_BLOCK];
    TANHSHRINK_ALIGN(64) double h_high[C128_BLOCK];
    TANHSHRINK_ALIGN(64) double h_low[C128_BLOCK];
    TANHSHRINK_ALIGN(64) uint64_t angle[C128_BLOCK]; /* t in units of pi/128 */
    TANHSHRINK_ALIGN(64) uint64_t power[C128_BLOCK]; /* of the 64th root of 2 */
    TANHSHRINK_ALIGN(64) double angle_row[C128_BLOCK][4];
    TANHSHRINK_ALIGN(64) double power_row[C128_BLOCK][4];
} c128_reduced;

/* 2b where b >= 2^20: integers one by one, doubles together */
TANHSHRINK_NOINLINE void c128_reduce_large_loop(const c128_numbers *z, c128_reduced *reduced,
                                                ptrdiff_t n)
{
    TANHSHRINK_ALIGN(64) double chunks[4][C128_BLOCK];
    TANHSHRINK_ALIGN(64) uint64_t quadrant[C128_BLOCK];
    for (ptrdiff_t j = 0; j < n; j++) {
        double chunk[4] = {0, 0, 0, 0};
        quadrant[j] = f64_below(z->b[j], REDUCED_END) ? 0 : angle_chunks(z->b[j], chunk);
        for (int i = 0; i < 4; i++)
            chunks[i][j] = chunk[i];
    }
    for (ptrdiff_t j = 0; j < n; j++) {
        double chunk[4] = {chunks[0][j], chunks[1][j], chunks[2][j], chunks[3][j]};
        reduced_angle angle = reduce_chunks(quadrant[j], chunk);
        uint64_t usual = f64_below(z->b[j], REDUCED_END), mask = 0 - usual;
        reduced->angle[j] = (reduced->angle[j] & mask) | (angle.quadrant & ~mask);
        reduced->r_high[j] = f64_choose(usual, reduced->r_high[j], angle.rest.high);
        reduced->r_low[j] = f64_choose(usual, reduced->r_low[j], angle.rest.low);
    }
}

TANHSHRINK_NOINLINE void c128_reduce_angles(const c128_numbers *z, c128_reduced *reduced,
                                            ptrdiff_t n)
{
    uint64_t any_large = 0;
    for (ptrdiff_t j = 0; j < n; j++) {
        uint64_t usual = f64_below(z->b[j], REDUCED_END);
        reduced_angle angle = reduce_angle(f64_choose(usual, z->b[j], 0));
        reduced->angle[j] = angle.quadrant;
        reduced->r_high[j] = angle.rest.high;
        reduced->r_low[j] = angle.rest.low;
        any_large |= usual ^ 1;
    }
    if (any_large)
        c128_reduce_large_loop(z, reduced, n);
    for (ptrdiff_t j = 0; j < n; j++) {
        double rest_high = reduced->r_high[j], rest_low = reduced->r_low[j];
        double shifted = rest_high * INVERSE_PI_128 + ROUND_TO_INTEGER;
        double k = shifted - ROUND_TO_INTEGER; /* 6 bits, and PI_128_1 has 44 */
        f64_pair r = exact_sum(rest_high - k * PI_128_1, rest_low - k * PI_128_2);
        reduced->angle[j] = ((reduced->angle[j] << 6) + f64_bits(shifted)) & 255;
        reduced->r_high[j] = r.high;
        reduced->r_low[j] = r.low;
    }
    for (ptrdiff_t j = 0; j < n; j++)
        for (int k = 0; k < 4; k++) /* not memcpy: a GPU would go byte by byte */
            reduced->angle_row[j][k] = sine_cosine_rows[reduced->angle[j]][k];
}

TANHSHRINK_NOINLINE void c128_reduce_powers(const c128_numbers *z, c128_reduced *reduced,
                                            ptrdiff_t n)
{
    for (ptrdiff_t j = 0; j < n; j++) {
        double two_a = 2 * z->a[j];
        double shifted = two_a * (64 * INVERSE_LN2) + ROUND_TO_INTEGER;
        double k = shifted - ROUND_TO_INTEGER; /* 17 bits; the first parts of log 2 have 36 */
        f64_pair h = exact_sum(two_a - k * (LN2_1 / 64), -(k * (LN2_2 / 64)));
        reduced->power[j] = f64_bits(shifted);
        reduced->h_high[j] = h.high;
        reduced->h_low[j] = h.low - k * (LN2_3 / 64);
    }
    for (ptrdiff_t j = 0; j < n; j++)
        for (int k = 0; k < 4; k++)
            reduced->power_row[j][k] = power_rows[reduced->power[j] & 63][k];
}

/* sin(t + r), and 1 + cos(t + r); like all below, pairs whose low parts may be 2^-13 of them */
TANHSHRINK_INLINE void sine_cosine_fast(const double row[4], f64_pair r, f64_pair *sine,
                                        f64_pair *one_plus_cosine)
{
    f64_pair t_sine = pair(row[0], row[1]), t_cosine = pair(row[2], row[3]);
    f64_pair r2 = exact_square(r.high);
    double p = odd_terms[0].high - r2.high * (odd_terms[1].high - r2.high * odd_terms[2].high);
    double q = even_terms[1].high - r2.high * (even_terms[2].high - r2.high * even_terms[3].high);
    f64_pair s = pair(r.high, r.low - r.high * (r2.high * p));
    double versine_low = (r2.low / 2 + r.high * r.low) - r2.high * (r2.high * q + TINY_TERM);
    f64_pair versine = pair(r2.high / 2, versine_low); /* 1 - cos r */
    double versine_rounded = pair_round(versine);

    *sine = pair_add_ordered(t_sine, pair_multiply(t_cosine, s));
    sine->low -= t_sine.high * versine_rounded;
    f64_pair w = pair_add_ordered(pair(1, 0), t_cosine); /* -cos t versine = (1 - w) versine */
    *one_plus_cosine = pair_add(pair_add(w, pair_negate(pair_multiply(t_sine, s))), versine);
    one_plus_cosine->low -= pair_round(w) * versine_rounded;
}

/* sinh h, and cosh h - 1 */
TANHSHRINK_INLINE void sinh_cosh_rest(f64_pair h, f64_pair *s, f64_pair *c)
{
    f64_pair h2 = exact_square(h.high);
    double p = odd_terms[0].high + h2.high * (odd_terms[1].high + h2.high * odd_terms[2].high);
    double q = even_terms[1].high + h2.high * (even_terms[2].high + h2.high * even_terms[3].high);
    double c_low = (h2.low / 2 + h.high * h.low) + h2.high * (h2.high * q + TINY_TERM);
    *s = pair(h.high, h.low + h.high * (h2.high * p));
    *c = pair(h2.high / 2, c_low);
}

/* sinh 2a, and cosh 2a - 1 */
TANHSHRINK_INLINE void sinh_cosh_fast(const double row[4], uint64_t power, f64_pair h,
                                      f64_pair *sinh, f64_pair *cosh_minus_one)
{
    uint64_t exponent = ((power >> 6) + 1023) << 52;
    double up_scale = f64_from_bits(exponent);
    double down_scale = f64_from_bits(2 * f64_bits(1) - exponent);
    f64_pair up = pair_scale(pair(row[0], row[1]), up_scale);     /* exp(2a - h)/2 */
    f64_pair down = pair_scale(pair(row[2], row[3]), down_scale); /* exp(h - 2a)/2 */
    f64_pair cosh_n = pair_add_ordered(up, down), sinh_n = pair_add_ordered(up, pair_negate(down));
    f64_pair cosh_n_minus_one = pair_add(pair_add(up, pair(-1, 0)), down);

    f64_pair s, c;
    sinh_cosh_rest(h, &s, &c);
    double c_rounded = pair_round(c);

    *sinh = pair_add_ordered(sinh_n, pair_multiply(cosh_n, s));
    sinh->low += pair_round(sinh_n) * c_rounded;
    *cosh_minus_one = pair_add(pair_add(cosh_n_minus_one, pair_multiply(sinh_n, s)), c);
    cosh_minus_one->low += pair_round(cosh_n_minus_one) * c_rounded;
}

TANHSHRINK_INLINE complex_pair c128_tanh(const c128_reduced *reduced, ptrdiff_t j)
{
    f64_pair sine, one_plus_cosine, sinh, cosh_minus_one;
    f64_pair r = pair(reduced->r_high[j], reduced->r_low[j]);
    f64_pair h = pair(reduced->h_high[j], reduced->h_low[j]);
    sine_cosine_fast(reduced->angle_row[j], r, &sine, &one_plus_cosine);
    sinh_cosh_fast(reduced->power_row[j], reduced->power[j], h, &sinh, &cosh_minus_one);
    return tanh_quotient(sinh, cosh_minus_one, sine, one_plus_cosine);
}

#endif
