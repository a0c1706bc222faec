/* z - tanh(z) and tanh(z)^2 in complex128: special values, and the accurate tier for the elements
 * that the fast one leaves.
 *
 *     z                        z - tanh(z)                 tanh(z)^2
 *     (+-inf, any y)           (+-inf, y)                  (1, +-0), sign of sin 2y if y is finite
 *     (x != 0, +-inf)          (nan, nan), invalid         (nan, nan), invalid
 *     (+-0, +-inf)             (+-0, nan), invalid         (nan, +-0), invalid
 *     (+-0, nan)               (+-0, nan)                  (nan, +-0)
 *     others with nan          (nan, nan)                  (nan, nan)
 *     (x, +-0), nan included   (f(x), +-0)                 (f'(x), +-0)
 *     (+-0, y)                 (-+0, y - tan y)            (-tan(y)^2, +-0)
 *
 * The last two are not decided here.  Zeros have the signs that make f odd and f' even, and both
 * conjugate-symmetric; Annex G of C99 says the same of tanh.  (-+0 because Re f is -x tan(y)^2.)
 *
 * Error: about 2^-98 |f|, before each part is rounded once, into the subnormal numbers too.  Parts
 * below C128_VANISHING, 2^-40, would keep less than 58 bits and are left to complex128_last.h. */
#ifndef TANHSHRINK_COMPLEX128_ACCURATE_H
#define TANHSHRINK_COMPLEX128_ACCURATE_H

#include "complex128_fast.h"
#include "complex128_last.h"

#define C128_VANISHING 0x1p-40 /* 9.1e-13: a part less than this, next to z's: last tier */

/* By bits: these raise no flag, and no compiler computes invalid() where it is not called for. */
TANHSHRINK_INLINE int is_finite(double x)
{
    return (f64_bits(x) & ~F64_SIGN) < f64_bits(HUGE_VAL);
}
TANHSHRINK_INLINE int is_infinite(double x)
{
    return (f64_bits(x) & ~F64_SIGN) == f64_bits(HUGE_VAL);
}
TANHSHRINK_INLINE double invalid(void)
{
    volatile double infinity = HUGE_VAL;
    return infinity - infinity;
}

/* 1 if reduce_angle is not made for b, or leaves less than 102 bits of the rest, because 2^-127 is
 * lost.  Next to poles and to i k pi a part may be a difference of powers of such a rest. */
TANHSHRINK_INLINE uint64_t c128_needs_large_angle(double b, reduced_angle angle)
{
    uint64_t close = f64_below(fabs(angle.rest.high), 0x1p-25) & f64_below(1, b);
    return close | (f64_below(b, REDUCED_END) ^ 1);
}

TANHSHRINK_INLINE reduced_angle reduce_any_angle(double b)
{
    reduced_angle angle = reduce_angle(b < REDUCED_END ? b : 1);
    return c128_needs_large_angle(b, angle) ? reduce_large_angle(b) : angle;
}

TANHSHRINK_INLINE complex_pair complex_multiply(complex_pair a, complex_pair b)
{
    complex_pair product;
    product.re = pair_add(pair_multiply(a.re, b.re), pair_negate(pair_multiply(a.im, b.im)));
    product.im = pair_add(pair_multiply(a.re, b.im), pair_multiply(a.im, b.re));
    return product;
}

/* z - tanh(z) for z = a + ib, a, |b| < 1/4 */
TANHSHRINK_INLINE complex_pair c128_series_accurate(double a, f64_pair b)
{
    complex_pair z = {pair(a, 0), b}, w, sum = {pair(0, 0), pair(0, 0)};
    w.re = pair_multiply(pair_add(z.re, b), pair_add(z.re, pair_negate(b)));
    w.im = pair_scale(pair_multiply_f64(b, a), 2);
    for (int j = 24; j >= 0; j--) {
        sum = complex_multiply(sum, w);
        sum.re = pair_add(series_terms[j], sum.re);
    }
    return complex_multiply(complex_multiply(z, w), sum);
}

TANHSHRINK_INLINE complex_pair c128_shrink_of(complex_pair tanh, double a, double b)
{
    complex_pair f;
    f.re = c128_minus_zero(a, pair_add(pair(a, 0), pair_negate(tanh.re)));
    f.im = pair_add(pair(b, 0), pair_negate(tanh.im));
    return f;
}

TANHSHRINK_INLINE complex_pair c128_grad_of(complex_pair tanh)
{
    complex_pair f;
    f.re = pair_multiply(pair_add(tanh.re, tanh.im), pair_add(tanh.re, pair_negate(tanh.im)));
    f.im = pair_scale(pair_multiply(tanh.re, tanh.im), 2);
    return f;
}

/* Near i k pi, where z - tanh(z) cancels */
TANHSHRINK_INLINE uint64_t c128_near_root(double a, reduced_angle angle)
{
    uint64_t quadrant_0 = (angle.quadrant - 1) >> 63;
    return quadrant_0 & f64_below(a, 0.25) & f64_below(fabs(angle.rest.high), 0.5);
}

/* Leaves as doubtful what is for the functions below: the rest in vectors. */
TANHSHRINK_INLINE void c128_accurate_loop(c128_work *work, ptrdiff_t n, int derivative)
{
    for (ptrdiff_t j = 0; j < n; j++) {
        double a = work->z.a[j], b = work->z.b[j];
        uint64_t large = f64_below(b, REDUCED_END) ^ 1;
        reduced_angle angle = reduce_angle(f64_choose(large, 1, b));
        complex_pair tanh = complex_tanh(a, angle);
        complex_pair f = derivative ? c128_grad_of(tanh) : c128_shrink_of(tanh, a, b);
        c128_store(work, j, f.re, f.im);
        double re = fabs(f.re.high), im = fabs(f.im.high), tanh_re = tanh.re.high;
        uint64_t doubtful = derivative
                                ? f64_below(re, C128_VANISHING * (tanh_re * tanh_re))
                                : c128_doubtful(re, a, im, b, C128_VANISHING) |
                                      c128_near_root(a, angle);
        work->doubtful[j] = doubtful | c128_needs_large_angle(b, angle);
    }
}

TANHSHRINK_INLINE complex_pair c128_shrink_accurate(double a, double b)
{
    double size = 1;
    reduced_angle angle = reduce_any_angle(b);
    complex_pair f;
    if (c128_near_root(a, angle)) {
        f64_pair b_rest = pair_scale(angle.rest, 0.5);
        size = a * a + b_rest.high * b_rest.high;
        f = c128_series_accurate(a, b_rest);
        f.re = c128_minus_zero(a, f.re);
        f.im = pair_add(pair_add(pair(b, 0), pair_negate(b_rest)), f.im);
    } else {
        f = c128_shrink_of(complex_tanh(a, angle), a, b);
    }
    size *= C128_VANISHING;
    if (c128_doubtful(fabs(f.re.high), a, fabs(f.im.high), b, size)) {
        f = c128_last(a, b, 0);
        f.re = c128_minus_zero(a, f.re);
    }
    return f;
}

TANHSHRINK_INLINE complex_pair c128_grad_accurate(double a, double b)
{
    complex_pair tanh = complex_tanh(a, reduce_any_angle(b)), f = c128_grad_of(tanh);
    if (fabs(f.re.high) < C128_VANISHING * (tanh.re.high * tanh.re.high))
        f = c128_last(a, b, 1);
    return f;
}

/* One element, in place: neither real nor tiny nor far */
TANHSHRINK_NOINLINE void c128_accurate(c128_numbers *z, ptrdiff_t i, int derivative)
{
    complex_pair f = derivative ? c128_grad_accurate(z->a[i], z->b[i])
                                : c128_shrink_accurate(z->a[i], z->b[i]);
    z->re[i] = pair_round(f.re);
    z->im[i] = pair_round(f.im);
    z->re_low[i] = f.re.low - (z->re[i] - f.re.high);
    z->im_low[i] = f.im.low - (z->im[i] - f.im.high);
}

/* One element where a or b is infinite or NaN, and b is not 0 */
TANHSHRINK_NOINLINE void c128_not_finite(double a, double b, double *re, double *im, int derivative)
{
    double sine_sign = 1;
    if (is_infinite(a)) {
        if (derivative && is_finite(b) && b >= 1) {
            reduced_angle angle = reduce_any_angle(b);
            sine_sign = angle.quadrant & 1 ? 1 : angle.rest.high;
            sine_sign = angle.quadrant & 2 ? -sine_sign : sine_sign;
        }
        *re = derivative ? 1 : a;
        *im = derivative ? copysign(0.0, sine_sign) : b;
    } else {
        double nan = is_infinite(b) && is_finite(a) ? invalid() : a + b;
        *re = a == 0 && !derivative ? 0 : nan;
        *im = a == 0 && derivative ? 0 : nan;
    }
}

#endif
