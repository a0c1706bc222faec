/* z - tanh(z) and tanh(z)^2 in complex128: the fast tier, loops over elements of the first
 * quadrant.
 *
 * tanh(a + ib) = (sinh 2a + i sin 2b) / ((cosh 2a - 1) + (1 + cos 2b)) as in complex_tanh.h, but
 * with two tables: 2b = t + r with t a multiple of pi/128, |r| < 2^-6.3, and 2a a multiple of
 * log(2)/64 plus h, |h| < 2^-7.5.  So all but the leading terms may be rounded to doubles:
 *
 *     sin r: from r^3/6 on                  2^-15.2 of r: 2^-68
 *     sin t cos r, from sin t r^2/2 on      2^-13.6 of it: 2^-65.6, two roundings
 *     1 + cos(t + r), likewise              2^-65.6
 *     sinh 2a, cosh 2a - 1                  2^-16 of them: 2^-68
 *     sum, relative to |tanh z|             2^-64
 *
 * Where it is used |z - tanh z| > 2^-5.6 |z|, so the error is below 2^-58.4 of |f|. */
#ifndef TANHSHRINK_COMPLEX128_FAST_H
#define TANHSHRINK_COMPLEX128_FAST_H

#include "complex128_series.h"
#include "complex_tanh.h"

#define C128_BLOCK 128 /* most elements a call works on */

/* A part of f smaller than this times that part of z (times |z|^2, for the series) is near a curve
 * where it vanishes, and too few of its bits are right. */
#define C128_TANH_DOUBTFUL 0x1p-10  /* 9.8e-4, where f = z - tanh(z) */
#define C128_SERIES_DOUBTFUL 0x1p-8 /* 3.9e-3 */
#define C128_SQUARE_DOUBTFUL 0x1p-9 /* 2.0e-3: the real part of f', next to the square of tanh's */

/* The same where f itself may vanish, next to iy with tan y = y > 4: there both parts are small. */
#define C128_ZERO_DOUBTFUL 0x1p-5 /* 0.031 */

/* Added to keep the fourth power of a tiny number from underflowing: to 1/2 it changes nothing. */
#define TINY_TERM 0x1p-400

typedef struct {
    TANHSHRINK_ALIGN(64) double a[C128_BLOCK]; /* z = a + ib, a >= 0, b >= 0 */
    TANHSHRINK_ALIGN(64) double b[C128_BLOCK];
    TANHSHRINK_ALIGN(64) double re[C128_BLOCK]; /* the results */
    TANHSHRINK_ALIGN(64) double im[C128_BLOCK];
    TANHSHRINK_ALIGN(64) uint64_t doubtful[C128_BLOCK]; /* 1 or 0 */
} c128_work;

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

TANHSHRINK_NOINLINE void c128_reduce_loop(const c128_work *work, c128_reduced *reduced,
                                          ptrdiff_t n)
{
    for (ptrdiff_t j = 0; j < n; j++) {
        reduced_angle angle = reduce_angle(work->b[j]);
        double shifted = angle.rest.high * INVERSE_PI_128 + ROUND_TO_INTEGER;
        double k = shifted - ROUND_TO_INTEGER; /* 6 bits, and PI_128_1 has 44 */
        f64_pair r = exact_sum(angle.rest.high - k * PI_128_1, angle.rest.low - k * PI_128_2);
        reduced->angle[j] = ((angle.quadrant << 6) + f64_bits(shifted)) & 255;
        reduced->r_high[j] = r.high;
        reduced->r_low[j] = r.low;

        double two_a = 2 * work->a[j];
        shifted = two_a * (64 * INVERSE_LN2) + ROUND_TO_INTEGER;
        k = shifted - ROUND_TO_INTEGER; /* 16 bits, and the first parts of log 2 have 36 */
        f64_pair h = exact_sum(two_a - k * (LN2_1 / 64), -(k * (LN2_2 / 64)));
        reduced->power[j] = f64_bits(shifted);
        reduced->h_high[j] = h.high;
        reduced->h_low[j] = h.low - k * (LN2_3 / 64);
    }
    for (ptrdiff_t j = 0; j < n; j++) {
        memcpy(reduced->angle_row[j], sine_cosine_rows[reduced->angle[j]], 4 * sizeof(double));
        memcpy(reduced->power_row[j], power_rows[reduced->power[j] & 63], 4 * sizeof(double));
    }
}

/* sin(t + r), and 1 + cos(t + r) */
TANHSHRINK_INLINE void sine_cosine_fast(const double row[4], f64_pair r, f64_pair *sine,
                                        f64_pair *one_plus_cosine)
{
    f64_pair t_sine = pair(row[0], row[1]), t_cosine = pair(row[2], row[3]);
    f64_pair r2 = exact_product(r.high, r.high);
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

    f64_pair h2 = exact_product(h.high, h.high);
    double p = odd_terms[0].high + h2.high * (odd_terms[1].high + h2.high * odd_terms[2].high);
    double q = even_terms[1].high + h2.high * (even_terms[2].high + h2.high * even_terms[3].high);
    f64_pair s = pair(h.high, h.low + h.high * (h2.high * p)); /* sinh h */
    double c_low = (h2.low / 2 + h.high * h.low) + h2.high * (h2.high * q + TINY_TERM);
    f64_pair c = pair(h2.high / 2, c_low); /* cosh h - 1 */
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
    f64_pair denominator = pair_normalize(pair_add(cosh_minus_one, one_plus_cosine));
    double reciprocal = 1 / denominator.high;
    complex_pair tanh;
    tanh.re = pair_divide(sinh, denominator, reciprocal);
    tanh.im = pair_divide(sine, denominator, reciprocal);
    return tanh;
}

/* Re f = -a tan(b)^2 to first order, so it is -0 where a is 0. */
TANHSHRINK_INLINE double c128_minus_zero(double a, double re)
{
    return f64_choose((f64_bits(a) - 1) >> 63, -0.0, re);
}

TANHSHRINK_INLINE uint64_t c128_doubtful(double re, double a, double im, double b, double size)
{
    return f64_below(fabs(re), size * a) | f64_below(fabs(im), size * b);
}

TANHSHRINK_NOINLINE void c128_tanh_loop(c128_work *work, ptrdiff_t n)
{
    c128_reduced reduced;
    c128_reduce_loop(work, &reduced, n);
    for (ptrdiff_t j = 0; j < n; j++) {
        double a = work->a[j], b = work->b[j];
        complex_pair tanh = c128_tanh(&reduced, j);
        work->re[j] = c128_minus_zero(a, pair_round(pair_add(pair(a, 0), pair_negate(tanh.re))));
        work->im[j] = pair_round(pair_add(pair(b, 0), pair_negate(tanh.im)));
        double size = f64_choose(f64_below(4, b), C128_ZERO_DOUBTFUL, C128_TANH_DOUBTFUL);
        work->doubtful[j] = c128_doubtful(work->re[j], a, work->im[j], b, size);
    }
}

/* tanh(z)^2 = z^2 (1 - ...) for a, b < 2^-100 */
TANHSHRINK_NOINLINE void c128_square_tiny_loop(c128_work *work, ptrdiff_t n)
{
    for (ptrdiff_t j = 0; j < n; j++) {
        double a = work->a[j], b = work->b[j];
        /* Where a = b, the next term is left: -2/3 Re z^4 = 8/3 a^4, a few ulp. */
        uint64_t diagonal = f64_bits(a) == f64_bits(b);
        double a2 = f64_choose(diagonal, a, 0) * a;
        double re = pair_round(pair_multiply(exact_sum(a, b), exact_sum(a, -b)));
        work->re[j] = f64_choose(diagonal, 8.0 / 3 * (a2 * a2), re);
        work->im[j] = 2 * a * b;
        work->doubtful[j] = 0;
    }
}

TANHSHRINK_NOINLINE void c128_square_loop(c128_work *work, ptrdiff_t n)
{
    c128_reduced reduced;
    c128_reduce_loop(work, &reduced, n);
    for (ptrdiff_t j = 0; j < n; j++) {
        complex_pair tanh = c128_tanh(&reduced, j);
        f64_pair re = pair_normalize(tanh.re), im = pair_normalize(tanh.im);
        /* A square that would underflow is nothing next to re2: there |re| >= 2^-101. */
        uint64_t seen = f64_below(0x1p-400, fabs(im.high));
        f64_pair im_seen = pair_choose(seen, im, pair(0, 0));
        f64_pair re2 = pair_multiply(re, re), im2 = pair_multiply(im_seen, im_seen);
        work->re[j] = pair_round(pair_add(re2, pair_negate(im2)));
        double im_zero = copysign(0.0, im.high); /* Im f' = 2 a tan b / cos(b)^2 to first order */
        double im_f = 2 * pair_round(pair_multiply(re, im));
        work->im[j] = f64_choose((f64_bits(work->a[j]) - 1) >> 63, im_zero, im_f);
        work->doubtful[j] = f64_below(fabs(work->re[j]), C128_SQUARE_DOUBTFUL * re2.high);
    }
}

TANHSHRINK_INLINE void c128_series_store(c128_work *work, ptrdiff_t j, complex_f64 f)
{
    double a = work->a[j], b = work->b[j], size = C128_SERIES_DOUBTFUL * (a * a + b * b);
    work->re[j] = c128_minus_zero(a, f.re);
    work->im[j] = f.im;
    work->doubtful[j] = c128_doubtful(f.re, a, f.im, b, size);
}

TANHSHRINK_NOINLINE void c128_series_loop(c128_work *work, ptrdiff_t n)
{
    for (ptrdiff_t j = 0; j < n; j++)
        c128_series_store(work, j, c128_series(work->a[j], work->b[j]));
}

TANHSHRINK_NOINLINE void c128_series_small_loop(c128_work *work, ptrdiff_t n)
{
    for (ptrdiff_t j = 0; j < n; j++)
        c128_series_store(work, j, c128_series_small(work->a[j], work->b[j]));
}

#endif
