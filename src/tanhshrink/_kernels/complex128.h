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
 *   a part of f next to where it is 0     complex128_accurate*.h, or complex128_last.h
 *
 * First the elements of a block are sorted by method; then each method is a straight loop over its
 * own elements, which compilers turn into vectors and which meets no value it was not made for.
 * Next to such a curve the accurate tier may come first: complex128_curve.h.
 *
 * Norm-wise error below .51 eps, component-wise below 1 ulp: by the bounds in those files.  Tested
 * against MPFR (tools/complex_oracle.py) on boxes from 20 to 1e-300, the axes, points next to poles
 * and zeros up to 1e6 pi, large and tiny parts, the diagonal and rays at 30 and 60 degrees, numbers
 * at every threshold, and neighbours on both sides of the curves where a part of f vanishes:
 * .500 eps and .54 ulp at most in 6000 points of each.  In millions of points that are just not
 * left to the next tier: .5002 eps and .57 ulp at most. */
#ifndef TANHSHRINK_COMPLEX128_H
#define TANHSHRINK_COMPLEX128_H

#include "complex128_last.h"
#include "complex128_methods.h"

TANHSHRINK_INLINE void c128_load(const double *z, c128_numbers *numbers, ptrdiff_t n,
                                 ptrdiff_t padded)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        numbers->a[i] = f64_absolute(z[2 * i]);
        numbers->b[i] = f64_absolute(z[2 * i + 1]);
    }
    for (ptrdiff_t i = n; i < padded; i++) {
        numbers->a[i] = numbers->a[0];
        numbers->b[i] = numbers->b[0];
    }
}

/* Returns whether a number that is not real is on an axis, or so near that it belongs there. */
TANHSHRINK_INLINE int c128_look(const c128_numbers *numbers, uint64_t *near_root, ptrdiff_t n,
                                int derivative)
{
    uint64_t any = 0, any_near_root = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        double a = numbers->a[i], b = numbers->b[i];
        uint64_t a_tiny = f64_below(a, C128_TINY); /* on the axis, even if next to a root */
        any |= (a_tiny | f64_below(b, C128_TINY)) & f64_is_not_zero(b);
        any_near_root |= f64_below(a, C128_SERIES_END) & f64_below(C128_LEAST_NEAR_ROOT, b) &
                         ~a_tiny;
    }
    if (derivative || !any_near_root) {
        memset(near_root, 0, (size_t)n * sizeof *near_root);
        return (int)any;
    }
    for (ptrdiff_t i = 0; i < n; i++)
        near_root[i] = c128_is_near_root(numbers->a[i], numbers->b[i]);
    return (int)any;
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

/* Whether each is infinite or NaN, and not real */
TANHSHRINK_INLINE int c128_none_is_finite(const double *z, ptrdiff_t n)
{
    ptrdiff_t i = 0;
    while (i < n) {
        uint64_t a = f64_bits(z[2 * i]) << 1, b = f64_bits(z[2 * i + 1]) << 1;
        if (b == 0 || (a < f64_bits(HUGE_VAL) << 1 && b < f64_bits(HUGE_VAL) << 1))
            break;
        i++;
    }
    return i == n;
}

/* Where near_curve is 1, the accurate tier comes first; returns whether it had better do so in the
 * next block.  Unless left is 0, elements may be added to it, whose results are then not set. */
TANHSHRINK_INLINE int c128_block(const double *z, double *out, ptrdiff_t n, double doubt,
                                 int near_curve, c128_left *left, int derivative)
{
    c128_numbers numbers;
    c128_lists lists;
    c128_work work;
    c128_exponents exponents;
    const double far = derivative ? C128_GRAD_FAR : C128_SHRINK_FAR;
    TANHSHRINK_ALIGN(64) uint64_t near_root[C128_BLOCK];
    /* Copies of the first element are added, so that loops are whole vectors. */
    const ptrdiff_t padded = whole_vectors(n);
    if (c128_none_is_finite(z, n)) {
        c128_load(z, &work.z, n, padded);
        c128_not_finite_loop(&work, padded, derivative);
        c128_put(&work.z, z, out, n, derivative);
        return 0;
    }
    work.doubt = doubt;
    c128_load(z, &numbers, n, padded);
    int any_on_axes = c128_look(&numbers, near_root, padded, derivative);
    int tiny = any_on_axes && c128_any_tiny(&numbers, padded);
    if (tiny)
        any_on_axes = c128_scale_up(&numbers, &exponents, padded, derivative);
    if (any_on_axes)
        c128_sort(&lists, &numbers, near_root, n, far, 1, derivative);
    else
        c128_sort(&lists, &numbers, near_root, n, far, 0, derivative);
    int scaled = tiny | (derivative & (lists.count[C128_FAR] > 0));
    if (scaled & !tiny)
        memset(&exponents, 0, sizeof exponents);

    int may_leave = left && !scaled && lists.usual != C128_METHODS;
    for (int step = 0; step <= C128_LAST; step++) { /* the usual one first: it overwrites all */
        int method = step == 0 ? lists.first : step - 1;
        int by = near_curve ? c128_accurate_method(method, derivative) : method;
        for (; method < C128_LAST && lists.count[method] > 0; by = method)
            c128_run(method, by, &lists, &work, &numbers, &exponents, scaled, derivative);
        if (step > 0)
            continue;
        int listed = c128_listed(&lists);
        if (may_leave && listed <= C128_MOST_LEFT) {
            c128_leave(&lists, left);
            listed = 0;
        }
        if (listed == 0)
            break;
    }
    c128_last_tier(&numbers, lists.index[C128_LAST], lists.count[C128_LAST], derivative);
    for (ptrdiff_t j = 0; j < lists.count[C128_NOT_FINITE]; j++) {
        ptrdiff_t i = lists.index[C128_NOT_FINITE][j];
        /* They are set below; until then, scaling down meets nothing that would raise a flag. */
        numbers.re[i] = numbers.re_low[i] = numbers.im[i] = numbers.im_low[i] = 0;
    }
    if (scaled)
        c128_scale_down(&numbers, &exponents, n);
    if (lists.count[C128_NOT_FINITE] > 0) {
        c128_load(z, &numbers, n, padded);
        c128_not_finite_loop(&work, c128_gather(&lists, C128_NOT_FINITE, &numbers, &work),
                             derivative);
        c128_scatter(&work, &lists, C128_NOT_FINITE, C128_LAST, 0, &numbers);
    }
    c128_put(&numbers, z, out, n, derivative);
    return 8 * lists.accurate_count > 5 * n;
}

TANHSHRINK_NOINLINE int c128_shrink_block(const double *z, double *out, ptrdiff_t n, double doubt,
                                          int near_curve, c128_left *left)
{
    return c128_block(z, out, n, doubt, near_curve, left, 0);
}

TANHSHRINK_NOINLINE int c128_grad_block(const double *z, double *out, ptrdiff_t n, double doubt,
                                        int near_curve, c128_left *left)
{
    return c128_block(z, out, n, doubt, near_curve, left, 1);
}

/* The results of elements that blocks have left */
TANHSHRINK_INLINE void c128_compute_left(const double *z, double *out, const c128_left *left,
                                         int derivative)
{
    TANHSHRINK_ALIGN(64) double z_left[2 * C128_BLOCK];
    TANHSHRINK_ALIGN(64) double out_left[2 * C128_BLOCK];
    for (int j = 0; j < left->count; j++)
        memcpy(z_left + 2 * j, z + 2 * left->index[j], 2 * sizeof *z);
    if (derivative)
        c128_grad_block(z_left, out_left, left->count, 1, 0, 0);
    else
        c128_shrink_block(z_left, out_left, left->count, 1, 0, 0);
    for (int j = 0; j < left->count; j++)
        memcpy(out + 2 * left->index[j], out_left + 2 * j, 2 * sizeof *out);
}

#define C128_LARGE_BLOCK (C128_BLOCK / C128_MOST_LEFT * C128_BLOCK) /* 1024 */

TANHSHRINK_INLINE void c128_blocks(const double *z, double *out, ptrdiff_t n, int derivative)
{
    c128_left left;
    int near_curve = 0;
    left.count = 0;
    for (left.start = 0; left.start < n; left.start += C128_BLOCK) {
        const double *z_block = z + 2 * left.start;
        double *out_block = out + 2 * left.start;
        ptrdiff_t rest = n - left.start, count = rest < C128_BLOCK ? rest : C128_BLOCK;
        c128_left *left_or_none = n > C128_BLOCK ? &left : 0;
        for (ptrdiff_t i = 0; count < rest && i < 2 * C128_BLOCK; i += 8)
            prefetch_line(z_block + i, 2 * C128_BLOCK * sizeof(double));
        if (derivative)
            near_curve = c128_grad_block(z_block, out_block, count, 1, near_curve, left_or_none);
        else
            near_curve = c128_shrink_block(z_block, out_block, count, 1, near_curve, left_or_none);
    }
    if (left.count > 0)
        c128_compute_left(z, out, &left, derivative);
}

/* out[i] = z[i] - tanh(z[i]) for n <= C128_LARGE_BLOCK complex elements; z and out do not
 * overlap. */
TANHSHRINK_INLINE void tanhshrink_c128_block(const double *z, double *out, ptrdiff_t n)
{
    c128_blocks(z, out, n, 0);
}

/* out[i] = tanh(z[i])^2 for n <= C128_LARGE_BLOCK complex elements; z and out do not overlap. */
TANHSHRINK_INLINE void tanhshrink_grad_c128_block(const double *z, double *out, ptrdiff_t n)
{
    c128_blocks(z, out, n, 1);
}

#endif
