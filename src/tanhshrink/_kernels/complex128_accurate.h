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

#include "complex128_last.h"
#include "complex128_tiny.h"

#define C128_REDUCED_END 0x1p+20 /* 1048576: from here on, reduce_large_angle */
#define C128_TINY 0x1p-310       /* 4.8e-94: below, low parts could underflow */
#define C128_GRAD_FAR 300.0      /* exp(-600) is 2^-865.6, hardly above the subnormal numbers */
#define C128_GRAD_TINY 0x1p-100  /* 7.9e-31: the same, times exp(-600) */
#define C128_VANISHING 0x1p-40   /* 9.1e-13: a part less than this, next to z's: last tier */

/* 6.2e-61: instead of anything smaller, this; then the part of f that is proportional to it is
 * scaled.  The other part of z is at least C128_CUBE_END, so that is right to 2^-240. */
#define C128_STAND_IN 0x1p-200

/* By bits: these raise no flag, and no compiler computes invalid() where it is not called for. */
TANHSHRINK_INLINE int is_finite(double x)
{
    return (f64_bits(x) & ~F64_SIGN) < f64_bits(HUGE_VAL);
}
TANHSHRINK_INLINE int is_infinite(double x)
{
    return (f64_bits(x) & ~F64_SIGN) == f64_bits(HUGE_VAL);
}
TANHSHRINK_INLINE int is_nan(double x) { return (f64_bits(x) & ~F64_SIGN) > f64_bits(HUGE_VAL); }
TANHSHRINK_INLINE double invalid(void)
{
    volatile double infinity = HUGE_VAL;
    return infinity - infinity;
}

TANHSHRINK_INLINE reduced_angle reduce_any_angle(double b)
{
    return b < C128_REDUCED_END ? reduce_angle(b) : reduce_large_angle(b);
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

/* z - tanh(z) in the first quadrant; no part of z is tiny. */
TANHSHRINK_INLINE complex_pair c128_accurate(double a, double b)
{
    double size = 1;
    reduced_angle angle = reduce_any_angle(b);
    f64_pair b_rest = pair_scale(angle.rest, 0.5);
    complex_pair f;
    if (angle.quadrant == 0 && a < 0.25 && fabs(b_rest.high) < 0.25) { /* near i k pi */
        size = a * a + b_rest.high * b_rest.high;
        f = c128_series_accurate(a, b_rest);
        f.im = pair_add(pair_add(pair(b, 0), pair_negate(b_rest)), f.im);
    } else {
        complex_pair tanh = complex_tanh(a, angle);
        f.re = pair_add(pair(a, 0), pair_negate(tanh.re));
        f.im = pair_add(pair(b, 0), pair_negate(tanh.im));
    }
    size *= C128_VANISHING;
    if (fabs(f.re.high) < size * a || fabs(f.im.high) < size * b) {
        f.re.low = f.im.low = 0;
        c128_last(a, b, &f.re.high, &f.im.high, 0);
    }
    return f;
}

/* z - tanh(z) for what is not real, and not far unless it is infinite */
TANHSHRINK_NOINLINE void tanhshrink_c128_accurate(const double *z, double *out)
{
    double x = z[0], y = z[1], a = fabs(x), b = fabs(y), re, im;
    if (is_infinite(x)) {
        out[0] = x;
        out[1] = y;
        return;
    }
    if (!is_finite(x) || !is_finite(y)) {
        double nan = is_infinite(y) && is_finite(x) ? invalid() : x + y;
        out[0] = (f64_bits(x) & ~F64_SIGN) == 0 ? x : nan;
        out[1] = nan;
        return;
    }
    if (a < C128_CUBE_END && b < C128_CUBE_END) {
        c128_cube(a, b, &re, &im);
    } else {
        int re_tiny = a != 0 && a < C128_STAND_IN, im_tiny = b < C128_STAND_IN;
        complex_pair f = c128_accurate(re_tiny ? C128_STAND_IN : a, im_tiny ? C128_STAND_IN : b);
        re = re_tiny ? pair_times_tiny(pair_scale(f.re, 1 / C128_STAND_IN), a)
                     : f.re.high + f.re.low;
        im = im_tiny ? pair_times_tiny(pair_scale(f.im, 1 / C128_STAND_IN), b)
                     : f.im.high + f.im.low;
    }
    if (a == 0)
        re = -0.0;
    out[0] = f64_flip_sign(re, f64_bits(x) & F64_SIGN);
    out[1] = f64_flip_sign(im, f64_bits(y) & F64_SIGN);
}

/* 4 exp(-2a) sin 2b: the imaginary part of tanh(a + ib)^2 for a >= C128_GRAD_FAR.  From 400 on it
 * is less than half the smallest number, and 0 without a flag, as at infinity. */
TANHSHRINK_INLINE double c128_grad_far_im(double a, double b)
{
    f64_pair sine, one_plus_cosine, sinh, cosh_minus_one;
    if (a >= 400 && b < 1)
        return 0;
    sine_cosine(reduce_any_angle(b), &sine, &one_plus_cosine);
    if (a >= 400)
        return copysign(0.0, sine.high);
    sinh_cosh(a / 2, &sinh, &cosh_minus_one); /* exp(a)/2, to 2^-216 */
    f64_pair denominator = pair_normalize(cosh_minus_one);
    f64_pair root = pair_divide(pair(0x1p500, 0), denominator, 1 / denominator.high);
    return pair_round_scaled(pair_multiply(pair_multiply(root, root), sine), -1000);
}

/* tanh(z)^2 for what is not real */
TANHSHRINK_NOINLINE void tanhshrink_grad_c128_accurate(const double *z, double *out)
{
    double x = z[0], y = z[1], a = fabs(x), b = fabs(y), re, im;
    if (is_infinite(x) && !is_finite(y)) {
        re = 1;
        im = 0;
    } else if (is_nan(x) || !is_finite(y)) {
        re = is_infinite(y) && !is_nan(x) ? invalid() : x + y;
        im = f64_bits(a) == 0 ? 0 : re;
    } else if (a >= C128_GRAD_FAR) {
        re = 1;
        im = c128_grad_far_im(a, b);
    } else if (a < C128_CUBE_END && b < C128_CUBE_END) {
        c128_square(a, b, &re, &im);
    } else {
        int re_tiny = a != 0 && a < C128_STAND_IN, im_tiny = b < C128_STAND_IN;
        reduced_angle angle = reduce_any_angle(im_tiny ? C128_STAND_IN : b);
        complex_pair tanh = complex_tanh(re_tiny ? C128_STAND_IN : a, angle);
        f64_pair square = pair_multiply(pair_add(tanh.re, tanh.im),
                                        pair_add(tanh.re, pair_negate(tanh.im)));
        f64_pair product = pair_scale(pair_multiply(tanh.re, tanh.im), 2);
        re = square.high + square.low;
        im = product.high + product.low;
        if (fabs(re) < C128_VANISHING * (tanh.re.high * tanh.re.high))
            c128_last(a, b, &re, &im, 1);
        if (a == 0)
            im = copysign(0.0, tanh.im.high); /* Im f' = 2 a tan b / cos(b)^2 to first order */
        if (re_tiny || im_tiny)
            im = pair_times_tiny(pair_scale(product, 1 / C128_STAND_IN), re_tiny ? a : b);
    }
    out[0] = re;
    out[1] = f64_flip_sign(im, (f64_bits(x) ^ f64_bits(y)) & F64_SIGN);
}

#endif
