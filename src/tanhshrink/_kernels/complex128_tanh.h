/* tanh(z) in complex128: the fast tier, for elements of the first quadrant.
 *
 * tanh(a + ib) = (sinh 2a + i sin 2b) / ((cosh 2a - 1) + (1 + cos 2b)) as in complex_tanh.h, but
 * with two tables: 2b = t + r with t a multiple of pi/128, |r| < 2^-6.3, and 2a a multiple of
 * log(2)/64 plus h, |h| < 2^-7.5.  So all but the leading terms may be rounded to doubles.
 * That matters most half a row from where a function vanishes, as its leading terms cancel there:
 *
 *     sin(t + r), from sin t r^2/2 on       2^-12.7 of it: 2^-64.3
 *     1 + cos(t + r), from sin t r^3/6 on   2^-13.3 of it, six roundings: 2^-63.1
 *     sinh 2a                               2^-15 of it: 2^-66.5
 *     cosh 2a - 1                           2^-15.6 of it: 2^-65.5
 *     each part of tanh z                   2^-63.1 next to poles, 2^-63.7 elsewhere
 *
 * These are the largest errors in 400 000 points next to poles, to roots, and between rows each. */
#ifndef TANHSHRINK_COMPLEX128_TANH_H
#define TANHSHRINK_COMPLEX128_TANH_H

#include "complex128_scale.h"
#include "complex_tanh.h"

/* Added to keep the fourth power of a tiny number from underflowing: to 1/2 it changes nothing. */
#define TINY_TERM 0x1p-400

typedef struct {
    TANHSHRINK_ALIGN(64) double high[C128_BLOCK];
    TANHSHRINK_ALIGN(64) double low[C128_BLOCK];
} c128_pairs;

TANHSHRINK_INLINE f64_pair pair_at(const c128_pairs *pairs, ptrdiff_t j)
{
    return pair(pairs->high[j], pairs->low[j]);
}

TANHSHRINK_INLINE void pair_put(c128_pairs *pairs, ptrdiff_t j, f64_pair value)
{
    pairs->high[j] = value.high;
    pairs->low[j] = value.low;
}

/* What is left of 2b or 2a, and the row of the table it belongs to */
typedef struct {
    c128_pairs rest;
    TANHSHRINK_ALIGN(64) uint64_t index[C128_BLOCK];
    TANHSHRINK_ALIGN(64) double row[C128_BLOCK][4];
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
        reduced->index[j] = (reduced->index[j] & mask) | (angle.quadrant & ~mask);
        pair_put(&reduced->rest, j, pair_choose(usual, pair_at(&reduced->rest, j), angle.rest));
    }
}

TANHSHRINK_NOINLINE void c128_reduce_angles(const c128_numbers *z, c128_reduced *reduced,
                                            ptrdiff_t n)
{
    uint64_t any_large = 0;
    for (ptrdiff_t j = 0; j < n; j++) {
        uint64_t usual = f64_below(z->b[j], REDUCED_END);
        reduced_angle angle = reduce_angle(f64_choose(usual, z->b[j], 0));
        reduced->index[j] = angle.quadrant;
        pair_put(&reduced->rest, j, angle.rest);
        any_large |= usual ^ 1;
    }
    if (any_large)
        c128_reduce_large_loop(z, reduced, n);
    for (ptrdiff_t j = 0; j < n; j++) {
        reduced_angle angle = {pair_at(&reduced->rest, j), reduced->index[j]};
        table_point point = angle_point(angle);
        reduced->index[j] = point.index;
        pair_put(&reduced->rest, j, point.rest);
    }
    for (ptrdiff_t j = 0; j < n; j++)
        for (int k = 0; k < 4; k++) /* not memcpy: a GPU would go byte by byte */
            reduced->row[j][k] = sine_cosine_rows[reduced->index[j]][k];
}

TANHSHRINK_NOINLINE void c128_reduce_powers(const c128_numbers *z, c128_reduced *reduced,
                                            ptrdiff_t n)
{
    for (ptrdiff_t j = 0; j < n; j++) {
        table_point point = power_point(z->a[j]);
        reduced->index[j] = point.index;
        pair_put(&reduced->rest, j, point.rest);
    }
    for (ptrdiff_t j = 0; j < n; j++)
        for (int k = 0; k < 4; k++)
            reduced->row[j][k] = power_rows[reduced->index[j] & 63][k];
}

/* sin(t + r), and 1 + cos(t + r); like all below, pairs whose low parts may be 2^-12.6 of them */
TANHSHRINK_INLINE void sine_cosine_fast(const double row[4], f64_pair r, f64_pair *sine,
                                        f64_pair *one_plus_cosine)
{
    f64_pair t_sine = pair(row[0], row[1]), t_cosine = pair(row[2], row[3]);
    f64_pair cut = pair_cut(r), r2 = pair_square_cut(cut);
    double v = r.high * r.high;
    double p = odd_terms[0].high - v * (odd_terms[1].high - v * odd_terms[2].high);
    double q = even_terms[1].high - v * (even_terms[2].high - v * even_terms[3].high);
    f64_pair s = pair(cut.high, cut.low - r.high * (v * p));
    f64_pair versine = pair(r2.high / 2, r2.low / 2 - v * (v * q + TINY_TERM)); /* 1 - cos r */
    double versine_rounded = pair_round(versine);

    *sine = pair_add_ordered(t_sine, pair_multiply_cut(pair_cut(t_cosine), s));
    sine->low -= t_sine.high * versine_rounded;
    f64_pair w = exact_sum_ordered(1, t_cosine.high); /* -cos t versine = (1 - w) versine */
    w.low += t_cosine.low;
    f64_pair sines = pair_multiply_cut(pair_cut(t_sine), s);
    *one_plus_cosine = pair_add_ordered(pair_add_ordered(w, versine), pair_negate(sines));
    one_plus_cosine->low -= pair_round(w) * versine_rounded;
}

/* sinh h, and cosh h - 1 */
TANHSHRINK_INLINE void sinh_cosh_rest(f64_pair h, f64_pair *s, f64_pair *c)
{
    f64_pair cut = pair_cut(h), h2 = pair_square_cut(cut);
    double v = h.high * h.high;
    double p = odd_terms[0].high + v * (odd_terms[1].high + v * odd_terms[2].high);
    double q = even_terms[1].high + v * (even_terms[2].high + v * even_terms[3].high);
    *s = pair(cut.high, cut.low + h.high * (v * p));
    *c = pair(h2.high / 2, h2.low / 2 + v * (v * q + TINY_TERM));
}

/* sinh 2a, and cosh 2a - 1 */
TANHSHRINK_INLINE void sinh_cosh_fast(const double row[4], uint64_t index, f64_pair h,
                                      f64_pair *sinh, f64_pair *cosh_minus_one)
{
    f64_pair t_sinh, t_cosh, w, s, c;
    power_pairs(row, index, &t_sinh, &t_cosh, &w);
    sinh_cosh_rest(h, &s, &c);
    double c_rounded = pair_round(c);

    *sinh = pair_add_ordered(t_sinh, pair_multiply_cut(pair_cut(t_cosh), s));
    sinh->low += pair_round(t_sinh) * c_rounded; /* next to n = 0 its low part is 2^-49 of it */
    f64_pair sines = pair_multiply_cut(pair_cut(t_sinh), s);
    *cosh_minus_one = pair_add_ordered(pair_add_ordered(w, c), sines);
    cosh_minus_one->low += w.high * c_rounded;
}

/* Cut pairs */
TANHSHRINK_INLINE complex_pair tanh_quotient_fast(f64_pair sinh, f64_pair cosh_minus_one,
                                                  f64_pair sine, f64_pair one_plus_cosine)
{
    f64_pair denominator = pair_normalize(pair_add(cosh_minus_one, one_plus_cosine));
    f64_pair cut = pair_cut(denominator);
    double reciprocal = f64_reciprocal(denominator.high);
    complex_pair tanh;
    tanh.re = pair_divide_cut(sinh, cut, reciprocal);
    tanh.im = pair_divide_cut(sine, cut, reciprocal);
    return tanh;
}

/* Loops of their own for what tanh(z) is made of: one for all would be longer than a processor
 * looks ahead, and every element would wait for the one before. */
TANHSHRINK_INLINE void c128_sine_cosine(const c128_reduced *angle, c128_pairs *sine,
                                        c128_pairs *one_plus_cosine, ptrdiff_t n, int accurate)
{
    for (ptrdiff_t j = 0; j < n; j++) {
        f64_pair s, c, r = pair_at(&angle->rest, j);
        if (accurate)
            sine_cosine(angle->row[j], r, &s, &c);
        else
            sine_cosine_fast(angle->row[j], r, &s, &c);
        pair_put(sine, j, s);
        pair_put(one_plus_cosine, j, c);
    }
}

TANHSHRINK_INLINE void c128_sinh_cosh(const c128_reduced *power, c128_pairs *sinh,
                                      c128_pairs *cosh_minus_one, ptrdiff_t n, int accurate)
{
    for (ptrdiff_t j = 0; j < n; j++) {
        f64_pair s, c, h = pair_at(&power->rest, j);
        if (accurate)
            sinh_cosh(power->row[j], power->index[j], h, &s, &c);
        else
            sinh_cosh_fast(power->row[j], power->index[j], h, &s, &c);
        pair_put(sinh, j, s);
        pair_put(cosh_minus_one, j, c);
    }
}

TANHSHRINK_NOINLINE void c128_sine_cosine_fast(const c128_numbers *z, c128_pairs *sine,
                                               c128_pairs *one_plus_cosine, ptrdiff_t n)
{
    c128_reduced angle;
    c128_reduce_angles(z, &angle, n);
    c128_sine_cosine(&angle, sine, one_plus_cosine, n, 0);
}

TANHSHRINK_NOINLINE void c128_sinh_cosh_fast(const c128_numbers *z, c128_pairs *sinh,
                                             c128_pairs *cosh_minus_one, ptrdiff_t n)
{
    c128_reduced power;
    c128_reduce_powers(z, &power, n);
    c128_sinh_cosh(&power, sinh, cosh_minus_one, n, 0);
}

#endif
