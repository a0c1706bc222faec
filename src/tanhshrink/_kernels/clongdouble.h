/* z - tanh(z) and its derivative tanh(z)^2 for complex long double. z = x + iy; a = |x|, b = |y|.
 *
 * z - ctanhl(z) cancels near 0, and near the other zeros of f, i y with tan y = y.
 *
 *   a + b rounds to a          first order in b: (f(a), b f'(a))
 *   a + b rounds to b          first order in a, if a < 2^-200
 *   a, b < 2^-100              z^3 / 3, scaled, so that only a tiny result underflows
 *   a, b < 1/2, a + b < 3/4    z^3 / 3 in pairs, and the rest of the Taylor series
 *   a < 4                      z - tanh(z), tanh(z) in pairs
 *   4 <= a < 26, quad: 44      1 - tanh z = 2 e / (exp(2ib) + e), e = exp(-2a)
 *   above                      (a - 1, b)
 *
 * Norm-wise error |got - f| / |f| in eps = 2^(1 - LDBL_MANT_DIG), measured against MPFR on 200 000
 * x, among them the long doubles nearest to zeros, poles and multiples of pi i, b up to 2^58:
 *   f     at most 0.66; next to the zeros 1.6
 *   f'    at most 0.52; next to zeros and poles, and for a < 2^-100 or beside an axis, 1.5;
 *         for a >= 4 2.0; for b >= 2^60 (quad: 2^108) 2.2, because sinl and cosl err by an ulp
 * Near a curve where one part of f or f' is 0, the error of that part is as small, but relative to
 * |f|; the relative error of Im f' for a >= 4 is up to 30 eps. On the real axis equal to the real
 * functions to the last bit.
 *
 * Special values, for f and for the derivative; signs are those that make f odd and both functions
 * conjugate-symmetric:
 *   (+-0, +-0)               z                             (0, +-0)
 *   (x, +-0)                 (f(x), +-0)                   (f'(x), +-0)
 *   (+-0, y)                 (-+0, y - tan y)              (-tan(y)^2, +-0)
 *   (+-inf, any y)           (+-inf, y)                    (1, +-0)
 *   (+-0, inf or nan)        (+-0, nan)                    (nan, +-0)
 *   (nan, +-0)               (nan, +-0)                    (nan, +-0)
 *   else with inf or nan     (nan, nan)                    (nan, nan)
 * An infinite y raises INVALID, unless x is infinite or NaN. */
#ifndef TANHSHRINK_CLONGDOUBLE_H
#define TANHSHRINK_CLONGDOUBLE_H

#include "longdouble.h"

#if LDBL_MANT_DIG == 64 || LDBL_MANT_DIG == 113

#include "clongdouble_tanh.h"

/* f(a + ib) for a < 4 */
TANHSHRINK_INLINE clongdouble_pair clongdouble_near(long double a, long double b)
{
    return clongdouble_in_series(a, b) ? clongdouble_series(a, b)
                                       : clongdouble_minus_tanh(a, b);
}

/* tanh(a + ib) for a < 4 */
TANHSHRINK_INLINE clongdouble_pair clongdouble_near_tanh(long double a, long double b)
{
    longdouble_pair d;
    if (!clongdouble_in_series(a, b))
        return clongdouble_tanh(a, clongdouble_sin_cos_of(b), &d);
    clongdouble_pair f = clongdouble_series(a, b);
    f.re = longdouble_sum_ordered(a, -longdouble_pair_round(f.re)); /* |f| is below 0.13 |z| */
    f.im = longdouble_sum_ordered(b, -longdouble_pair_round(f.im));
    return f;
}

/* 1 - tanh(a + ib) = out[0] - i out[1] for 4 <= a < LONGDOUBLE_ONE_START */
TANHSHRINK_INLINE void clongdouble_far(long double a, long double b, long double out[2])
{
    clongdouble_sin_cos angle = clongdouble_sin_cos_of(b);
    long double e = longdouble_exp_minus_twice(a), s = angle.sin.high, c = angle.cos.high;
    long double cos_2b = (c - s) * (c + s), factor = 2 * e / (1 + e * (2 * cos_2b + e));
    out[0] = factor * (cos_2b + e);
    out[1] = factor * (2 * s * c);
}

/* 2 tanh(a) (1 - tanh(a)^2) for 0 <= a < LONGDOUBLE_ONE_START */
TANHSHRINK_INLINE long double clongdouble_second_derivative(long double a)
{
    if (a < LONGDOUBLE_POWER_END)
        return 2 * a;
    if (a < 2)
        return 2 * (a - longdouble_shrink(a)) * (1 - longdouble_square(a));
    long double e = longdouble_exp_minus_twice(a), one_plus = 1 + e;
    return 8 * e * (1 - e) / (one_plus * one_plus * one_plus);
}

/* f(a + ib) for finite a, b >= 0 */
TANHSHRINK_INLINE void clongdouble_shrink(long double a, long double b, long double out[2])
{
    if (a >= LONGDOUBLE_ONE_START) {
        out[0] = a - 1;
        out[1] = b;
    } else if (a + b == a) {
        out[0] = longdouble_shrink(a);
        out[1] = b * longdouble_square(a);
    } else if (a >= CLONGDOUBLE_FAR) {
        clongdouble_far(a, b, out);
        out[0] = (a - 1) + out[0];
        out[1] = b - out[1];
    } else if (a < CLONGDOUBLE_NEGLIGIBLE && a + b == b) {
        longdouble_pair f = longdouble_make_pair(-longdouble_shrink(b), 0); /* -b^3 / 3 */
        if (b >= LONGDOUBLE_POWER_END)
            f = clongdouble_near(0, b).im;
        long double tan = (b - f.high) - f.low;
        out[0] = -(a * tan) * tan; /* -0 for a = 0 */
        out[1] = longdouble_pair_round(f);
    } else if (a < LONGDOUBLE_POWER_END && b < LONGDOUBLE_POWER_END) {
        clongdouble_pair cube = clongdouble_cube(a * 0x1p+5000L, b * 0x1p+5000L);
        out[0] = longdouble_pair_round(longdouble_third(cube.re)) * 0x1p-15000L;
        out[1] = longdouble_pair_round(longdouble_third(cube.im)) * 0x1p-15000L;
    } else {
        clongdouble_pair f = clongdouble_near(a, b);
        out[0] = longdouble_pair_round(f.re);
        out[1] = longdouble_pair_round(f.im);
    }
}

/* tanh(a + ib)^2 for finite b >= 0 and a >= 0, infinity included */
TANHSHRINK_INLINE void clongdouble_square(long double a, long double b, long double out[2])
{
    if (a >= LONGDOUBLE_ONE_START) {
        clongdouble_sin_cos angle = clongdouble_sin_cos_of(b);
        long double root_e = expl(-a);
        out[0] = 1;
        out[1] = 8 * root_e * angle.sin.high * angle.cos.high * root_e;
    } else if (a + b == a) {
        out[0] = longdouble_square(a);
        out[1] = clongdouble_second_derivative(a) * b;
    } else if (a >= CLONGDOUBLE_FAR) {
        long double rest[2];
        clongdouble_far(a, b, rest);
        out[0] = ((1 - rest[0]) - rest[1]) * ((1 - rest[0]) + rest[1]);
        out[1] = (2 * rest[1]) * (1 - rest[0]);
    } else if (a < LONGDOUBLE_POWER_END && b < LONGDOUBLE_POWER_END) {
        out[0] = (a - b) * (a + b);
        out[1] = 2 * a * b;
    } else if (a < CLONGDOUBLE_NEGLIGIBLE && a + b == b) {
        long double tan = longdouble_pair_round(clongdouble_near_tanh(0, b).im);
        out[0] = -tan * tan;
        out[1] = 2 * tan * (1 + tan * tan) * a;
    } else {
        clongdouble_pair t = clongdouble_near_tanh(a, b);
        longdouble_pair difference = longdouble_pair_add(t.re, longdouble_pair_negate(t.im));
        longdouble_pair sum = longdouble_pair_add(t.re, t.im);
        out[0] = longdouble_pair_round(longdouble_pair_multiply(difference, sum));
        out[1] = 2 * longdouble_pair_round(longdouble_pair_multiply(t.re, t.im));
    }
}

/* What is made of a NaN x or a y that is not finite; an infinite y is invalid. */
TANHSHRINK_INLINE long double clongdouble_nan(long double x, long double y)
{
    long double source = x != x ? x : y;
    return source - source;
}

TANHSHRINK_INLINE void tanhshrink_clongdouble(const long double z[2], long double out[2])
{
    long double x = z[0], y = z[1];
    if (isfinite(x) && isfinite(y)) {
        clongdouble_shrink(fabsl(x), fabsl(y), out);
        out[0] = signbit(x) ? -out[0] : out[0];
        out[1] = signbit(y) ? -out[1] : out[1];
    } else if (isinf(x)) {
        out[0] = x;
        out[1] = y;
    } else {
        long double nan = clongdouble_nan(x, y);
        out[0] = x == 0 ? x : nan;
        out[1] = y == 0 ? y : nan;
    }
}

TANHSHRINK_INLINE void tanhshrink_grad_clongdouble(const long double z[2], long double out[2])
{
    long double x = z[0], y = z[1];
    if (isfinite(y) && (isfinite(x) || isinf(x))) {
        clongdouble_square(fabsl(x), fabsl(y), out);
    } else if (isinf(x)) {
        out[0] = 1;
        out[1] = 0;
    } else {
        out[0] = clongdouble_nan(x, y);
        out[1] = x == 0 || y == 0 ? 0 : out[0];
    }
    out[1] = !signbit(x) == !signbit(y) ? out[1] : -out[1];
}

#else /* long double is a double, or a sum of two of which only the larger counts */

#include "complex128.h"

TANHSHRINK_INLINE void tanhshrink_clongdouble(const long double z[2], long double out[2])
{
    double in[2] = {(double)z[0], (double)z[1]}, result[2];
    tanhshrink_c128_block(in, result, 1);
    out[0] = result[0];
    out[1] = result[1];
}

TANHSHRINK_INLINE void tanhshrink_grad_clongdouble(const long double z[2], long double out[2])
{
    double in[2] = {(double)z[0], (double)z[1]}, result[2];
    tanhshrink_grad_c128_block(in, result, 1);
    out[0] = result[0];
    out[1] = result[1];
}

#endif

#endif
