/* z - tanh(z) and its derivative tanh(z)^2 in complex128: the block functions.
 *
 * Everything is computed for z = a + ib in the first quadrant; the signs of x and y are put back at
 * the end.  So both functions are odd or even, and conjugate-symmetric, to the last bit.
 *
 *   z = 0                                 0
 *   y = 0                                 the real function, bit for bit
 *   a part is tiny                        first scaled, see complex128_scale.h
 *   a >= 22, for f' 100                   z - 1, or 1 + 4 i exp(-2a) sin 2b
 *   a part is 0 or has been tiny          complex128_axes.h: a real function of the other part
 *   a, b < 1/4, or even < 2^-5            complex128_series.h: z^3/3 - 2/15 z^5 + ...
 *   next to i k pi, f only                complex128_root.h: that series, of z - i k pi
 *   elsewhere                             complex128_tanh.h: tanh(z) as a pair
 *   a part of f next to where it is 0     complex128_accurate.h, or complex128_last.h
 *
 * First the elements of a block are sorted by method; then each method is a straight loop over its
 * own elements, which compilers turn into vectors and which meets no value it was not made for.
 *
 * Norm-wise error below .51 eps, component-wise below 1 ulp: by the bounds in those files.  Tested
 * against MPFR (tools/complex_oracle.py) on boxes from 20 to 1e-300, the axes, points next to poles
 * and zeros up to 1e6 pi, large and tiny parts, the diagonal and rays at 30 and 60 degrees, numbers
 * at every threshold, and neighbours on both sides of the curves where a part of f vanishes:
 * .500 eps and .54 ulp at most in 6000 points of each.  In millions of points that are just not
 * left to the next tier: .5002 eps and .56 ulp at most. */
#ifndef TANHSHRINK_COMPLEX128_H
#define TANHSHRINK_COMPLEX128_H

#include "complex128_accurate.h"
#include "complex128_last.h"
#include "complex128_lists.h"
#include "float64_fast.h"

TANHSHRINK_INLINE void c128_real(const c128_lists *lists, c128_work *work, c128_numbers *z,
                                 int derivative)
{
    ptrdiff_t padded = c128_gather(lists, C128_REAL, z, work);
    if (derivative)
        tanhshrink_grad_f64_block(work->z.a, work->z.re, padded);
    else
        tanhshrink_f64_block(work->z.a, work->z.re, padded);
    for (ptrdiff_t j = 0; j < lists->count[C128_REAL]; j++)
        z->re[lists->index[C128_REAL][j]] = work->z.re[j];
}

TANHSHRINK_INLINE void c128_far(c128_lists *lists, c128_work *work, c128_numbers *z,
                                c128_exponents *exponents, int derivative)
{
    const uint8_t *index = lists->index[C128_FAR];
    if (derivative) {
        c128_grad_far_loop(work, c128_gather(lists, C128_FAR, z, work));
        c128_scatter(work, lists, C128_FAR, C128_DOUBTFUL, 1, z);
    }
    for (ptrdiff_t j = 0; j < lists->count[C128_FAR]; j++) {
        ptrdiff_t i = index[j];
        if (derivative) {
            exponents->im[i] = c128_limit_exponent(exponents->im[i] + work->exponent[j]);
        } else {
            z->re[i] = z->a[i] - 1;
            z->im[i] = z->b[i];
        }
    }
}

TANHSHRINK_INLINE void c128_load(const double *z, c128_numbers *numbers, ptrdiff_t n,
                                 ptrdiff_t padded)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        numbers->a[i] = f64_absolute(z[2 * i]);
        numbers->b[i] = f64_absolute(z[2 * i + 1]);
    }
    for (ptrdiff_t i = n; i < padded; i++)
        numbers->a[i] = numbers->b[i] = 0;
}

/* Returns whether a number that is not real is on an axis, or so near that it belongs there. */
TANHSHRINK_INLINE int c128_look(const c128_numbers *numbers, uint64_t *near_root, ptrdiff_t n,
                                int derivative)
{
    uint64_t any = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        double a = numbers->a[i], b = numbers->b[i];
        any |= (f64_below(a, C128_TINY) | f64_below(b, C128_TINY)) &
               ~((f64_bits(b) - 1) >> 63);
        near_root[i] = derivative ? 0 : c128_is_near_root(a, b);
    }
    return (int)any;
}

/* What the methods that set only some of the results need */
TANHSHRINK_INLINE void c128_zero(c128_numbers *z, ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++)
        z->re[i] = z->re_low[i] = z->im[i] = z->im_low[i] = 0;
}

/* The signs of x and y for f; the product of both, on the imaginary part only, for f'. */
TANHSHRINK_INLINE void c128_put(const c128_numbers *numbers, const double *z, double *out,
                                ptrdiff_t n, int derivative)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        uint64_t x_sign = f64_bits(z[2 * i]) & F64_SIGN, y_sign = f64_bits(z[2 * i + 1]) & F64_SIGN;
        out[2 * i] = f64_flip_sign(numbers->re[i], derivative ? 0 : x_sign);
        out[2 * i + 1] = f64_flip_sign(numbers->im[i], derivative ? x_sign ^ y_sign : y_sign);
    }
}

typedef void c128_loop(c128_work *work, ptrdiff_t n, int derivative);

/* Computes the elements of a method, and hands on the doubtful ones. */
TANHSHRINK_INLINE void c128_run(c128_lists *lists, c128_work *work, c128_numbers *z, int method,
                                c128_loop *loop, int if_doubtful, int scaled, int derivative)
{
    if (lists->count[method] == 0)
        return;
    loop(work, c128_gather(lists, method, z, work), derivative);
    c128_scatter(work, lists, method, if_doubtful, scaled, z);
}

TANHSHRINK_INLINE void c128_block(const double *z, double *out, ptrdiff_t n, double doubt,
                                  int derivative)
{
    c128_numbers numbers;
    c128_lists lists;
    c128_work work;
    c128_exponents exponents;
    const double far = derivative ? C128_GRAD_FAR : C128_SHRINK_FAR;
    TANHSHRINK_ALIGN(64) uint64_t near_root[C128_BLOCK];
    /* Zeros are added, so that all loops but the first and the last one are whole vectors. */
    const ptrdiff_t padded = whole_vectors(n);
    work.doubt = doubt;
    c128_load(z, &numbers, n, padded);
    int any_on_axes = c128_look(&numbers, near_root, padded, derivative);
    int tiny = any_on_axes && c128_any_tiny(&numbers, padded);
    if (tiny)
        c128_scale_up(&numbers, &exponents, padded, derivative);
    if (any_on_axes)
        c128_sort(&lists, &numbers, near_root, padded, far, 1, derivative);
    else
        c128_sort(&lists, &numbers, near_root, padded, far, 0, derivative);
    int scaled = tiny | (derivative & (lists.count[C128_FAR] > 0));
    if (scaled & !tiny)
        memset(&exponents, 0, sizeof exponents);
    if (lists.count[C128_ZERO] + lists.count[C128_REAL] + lists.count[C128_FAR] +
        lists.count[C128_NOT_FINITE])
        c128_zero(&numbers, padded);

    if (lists.count[C128_REAL])
        c128_real(&lists, &work, &numbers, derivative);
    if (lists.count[C128_FAR])
        c128_far(&lists, &work, &numbers, &exponents, derivative);
    c128_run(&lists, &work, &numbers, C128_SMALL, c128_small_loop, C128_RAY, scaled, derivative);
    c128_run(&lists, &work, &numbers, C128_SERIES, c128_series_loop, C128_RAY, scaled, derivative);
    c128_run(&lists, &work, &numbers, C128_RAY, c128_ray_loop, C128_DOUBTFUL, scaled, derivative);
    c128_run(&lists, &work, &numbers, C128_TANH, c128_tanh_loop, C128_DOUBTFUL, scaled, derivative);
    if (!derivative)
        c128_run(&lists, &work, &numbers, C128_ROOT, c128_root_loop, C128_DOUBTFUL, scaled, 0);
    c128_run(&lists, &work, &numbers, C128_AXIS_SERIES, c128_axis_series_loop, C128_DOUBTFUL,
             scaled, derivative);
    c128_run(&lists, &work, &numbers, C128_IMAGINARY, c128_imaginary_loop, C128_DOUBTFUL, scaled,
             derivative);
    c128_run(&lists, &work, &numbers, C128_NEAR_REAL, c128_near_real_loop, C128_DOUBTFUL, scaled,
             derivative);
    c128_run(&lists, &work, &numbers, C128_DOUBTFUL, c128_accurate_loop, C128_LAST, scaled,
             derivative);
    c128_last_tier(&numbers, lists.index[C128_LAST], lists.count[C128_LAST], derivative);
    if (scaled)
        c128_scale_down(&numbers, &exponents, padded);
    for (ptrdiff_t j = 0; j < lists.count[C128_NOT_FINITE]; j++) { /* of z: not scaled */
        ptrdiff_t i = lists.index[C128_NOT_FINITE][j];
        c128_not_finite(f64_absolute(z[2 * i]), f64_absolute(z[2 * i + 1]), &numbers.re[i],
                        &numbers.im[i], derivative);
    }
    c128_put(&numbers, z, out, n, derivative);
}

TANHSHRINK_NOINLINE void c128_shrink_block(const double *z, double *out, ptrdiff_t n, double doubt)
{
    c128_block(z, out, n, doubt, 0);
}

TANHSHRINK_NOINLINE void c128_grad_block(const double *z, double *out, ptrdiff_t n, double doubt)
{
    c128_block(z, out, n, doubt, 1);
}

/* out[i] = z[i] - tanh(z[i]) for n <= C128_BLOCK complex elements; z and out do not overlap. */
TANHSHRINK_INLINE void tanhshrink_c128_block(const double *z, double *out, ptrdiff_t n)
{
    c128_shrink_block(z, out, n, 1);
}

/* out[i] = tanh(z[i])^2 for n <= C128_BLOCK complex elements; z and out do not overlap. */
TANHSHRINK_INLINE void tanhshrink_grad_c128_block(const double *z, double *out, ptrdiff_t n)
{
    c128_grad_block(z, out, n, 1);
}

#endif
