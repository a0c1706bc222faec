/* z - tanh(z) and tanh(z)^2 in complex128: the fast tier, loops over elements of the first quadrant
 * that say which results are doubtful.
 *
 * Where z - tanh(z) is a difference, |z - tanh z| > 2^-5.6 |z|, so the error is below 2^-58.4 of
 * |f|, by the bounds in complex128_tanh.h. */
#ifndef TANHSHRINK_COMPLEX128_FAST_H
#define TANHSHRINK_COMPLEX128_FAST_H

#include "complex128_series.h"
#include "complex128_tanh.h"

/* A part of f smaller than this times that part of z (times |z|^2, for the series) is near a curve
 * where it vanishes, and too few of its bits are right. */
#define C128_TANH_DOUBTFUL 0x1p-9       /* 2.0e-3, where f = z - tanh(z) */
#define C128_SMALL_DOUBTFUL 0x1p-6      /* 1.6e-2: the small series; then the exact one is tried */
#define C128_GRAD_SMALL_DOUBTFUL 0x1p-4 /* 6.2e-2: the same for f' */
#define C128_SERIES_DOUBTFUL 0x1p-8     /* 3.9e-3: likewise, the other one */
#define C128_SQUARE_DOUBTFUL 0x1p-8     /* 3.9e-3: Re f', next to the square of tanh's real part */

/* The same where f itself may vanish, next to iy with tan y = y > 4: both parts, next to b. */
#define C128_ZERO_DOUBTFUL 0x1p-5 /* 0.031 */

#define C128_SMALL_END 0x1p-5   /* 0.031 */
#define C128_SERIES_END 0.25    /* the largest part of z for the two series */
#define C128_SHRINK_FAR 22.0    /* exp(-44) is 2^-63.5 */

/* Where Re f' is 1, Im f' may be subnormal: it is computed times 2^200 exp(2a) and scaled. */
#define C128_GRAD_FAR 100.0 /* exp(-200) is 2^-288.5 */
#define C128_FAR_EXPONENT 200

typedef struct {
    c128_numbers z;
    TANHSHRINK_ALIGN(64) uint64_t doubtful[C128_BLOCK]; /* 1 or 0 */
    TANHSHRINK_ALIGN(64) int64_t exponent[C128_BLOCK];  /* of Im f' where a is large */
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
    f64_pair re2 = pair_square(re), im2 = pair_square(im);
    uint64_t a_zero = (f64_bits(work->z.a[j]) - 1) >> 63; /* Im f' = 2 a tan b / cos(b)^2 then */
    f64_pair im_f = pair_scale(pair_multiply(re, im), 2);
    im_f = pair_choose(a_zero, pair_signed_zero(im), im_f);
    c128_store(work, j, pair_add(re2, pair_negate(im2)), im_f);
    work->doubtful[j] = f64_below(fabs(work->z.re[j]), C128_SQUARE_DOUBTFUL * re2.high);
}

TANHSHRINK_INLINE void c128_tanh_loop(c128_work *work, ptrdiff_t n, int derivative)
{
    c128_reduced reduced;
    c128_reduce_angles(&work->z, &reduced, n);
    c128_reduce_powers(&work->z, &reduced, n);
    for (ptrdiff_t j = 0; j < n; j++) {
        complex_pair tanh = c128_tanh(&reduced, j);
        if (derivative)
            c128_grad_element(work, j, tanh);
        else
            c128_shrink_element(work, j, tanh);
    }
}

/* tanh(z)^2 for a >= C128_GRAD_FAR: 1 + 4 i exp(-2a) sin 2b.  From a = 400 on the imaginary part is
 * less than half the smallest number, so that it is 0 as there. */
TANHSHRINK_NOINLINE void c128_grad_far_loop(c128_work *work, ptrdiff_t n)
{
    c128_reduced reduced;
    for (ptrdiff_t j = 0; j < n; j++)
        work->z.a[j] = f64_choose(f64_below(work->z.a[j], 400), work->z.a[j], 400);
    c128_reduce_angles(&work->z, &reduced, n);
    c128_reduce_powers(&work->z, &reduced, n);
    for (ptrdiff_t j = 0; j < n; j++) {
        f64_pair sine, one_plus_cosine, s, c;
        sine_cosine_fast(reduced.angle_row[j], pair(reduced.r_high[j], reduced.r_low[j]), &sine,
                         &one_plus_cosine);
        sinh_cosh_rest(pair(reduced.h_high[j], reduced.h_low[j]), &s, &c);
        const double *row = reduced.power_row[j];
        f64_pair power = pair_scale(pair(row[2], row[3]), 8 * f64_power(-C128_FAR_EXPONENT));
        f64_pair exp_rest = pair_add_ordered(pair(1, 0), pair_add(c, pair_negate(s)));
        f64_pair im = pair_multiply(pair_multiply(power, exp_rest), pair_normalize(sine));
        c128_store(work, j, pair(1, 0), im);
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

TANHSHRINK_INLINE void c128_series_terms(c128_work *work, ptrdiff_t n, int exact_where_zero,
                                         int first_only, int derivative)
{
    for (ptrdiff_t j = 0; j < n; j++) {
        double a = work->z.a[j], b = work->z.b[j], norm = a * a + b * b;
        double seen = f64_choose(f64_below(norm, C128_SECOND_MATTERS), 0, norm * norm);
        double size = seen * ((derivative ? 4 : 2) * norm + 0x1p-23);
        size += exact_where_zero ? 0 : C128_SERIES_DOUBTFUL * norm;
        complex_pair f = c128_series(a, b, exact_where_zero, first_only, derivative);
        c128_series_store(work, j, f, size, derivative);
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
    const double doubtful = derivative ? C128_GRAD_SMALL_DOUBTFUL : C128_SMALL_DOUBTFUL;
    for (ptrdiff_t j = 0; j < n; j++) {
        double a = work->z.a[j], b = work->z.b[j], size = doubtful * (a * a + b * b);
        c128_series_store(work, j, c128_small(a, b, first_only, derivative), size, derivative);
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
