/* z - tanh(z) and its derivative tanh(z)^2 for complex long double. z = x + iy; a = |x|, b = |y|.
 *
 * z - ctanhl(z) cancels near 0, and near the other zeros of f, i y with tan y = y.
 *
 * By the first line that applies:
 *
 *   b = 0                      the real functions, to the last bit
 *   a >= 26, quad: 44          f = (a - 1, b), f' = 1 + 8 i exp(-2a) sin b cos b
 *   a, b < 2^-100              z^3 / 3 and z^2, in pairs of long doubles
 *   |z|^2 < 5/128, f' 1/64     Taylor series, what counts most in pairs
 *   a < 4; f' for any a        tanh(z) in pairs
 *   above                      1 - tanh z = 2 e / (exp(2ib) + e), e = exp(-2a)
 *
 * Where a part of the result is so small beside the rest that too few bits of it are left, next to
 * zeros of f, and below 2^-5000, a longer series or multiple precision takes the place of the last
 * four.
 *
 * Errors, measured against MPFR, x87 on 370 000 z, quad (aarch64) on 28 000: random ones, of
 * all magnitudes, nearest to and around zeros, poles, multiples of pi i/2 and the curves where a
 * part is 0, b up to the largest:
 *   norm-wise, |got - f| / |f| in eps = 2^(1 - LDBL_MANT_DIG), f and f' at most 0.500
 *   part-wise at most 1.33 ULP (x87, next to 0.36664 + 0.22238 i), measured on 300 000 more z at
 *   all distances from the curves where a part is 0; above 1 only where it is below |f| / 300
 * But on the real axis the error is that of the real functions, and in the subnormal numbers,
 * where norm-wise bounds mean nothing, each part is within 0.75 ULP.
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

#include "clongdouble_accurate.h"
#include "clongdouble_fast.h"

#define CLONGDOUBLE_UNSCALED 0x1p-5000L /* the cube of this, in pairs, does not underflow */
#define CLONGDOUBLE_POWER_END 0x1p-100L /* 7.9e-31: below, z^3/3 and z^2 alone are enough */

/* f(a + ib), or with `derivative` f'(a + ib), for finite a >= 0, b > 0, a < LONGDOUBLE_ONE_START */
TANHSHRINK_INLINE void clongdouble_near(long double a, long double b, int derivative,
                                        long double out[2])
{
    long double larger = a > b ? a : b, smaller = a > b ? b : a;
    clongdouble_result result;
    int re_tiny = 0, im_tiny = 0;
    if (larger < CLONGDOUBLE_UNSCALED ||
        (larger < CLONGDOUBLE_POWER_END && smaller < CLONGDOUBLE_UNSCALED)) {
        clongdouble_accurate(a, b, derivative, out);
        return;
    }
    if (larger < CLONGDOUBLE_POWER_END) {
        result.value = derivative ? clongdouble_power_2(a, b) : clongdouble_third_of_cube(a, b);
        result.doubtful = derivative ? fabsl(a - b) < CLONGDOUBLE_CANCELLED * larger
                                     : clongdouble_cancelled(result.value, a, b, a * a + b * b, 0);
    } else {
        re_tiny = a < CLONGDOUBLE_STAND_IN;
        im_tiny = b < CLONGDOUBLE_STAND_IN;
        long double near_a = re_tiny ? CLONGDOUBLE_STAND_IN : a;
        long double near_b = im_tiny ? CLONGDOUBLE_STAND_IN : b;
        if (derivative) {
            result = clongdouble_square(near_a, near_b);
        } else if (a < CLONGDOUBLE_FAR) {
            result = clongdouble_shrink(near_a, near_b);
        } else {
            result.value = clongdouble_shrink_far(a, near_b);
            result.doubtful = 0;
        }
    }
    if (result.doubtful) {
        clongdouble_accurate(a, b, derivative, out);
        return;
    }
    out[0] = re_tiny && !derivative ? clongdouble_times_tiny(result.value.re, a, 0)
                                    : longdouble_pair_round(result.value.re);
    out[1] = im_tiny || (re_tiny && derivative)
                 ? clongdouble_times_tiny(result.value.im, im_tiny ? b : a, 0)
                 : longdouble_pair_round(result.value.im);
}

/* What is made of a NaN x or a y that is not finite; an infinite y is invalid. */
TANHSHRINK_INLINE long double clongdouble_nan(long double x, long double y)
{
    long double source = x != x ? x : y;
    return source - source;
}

/* 1 or -1, for x not NaN. A branch on the sign would be mispredicted half of the time. */
TANHSHRINK_INLINE long double clongdouble_sign(long double x)
{
    static const long double sign[2] = {1, -1};
    return sign[x == 0 ? signbit(x) != 0 : x < 0];
}

TANHSHRINK_INLINE void tanhshrink_clongdouble(const long double z[2], long double out[2])
{
    long double x = z[0], y = z[1];
    if (isfinite(x) && isfinite(y)) {
        long double a = fabsl(x), b = fabsl(y);
        if (b == 0) {
            tanhshrink_longdouble_block(&a, out, 1);
            out[1] = 0;
        } else if (a >= LONGDOUBLE_ONE_START) {
            out[0] = a - 1;
            out[1] = clongdouble_with_flag(b);
        } else {
            clongdouble_near(a, b, 0, out);
        }
        out[0] *= clongdouble_sign(x);
        out[1] *= clongdouble_sign(y);
    } else if (isinf(x)) {
        out[0] = x;
        out[1] = y == y ? y : y + y; /* a signalling NaN becomes quiet, and raises INVALID */
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
        long double a = fabsl(x), b = fabsl(y);
        if (b == 0) {
            tanhshrink_grad_longdouble_block(&a, out, 1);
            out[1] = 0;
        } else if (a < LONGDOUBLE_ONE_START) {
            clongdouble_near(a, b, 1, out);
        } else if (isinf(x) && b < 1) {
            out[0] = 1;
            out[1] = 0;
        } else {
            /* At infinity, 0 with the sign of sin(2b), as of any other a, and without a flag. */
            long double finite = isinf(x) ? LONGDOUBLE_ONE_START : a;
            out[0] = 1;
            out[1] = clongdouble_square_far(finite, b) * (isinf(x) ? 0 : 1);
        }
        out[1] *= clongdouble_sign(x) * clongdouble_sign(y);
        return;
    }
    if (isinf(x)) {
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
