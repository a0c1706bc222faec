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

#include "complex128_scale.h"
#include "complex128_series.h"

/* A part of f smaller than this times that part of z (times |z|^2, for the series) is near a curve
 * where it vanishes, and too few of its bits are right. */
#define C128_TANH_DOUBTFUL 0x1p-10  /* 9.8e-4, where f = z - tanh(z) */
#define C128_SMALL_DOUBTFUL 0x1p-6  /* 1.6e-2: the small series; then the other one is tried */
#define C128_SQUARE_DOUBTFUL 0x1p-9 /* 2.0e-3: the real part of f', next to the square of tanh's */

/* The same where f itself may vanish, next to iy with tan y = y > 4: both parts, next to b. */
#define C128_ZERO_DOUBTFUL 0x1p-5 /* 0.031 */

#define C128_SMALL_END 0x1p-5   /* 0.031 */
#define C128_SERIES_END 0.25    /* the largest part of z for the two series */
#define C128_SHRINK_FAR 22.0    /* exp(-44) is 2^-63.5 */

/* Where Re f' is 1, Im f' may be subnormal: it is computed times 2^200 exp(2a) and scaled. */
#define C128_GRAD_FAR 100.0 /* exp(-200) is 2^-288.5 */
#define C128_FAR_EXPONENT 200

/* Added to keep the fourth power of a tiny number from underflowing: to 1/2 it changes nothing. */
#define TINY_TERM 0x1p-400

typedef struct {
    c128_numbers z;
    TANHSHRINK_ALIGN(64) uint64_t doubtful[C128_BLOCK]; /* 1 or 0 */
    TANHSHRINK_ALIGN(64) int64_t exponent[C128_BLOCK];  /* of Im f' where a is large */
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

/* 2b where b >= 2^20: integers one by one, doubles together */
TANHSHRINK_NOINLINE void c128_reduce_large_loop(const c128_numbers *z, c128_reduced *reduced,
                                                ptrdiff_t n)
{
    TANHSHRINK_ALIGN(64) double chunks[4][C128_BLOCK];
    TANHSHRINK_ALIGN(64) uint64_t quadrant[C128_BLOCK];
    for (ptrdiff_t j = 0; j < n; j++) {
        double chunk[4];
        uint64_t usual = f64_below(z->b[j], REDUCED_END);
        quadrant[j] = angle_chunks(f64_choose(usual, REDUCED_END, z->b[j]), chunk);
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

TANHSHRINK_NOINLINE void c128_reduce_loop(const c128_numbers *z, c128_reduced *reduced,
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

        double two_a = 2 * z->a[j];
        shifted = two_a * (64 * INVERSE_LN2) + ROUND_TO_INTEGER;
        k = shifted - ROUND_TO_INTEGER; /* 17 bits, and the first parts of log 2 have 36 */
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

/* sin(t + r), and 1 + cos(t + r); like all below, pairs whose low parts may be 2^-13 of them */
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

/* sinh h, and cosh h - 1 */
TANHSHRINK_INLINE void sinh_cosh_rest(f64_pair h, f64_pair *s, f64_pair *c)
{
    f64_pair h2 = exact_product(h.high, h.high);
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

TANHSHRINK_INLINE void c128_store(c128_work *work, ptrdiff_t j, f64_pair re, f64_pair im)
{
    work->z.re[j] = pair_round(re);
    work->z.im[j] = pair_round(im);
    work->z.re_low[j] = re.low - (work->z.re[j] - re.high);
    work->z.im_low[j] = im.low - (work->z.im[j] - im.high);
}

TANHSHRINK_INLINE f64_pair pair_signed_zero(f64_pair sign)
{
    double zero = copysign(0.0, sign.high);
    return pair(zero, zero);
}

/* Re f = -a tan(b)^2 to first order, so it is -0 where a is 0. */
TANHSHRINK_INLINE f64_pair c128_minus_zero(double a, f64_pair re)
{
    return pair_choose((f64_bits(a) - 1) >> 63, pair(-0.0, -0.0), re);
}

TANHSHRINK_INLINE uint64_t c128_doubtful(double re, double a, double im, double b, double size)
{
    return f64_below(re, size * a) | f64_below(im, size * b);
}

TANHSHRINK_INLINE void c128_shrink_element(c128_work *work, ptrdiff_t j, complex_pair tanh)
{
    double a = work->z.a[j], b = work->z.b[j];
    f64_pair re = c128_minus_zero(a, pair_add(pair(a, 0), pair_negate(tanh.re)));
    c128_store(work, j, re, pair_add(pair(b, 0), pair_negate(tanh.im)));
    double re_size = fabs(work->z.re[j]), im_size = fabs(work->z.im[j]);
    uint64_t zero = f64_below(re_size, C128_ZERO_DOUBTFUL * b) &
                    f64_below(im_size, C128_ZERO_DOUBTFUL * b) & f64_below(4, b);
    work->doubtful[j] = c128_doubtful(re_size, a, im_size, b, C128_TANH_DOUBTFUL) | zero;
}

TANHSHRINK_INLINE void c128_grad_element(c128_work *work, ptrdiff_t j, complex_pair tanh)
{
    f64_pair re = pair_normalize(tanh.re), im = pair_normalize(tanh.im);
    f64_pair re2 = pair_multiply(re, re), im2 = pair_multiply(im, im);
    uint64_t a_zero = (f64_bits(work->z.a[j]) - 1) >> 63; /* Im f' = 2 a tan b / cos(b)^2 then */
    f64_pair im_f = pair_scale(pair_multiply(re, im), 2);
    im_f = pair_choose(a_zero, pair_signed_zero(im), im_f);
    c128_store(work, j, pair_add(re2, pair_negate(im2)), im_f);
    work->doubtful[j] = f64_below(fabs(work->z.re[j]), C128_SQUARE_DOUBTFUL * re2.high);
}

TANHSHRINK_INLINE void c128_tanh_loop(c128_work *work, ptrdiff_t n, int derivative)
{
    c128_reduced reduced;
    c128_reduce_loop(&work->z, &reduced, n);
    for (ptrdiff_t j = 0; j < n; j++) {
        complex_pair tanh = c128_tanh(&reduced, j);
        if (derivative)
            c128_grad_element(work, j, tanh);
        else
            c128_shrink_element(work, j, tanh);
    }
}

/* tanh(z)^2 for a >= C128_GRAD_FAR: 1 + 4 i exp(-2a) sin 2b.  From a = 400 on the imaginary part is
 * less than half the smallest number, and 0 without a flag, as at infinity. */
TANHSHRINK_NOINLINE void c128_grad_far_loop(c128_work *work, ptrdiff_t n)
{
    c128_reduced reduced;
    for (ptrdiff_t j = 0; j < n; j++)
        work->z.a[j] = f64_choose(f64_below(work->z.a[j], 400), work->z.a[j], 400);
    c128_reduce_loop(&work->z, &reduced, n);
    for (ptrdiff_t j = 0; j < n; j++) {
        f64_pair sine, one_plus_cosine, s, c;
        sine_cosine_fast(reduced.angle_row[j], pair(reduced.r_high[j], reduced.r_low[j]), &sine,
                         &one_plus_cosine);
        sinh_cosh_rest(pair(reduced.h_high[j], reduced.h_low[j]), &s, &c);
        const double *row = reduced.power_row[j];
        f64_pair power = pair_scale(pair(row[2], row[3]), 8 * f64_power(-C128_FAR_EXPONENT));
        f64_pair exp_rest = pair_add_ordered(pair(1, 0), pair_add(c, pair_negate(s)));
        f64_pair im = pair_multiply(pair_multiply(power, pair_normalize(exp_rest)),
                                    pair_normalize(sine));
        uint64_t zero = f64_below(work->z.a[j], 400) ^ 1;
        c128_store(work, j, pair(1, 0), pair_choose(zero, pair_signed_zero(sine), im));
        work->exponent[j] = C128_FAR_EXPONENT - (int64_t)((reduced.power[j] & 0xffffff) >> 6);
        work->doubtful[j] = 0;
    }
}

/* How small a part of f may be, next to that part of z, or next to 1 for Re f'; see the bounds in
 * complex128_series.h.  Im f' nowhere vanishes but on the axes. */
TANHSHRINK_INLINE void c128_series_store(c128_work *work, ptrdiff_t j, complex_pair f, double size,
                                         int derivative)
{
    double a = work->z.a[j], b = work->z.b[j];
    if (derivative) {
        f64_pair im_zero = pair(0, 0);
        c128_store(work, j, f.re, pair_choose((f64_bits(a) - 1) >> 63, im_zero, f.im));
        work->doubtful[j] = f64_below(fabs(work->z.re[j]), size);
    } else {
        c128_store(work, j, c128_minus_zero(a, f.re), f.im);
        work->doubtful[j] = c128_doubtful(fabs(work->z.re[j]), a, fabs(work->z.im[j]), b, size);
    }
}

TANHSHRINK_INLINE void c128_series_loop(c128_work *work, ptrdiff_t n, int derivative)
{
    for (ptrdiff_t j = 0; j < n; j++) {
        double a = work->z.a[j], b = work->z.b[j], norm = a * a + b * b;
        double seen = f64_choose(f64_below(norm, 0x1p-70), 0, norm * norm);
        double size = seen * (norm * (derivative ? 2 : 0.5) + 0x1p-23);
        c128_series_store(work, j, c128_series(a, b, derivative), size, derivative);
    }
}

TANHSHRINK_INLINE void c128_small_loop(c128_work *work, ptrdiff_t n, int derivative)
{
    for (ptrdiff_t j = 0; j < n; j++) {
        double a = work->z.a[j], b = work->z.b[j], size = C128_SMALL_DOUBTFUL * (a * a + b * b);
        c128_series_store(work, j, c128_small(a, b, derivative), size, derivative);
    }
}

#endif
