/* z - tanh(z) and tanh(z)^2 in complex128: the fast tier, loops over elements of the first quadrant
 * that say which results are doubtful.
 *
 * Where z - tanh(z) is a difference, |z - tanh z| > 2^-5.6 |z|, so the error is below 2^-58.1 of
 * |f|, by the bounds in complex128_tanh.h. */
#ifndef TANHSHRINK_COMPLEX128_FAST_H
#define TANHSHRINK_COMPLEX128_FAST_H

#include "complex128_series.h"
#include "complex128_tanh.h"

/* A part of f smaller than this times that part of z (times |z|^2, for the series) is near a curve
 * where it vanishes, and too few of its bits are right. */
#define C128_TANH_DOUBTFUL 0x1p-9    /* 2.0e-3: Re f = a - Re tanh(z) */
#define C128_POLE_DOUBTFUL 0x1p-7    /* 7.8e-3: Im f = b - Im tanh(z), which is 0 next to poles */
#define C128_SERIES_DOUBTFUL 0x1p-20 /* 9.5e-7: first terms of series; the exact one comes next */
#define C128_SQUARE_DOUBTFUL 0x1p-6  /* 1.6e-2: Re f', next to the square of tanh's real part */

/* The same where f itself may vanish, next to iy with tan y = y > 4: both parts, next to b. */
#define C128_ZERO_DOUBTFUL 0x1p-5 /* 0.031 */

/* All of these leave 55 bits.  Times this, 30: enough for results to be rounded to floats. */
#define C128_DOUBT_FOR_FLOATS 0x1p-25

#define C128_SMALL_END 0x1p-5 /* 0.031 */
#define C128_SERIES_END 0.25  /* the largest part of z for the two series */

typedef struct {
    c128_numbers z;
    TANHSHRINK_ALIGN(64) uint64_t doubtful[C128_BLOCK]; /* 1 or 0 */
    TANHSHRINK_ALIGN(64) uint64_t for_fast[C128_BLOCK]; /* see complex128_curve.h */
    TANHSHRINK_ALIGN(64) int64_t exponent[C128_BLOCK];  /* of Im f' where a is large */
    double doubt; /* 1, or C128_DOUBT_FOR_FLOATS */
} c128_work;

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

/* By the sizes of the parts of f */
TANHSHRINK_INLINE uint64_t c128_shrink_doubtful(double re, double a, double im, double b,
                                                double doubt)
{
    uint64_t zero = f64_below(re + im, C128_ZERO_DOUBTFUL * doubt * b) & f64_below(4, b);
    return f64_below(re, C128_TANH_DOUBTFUL * doubt * a) |
           f64_below(im, C128_POLE_DOUBTFUL * doubt * b) | zero;
}

TANHSHRINK_INLINE void c128_shrink_element(c128_work *work, ptrdiff_t j, complex_pair tanh,
                                           double doubt)
{
    double a = work->z.a[j], b = work->z.b[j];
    c128_store(work, j, pair_add_to(a, pair_negate(tanh.re)),
               pair_add_to(b, pair_negate(tanh.im)));
    double re_size = f64_absolute(work->z.re[j]), im_size = f64_absolute(work->z.im[j]);
    work->doubtful[j] = c128_shrink_doubtful(re_size, a, im_size, b, doubt);
}

TANHSHRINK_INLINE uint64_t c128_grad_doubtful(double re, double re_tanh_squared, double doubt)
{
    return f64_below(re, C128_SQUARE_DOUBTFUL * doubt * re_tanh_squared);
}

TANHSHRINK_INLINE void c128_grad_element(c128_work *work, ptrdiff_t j, complex_pair tanh,
                                         double doubt)
{
    f64_pair re2 = pair_square_cut(tanh.re), im2 = pair_square_cut(tanh.im);
    f64_pair im_f = pair_scale(pair_multiply_cut(tanh.re, tanh.im), 2);
    c128_store(work, j, pair_add(re2, pair_negate(im2)), im_f);
    work->doubtful[j] = c128_grad_doubtful(f64_absolute(work->z.re[j]), re2.high, doubt);
}

TANHSHRINK_INLINE void c128_tanh_loop(c128_work *work, ptrdiff_t n, int derivative)
{
    c128_pairs sine, one_plus_cosine, sinh, cosh_minus_one;
    const double doubt = work->doubt;
    c128_sine_cosine_fast(&work->z, &sine, &one_plus_cosine, n);
    c128_sinh_cosh_fast(&work->z, &sinh, &cosh_minus_one, n);
    for (ptrdiff_t j = 0; j < n; j++) {
        complex_pair tanh = tanh_quotient_fast(pair_at(&sinh, j), pair_at(&cosh_minus_one, j),
                                               pair_at(&sine, j), pair_at(&one_plus_cosine, j));
        if (derivative)
            c128_grad_element(work, j, tanh, doubt);
        else
            c128_shrink_element(work, j, tanh, doubt);
    }
}

/* How small a part of f may be, next to that part of z, or next to 1 for Re f'; see the bounds in
 * complex128_series.h.  Im f' nowhere vanishes but on the axes. */
TANHSHRINK_INLINE void c128_series_store(c128_work *work, ptrdiff_t j, complex_pair f, double size,
                                         int derivative)
{
    double a = work->z.a[j], b = work->z.b[j];
    c128_store(work, j, f.re, f.im);
    double re_size = f64_absolute(work->z.re[j]), im_size = f64_absolute(work->z.im[j]);
    work->doubtful[j] = derivative ? f64_below(re_size, size)
                                   : c128_doubtful(re_size, a, im_size, b, size);
}

/* How small, where all that vanishes of the first two terms is exact: next to the third one */
TANHSHRINK_INLINE double c128_ray_size(double norm, int derivative)
{
    double seen = f64_choose(f64_below(norm, C128_SECOND_MATTERS), 0, norm * norm);
    return seen * ((derivative ? 4 : 3) * norm + 0x1p-23);
}

TANHSHRINK_INLINE void c128_series_terms(c128_work *work, ptrdiff_t n, int exact_where_zero,
                                         int first_only, int derivative)
{
    c128_numbers *z = &work->z;
    const double doubt = work->doubt;
    if (!first_only)
        c128_rest_loop(z->a, z->b, z->re, z->im, n, derivative ? grad_terms : series_terms, 2, 14,
                       C128_SECOND_MATTERS);
    for (ptrdiff_t j = 0; j < n; j++) {
        double a = z->a[j], b = z->b[j], norm = a * a + b * b;
        uint64_t matters = f64_below(norm, C128_SECOND_MATTERS) ^ 1;
        double size = c128_ray_size(norm, derivative);
        size += exact_where_zero ? 0 : C128_SERIES_DOUBTFUL * norm;
        c128_powers of = c128_powers_of(a, b, exact_where_zero, derivative);
        complex_f64 rest = {z->re[j], z->im[j]};
        complex_pair f = first_only ? of.first : c128_series_sum(of, matters, rest, derivative);
        c128_series_store(work, j, f, doubt * size, derivative);
    }
}

/* Whether |z|^2 of any is above a limit: mostly the first one's is. */
TANHSHRINK_INLINE int c128_any_above(const c128_numbers *z, ptrdiff_t n, double limit)
{
    ptrdiff_t j = 0;
    while (j < n && !f64_below(limit, z->a[j] * z->a[j] + z->b[j] * z->b[j]))
        j++;
    return j < n;
}

TANHSHRINK_INLINE void c128_series_loop(c128_work *work, ptrdiff_t n, int derivative)
{
    c128_series_terms(work, n, 0, 0, derivative);
}

/* The second term of f' is all of its real part on the diagonal, so it always matters. */
TANHSHRINK_INLINE void c128_ray_loop(c128_work *work, ptrdiff_t n, int derivative)
{
    if (derivative || c128_any_above(&work->z, n, C128_SECOND_MATTERS))
        c128_series_terms(work, n, 1, 0, derivative);
    else
        c128_series_terms(work, n, 1, 1, derivative);
}

TANHSHRINK_INLINE void c128_small_terms(c128_work *work, ptrdiff_t n, int first_only,
                                        int derivative)
{
    c128_numbers *z = &work->z;
    const double doubt = work->doubt;
    if (!first_only)
        c128_rest_loop(z->a, z->b, z->re, z->im, n, derivative ? grad_terms : series_terms, 1,
                       derivative ? 6 : 5, C128_OTHERS_MATTER);
    for (ptrdiff_t j = 0; j < n; j++) {
        double a = z->a[j], b = z->b[j], norm = a * a + b * b;
        double size = norm * ((derivative ? 32 : 8) * norm + C128_SERIES_DOUBTFUL);
        c128_powers of = c128_powers_of(a, b, 0, derivative);
        complex_f64 rest = {z->re[j], z->im[j]};
        complex_pair f = first_only ? of.first : c128_small(of, rest);
        c128_series_store(work, j, f, doubt * size, derivative);
    }
}

TANHSHRINK_INLINE void c128_small_loop(c128_work *work, ptrdiff_t n, int derivative)
{
    if (c128_any_above(&work->z, n, C128_OTHERS_MATTER))
        c128_small_terms(work, n, 0, derivative);
    else
        c128_small_terms(work, n, 1, derivative);
}

#endif
