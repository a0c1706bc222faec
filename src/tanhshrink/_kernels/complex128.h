/* z - tanh(z) and its derivative tanh(z)^2 in complex128: the block functions.
 *
 * Everything is computed for z = a + ib in the first quadrant; the signs of x and y are put back at
 * the end.  So both functions are odd or even, and conjugate-symmetric, to the last bit.
 *
 *   z = 0                                 0
 *   y = 0                                 the real function, bit for bit
 *   a >= 22                               z - 1: 1 - tanh(z) is below 2^-61
 *   a, b < 1/4, or even < 2^-5            complex128_series.h: z^3/3 - 2/15 z^5 + ...
 *   elsewhere, b < 2^20                   complex128_fast.h: z - tanh(z), tanh(z) as a pair
 *   not finite, b >= 2^20, a or b tiny    complex128_accurate.h
 *   a part of f next to where it is 0     the same, or complex128_last.h
 *
 * First the elements of a block are sorted by method; then each method is a straight loop over its
 * own elements, which compilers turn into vectors and which meets no value it was not made for.
 *
 * Norm-wise error below .51 eps, component-wise below 1 ulp: by the bounds in those files.  Tested
 * against MPFR (tools/complex_oracle.py) on boxes from 20 to 1e-300, the axes, points next to poles
 * and zeros up to 1e6 pi, large parts, and neighbours on both sides of the curves where a part of f
 * vanishes: .500 eps, unless a part is subnormal, and .56 ulp at most in 12 000 points of each.
 * In 24 000 points of each size that are just not left to the accurate tier: .72 ulp at most. */
#ifndef TANHSHRINK_COMPLEX128_H
#define TANHSHRINK_COMPLEX128_H

#include "complex128_accurate.h"
#include "complex128_fast.h"
#include "float64_fast.h"

enum { C128_ZERO, C128_REAL, C128_FAR, C128_SMALL, C128_SERIES, C128_TANH, C128_RARE };
#define C128_METHODS 7

/* The elements of a block, by method */
typedef struct {
    int count[C128_METHODS];
    uint8_t index[C128_METHODS][C128_BLOCK];
} c128_lists;

/* Where the methods end.  One part of z below `tiny` is rare, unless both are below `series`. */
typedef struct {
    double tiny, small, series, far;
    int far_method;
} c128_limits;

/* On bits, which raises no flag whatever they mean, and without branches. */
TANHSHRINK_INLINE int c128_method(double x, double y, c128_limits limits)
{
    uint64_t a = f64_bits(x) & ~F64_SIGN, b = f64_bits(y) & ~F64_SIGN;
    uint64_t larger = a > b ? a : b, smaller = a - 1 < b - 1 ? a : b; /* smaller: of those not 0 */
    int method = smaller < f64_bits(limits.tiny) ? C128_RARE : C128_TANH;
    method = larger < f64_bits(limits.series) ? C128_SERIES : method;
    method = larger < f64_bits(limits.small) ? C128_SMALL : method;
    method = smaller < f64_bits(C128_TINY) ? C128_RARE : method;
    method = b >= f64_bits(C128_REDUCED_END) ? C128_RARE : method;
    method = a >= f64_bits(limits.far) ? limits.far_method : method;
    method = larger >= f64_bits(HUGE_VAL) ? C128_RARE : method;
    method = b == 0 ? C128_REAL : method;
    return method - (larger == 0); /* C128_ZERO comes before C128_REAL */
}

TANHSHRINK_INLINE void c128_sort(c128_lists *lists, const double *z, ptrdiff_t n,
                                 c128_limits limits)
{
    for (int method = 0; method < C128_METHODS; method++)
        lists->count[method] = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        int method = c128_method(z[2 * i], z[2 * i + 1], limits);
        lists->index[method][lists->count[method]++] = (uint8_t)i;
    }
}

TANHSHRINK_INLINE void c128_gather(const c128_lists *lists, int method, const double *z,
                                   c128_work *work)
{
    const uint8_t *index = lists->index[method];
    for (ptrdiff_t j = 0; j < lists->count[method]; j++) {
        work->a[j] = fabs(z[2 * index[j]]);
        work->b[j] = fabs(z[2 * index[j] + 1]);
    }
}

/* The signs of x and y for f; the product of both, on the imaginary part only, for f'. */
TANHSHRINK_INLINE void c128_put(const double *z, double *out, ptrdiff_t i, double re, double im,
                                int derivative)
{
    uint64_t x_sign = f64_bits(z[2 * i]) & F64_SIGN, y_sign = f64_bits(z[2 * i + 1]) & F64_SIGN;
    out[2 * i] = f64_flip_sign(re, derivative ? 0 : x_sign);
    out[2 * i + 1] = f64_flip_sign(im, derivative ? x_sign ^ y_sign : y_sign);
}

/* What is doubtful is put into the list of the rare ones, too. */
TANHSHRINK_INLINE void c128_scatter(const c128_work *work, c128_lists *lists, int method,
                                    const double *z, double *out, int derivative)
{
    const uint8_t *index = lists->index[method];
    uint8_t *rare = lists->index[C128_RARE];
    int rare_count = lists->count[C128_RARE];
    for (ptrdiff_t j = 0; j < lists->count[method]; j++) {
        c128_put(z, out, index[j], work->re[j], work->im[j], derivative);
        rare[rare_count] = index[j];
        rare_count += (int)work->doubtful[j];
    }
    lists->count[C128_RARE] = rare_count;
}

TANHSHRINK_INLINE void c128_real(const c128_lists *lists, c128_work *work, const double *z,
                                 double *out, int derivative)
{
    const uint8_t *index = lists->index[C128_REAL];
    ptrdiff_t count = lists->count[C128_REAL];
    ptrdiff_t padded = (count + 7) & ~(ptrdiff_t)7; /* a multiple of every LANES */
    for (ptrdiff_t j = 0; j < padded; j++)
        work->a[j] = j < count ? z[2 * index[j]] : 0.0;
    if (derivative)
        tanhshrink_grad_f64_block(work->a, work->re, padded);
    else
        tanhshrink_f64_block(work->a, work->re, padded);
    for (ptrdiff_t j = 0; j < count; j++) {
        ptrdiff_t i = index[j];
        uint64_t sign = derivative ? f64_bits(z[2 * i]) & F64_SIGN : 0;
        out[2 * i] = work->re[j];
        out[2 * i + 1] = f64_flip_sign(z[2 * i + 1], sign);
    }
}

TANHSHRINK_INLINE void c128_zero(const c128_lists *lists, const double *z, double *out,
                                 int derivative)
{
    for (ptrdiff_t j = 0; j < lists->count[C128_ZERO]; j++)
        c128_put(z, out, lists->index[C128_ZERO][j], 0, 0, derivative);
}

/* out[i] = z[i] - tanh(z[i]) for n <= C128_BLOCK complex elements; z and out do not overlap. */
TANHSHRINK_NOINLINE void tanhshrink_c128_block(const double *z, double *out, ptrdiff_t n)
{
    c128_lists lists;
    c128_work work;
    const c128_limits limits = {C128_TINY, 0x1p-5, 0.25, 22, C128_FAR};
    c128_sort(&lists, z, n, limits);
    c128_zero(&lists, z, out, 0);
    if (lists.count[C128_REAL])
        c128_real(&lists, &work, z, out, 0);
    for (ptrdiff_t j = 0; j < lists.count[C128_FAR]; j++) {
        ptrdiff_t i = lists.index[C128_FAR][j];
        c128_put(z, out, i, fabs(z[2 * i]) - 1, fabs(z[2 * i + 1]), 0);
    }
    if (lists.count[C128_SMALL]) {
        c128_gather(&lists, C128_SMALL, z, &work);
        c128_series_small_loop(&work, lists.count[C128_SMALL]);
        c128_scatter(&work, &lists, C128_SMALL, z, out, 0);
    }
    if (lists.count[C128_SERIES]) {
        c128_gather(&lists, C128_SERIES, z, &work);
        c128_series_loop(&work, lists.count[C128_SERIES]);
        c128_scatter(&work, &lists, C128_SERIES, z, out, 0);
    }
    if (lists.count[C128_TANH]) {
        c128_gather(&lists, C128_TANH, z, &work);
        c128_tanh_loop(&work, lists.count[C128_TANH]);
        c128_scatter(&work, &lists, C128_TANH, z, out, 0);
    }
    for (ptrdiff_t j = 0; j < lists.count[C128_RARE]; j++) {
        ptrdiff_t i = lists.index[C128_RARE][j];
        tanhshrink_c128_accurate(z + 2 * i, out + 2 * i);
    }
}

/* out[i] = tanh(z[i])^2 for n <= C128_BLOCK complex elements; z and out do not overlap. */
TANHSHRINK_NOINLINE void tanhshrink_grad_c128_block(const double *z, double *out, ptrdiff_t n)
{
    c128_lists lists;
    c128_work work;
    const c128_limits limits = {C128_GRAD_TINY, C128_GRAD_TINY, C128_GRAD_TINY, C128_GRAD_FAR,
                                C128_RARE};
    c128_sort(&lists, z, n, limits);
    c128_zero(&lists, z, out, 1);
    if (lists.count[C128_REAL])
        c128_real(&lists, &work, z, out, 1);
    if (lists.count[C128_SMALL]) {
        c128_gather(&lists, C128_SMALL, z, &work);
        c128_square_tiny_loop(&work, lists.count[C128_SMALL]);
        c128_scatter(&work, &lists, C128_SMALL, z, out, 1);
    }
    if (lists.count[C128_TANH]) {
        c128_gather(&lists, C128_TANH, z, &work);
        c128_square_loop(&work, lists.count[C128_TANH]);
        c128_scatter(&work, &lists, C128_TANH, z, out, 1);
    }
    for (ptrdiff_t j = 0; j < lists.count[C128_RARE]; j++) {
        ptrdiff_t i = lists.index[C128_RARE][j];
        tanhshrink_grad_c128_accurate(z + 2 * i, out + 2 * i);
    }
}

#endif
