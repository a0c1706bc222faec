/* z - tanh(z) in complex128 next to i k pi, k > 0, where tanh(z) vanishes.
 *
 * For z = w + i k pi, tanh(z) = tanh(w), so f(z) = i k pi + f(w), and Re f(w), of the size of w^3,
 * needs the series of complex128_series.h.  Here the imaginary part v of w is a pair that has lost
 * 2^-128, and the powers 2^-76 of themselves: Re f is wrong by 2^-127 a |v| and 2^-76 a |w|^2, too,
 * which matters next to rays where Re w^3 vanishes.  For parts of w less than 1/4 the term after
 * the last is 2^-68 of the first. */
#ifndef TANHSHRINK_COMPLEX128_ROOT_H
#define TANHSHRINK_COMPLEX128_ROOT_H

#include "complex128_fast.h"

#define C128_LEAST_NEAR_ROOT 2.875 /* pi - 1/4 is 2.8916 */

/* 1 if a + ib is next to a root.  To find out, a difference good to 2^-31 is enough. */
TANHSHRINK_INLINE uint64_t c128_is_near_root(double a, double b)
{
    uint64_t possible = f64_below(b, REDUCED_END) & f64_below(C128_SERIES_END, b);
    double usual = f64_choose(possible, b, 1); /* 1 is not near, and no product is subnormal */
    double shifted = usual * (TWO_OVER_PI / 2) + ROUND_TO_INTEGER;
    double rest = usual - (shifted - ROUND_TO_INTEGER) * (2 * (PI_2_1 + PI_2_2));
    return f64_below(a, C128_SERIES_END) & f64_below(f64_absolute(rest), C128_SERIES_END);
}

/* The powers of w = a + ib, for cut a and b; error 2^-76 of |w^2|, and of |w^3| next to the rays */
TANHSHRINK_INLINE c128_powers c128_root_powers(f64_pair a, f64_pair b)
{
    c128_powers of;
    f64_pair a2 = pair_square_cut(a), b2 = pair_square_cut(b);
    of.w.re = pair_add(a2, pair_negate(b2));
    of.w.im = pair_scale(pair_multiply_cut(a, b), 2);
    of.base.re = pair_multiply_cut(pair_cut(pair_add(of.w.re, pair_scale(b2, -2))), a);
    of.base.im = pair_multiply_cut(pair_cut(pair_add(of.w.re, pair_scale(a2, 2))), b);
    of.first.re = pair_third(of.base.re);
    of.first.im = pair_third(of.base.im);
    return of;
}

/* How small Re f may be, next to a */
TANHSHRINK_INLINE double c128_root_size(double norm, double rest)
{
    return norm * (3 * norm * norm + C128_SERIES_DOUBTFUL) + f64_absolute(rest) * 0x1p-69;
}

TANHSHRINK_INLINE void c128_root_loop(c128_work *work, ptrdiff_t n)
{
    c128_numbers *z = &work->z;
    c128_pairs rests;
    const double doubt = work->doubt;
    for (ptrdiff_t j = 0; j < n; j++)
        pair_put(&rests, j, pair_scale(reduce_angle(z->b[j]).rest, 0.5));
    c128_rest_loop(z->a, rests.high, z->re, z->im, n, series_terms, 2, 14, C128_SECOND_MATTERS);
    for (ptrdiff_t j = 0; j < n; j++) {
        double a = z->a[j], b = z->b[j];
        f64_pair rest = pair_at(&rests, j);
        double norm = a * a + rest.high * rest.high;
        uint64_t matters = f64_below(norm, C128_SECOND_MATTERS) ^ 1;
        c128_powers of = c128_root_powers(f64_cut(a), pair_cut(rest));
        complex_f64 others = {z->re[j], z->im[j]};
        complex_pair f = c128_series_sum(of, matters, others, 0);
        f64_pair root = pair_add_to(b, pair_negate(rest));
        c128_store(work, j, f.re, pair_add(root, f.im));
        double size = c128_root_size(norm, rest.high);
        work->doubtful[j] = f64_below(f64_absolute(z->re[j]), doubt * size * a);
    }
}

#endif
