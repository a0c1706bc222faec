/* z - tanh(z) and tanh(z) for complex long double with |Re z| < 4, as pairs of long doubles. These
 * are good to about 2^-4 ulp of a long double: pairs are there to save the roundings of a dozen
 * operations and what z - tanh(z) cancels, not to be twice as long. */
#ifndef TANHSHRINK_CLONGDOUBLE_TANH_H
#define TANHSHRINK_CLONGDOUBLE_TANH_H

#include "longdouble.h"
#include "longdouble_pair.h"

#define CLONGDOUBLE_NEGLIGIBLE 0x1p-200L /* 6.2e-61: its square is nothing beside cos(b)^2 */
#define CLONGDOUBLE_FAR 4.0L             /* from this a on, exp(-2a) is small */
#define CLONGDOUBLE_ZEROS_START 4.0L     /* b at the first zero is 4.49 */

/* The multiple of pi/2 nearest to b has, as an integer, two halves of this many bits. */
#define CLONGDOUBLE_HALF ((long double)((uint64_t)1 << (LDBL_MANT_DIG / 2 - 2)))
#define CLONGDOUBLE_REDUCED_END (CLONGDOUBLE_HALF * CLONGDOUBLE_HALF) /* 2^60, quad: 2^108 */

typedef struct {
    longdouble_pair re, im;
} clongdouble_pair;

typedef struct {
    longdouble_pair sin, cos;
} clongdouble_sin_cos;

TANHSHRINK_INLINE int clongdouble_in_series(long double a, long double b)
{
    return a < 0.5L && b < 0.5L && a + b < 0.75L; /* |z|^2 <= 0.3125 */
}

/* z^3; norm-wise, for the parts may cancel: Re z^3 = a (a^2 - 3 b^2), Im z^3 = b (3 a^2 - b^2) */
TANHSHRINK_INLINE clongdouble_pair clongdouble_cube(long double a, long double b)
{
    longdouble_pair a2 = longdouble_product(a, a), b2 = longdouble_product(b, b);
    longdouble_pair difference = longdouble_pair_add(a2, longdouble_pair_negate(b2));
    longdouble_pair minus_2_b2 = longdouble_make_pair(-2 * b2.high, -2 * b2.low);
    longdouble_pair plus_2_a2 = longdouble_make_pair(2 * a2.high, 2 * a2.low);
    clongdouble_pair cube;
    cube.re = longdouble_multiply_pair(a, longdouble_pair_add(difference, minus_2_b2));
    cube.im = longdouble_multiply_pair(b, longdouble_pair_add(difference, plus_2_a2));
    return cube;
}

/* a / 3: what 1/3 is rounded by and the rounding error are in the remainder, which is exact. */
TANHSHRINK_INLINE longdouble_pair longdouble_third(longdouble_pair a)
{
    const long double third = longdouble_series[0];
    long double high = a.high * third, remainder = (a.high - 2 * high) - high;
    return longdouble_make_pair(high, (remainder + a.low) * third);
}

/* z^3 (1/3 + w (c1 + c2 w + ...)), w = z^2. The second term is at most 0.13 of the first, so its
 * rounding errors count an eighth. */
TANHSHRINK_NOINLINE clongdouble_pair clongdouble_series(long double a, long double b)
{
    clongdouble_pair cube = clongdouble_cube(a, b);
    clongdouble_pair f = {longdouble_third(cube.re), longdouble_third(cube.im)};
    long double norm = a * a + b * b;
    /* A polynomial in w with real coefficients: p_j = c_j - |w|^2 p_j+2 + 2 Re(w) p_j+1. */
    long double w_re = (a - b) * (a + b), w_im = 2 * a * b, w2 = norm * norm, twice = 2 * w_re;
    long double p = 0, q = 0;
    int terms = norm < 0.0625L ? LONGDOUBLE_SERIES : LONGDOUBLE_LONG_SERIES; /* odd */
    for (int j = terms - 1; j > 1; j -= 2) {
        q = (longdouble_series[j] - w2 * q) + twice * p;
        p = (longdouble_series[j - 1] - w2 * p) + twice * q;
    }
    /* c1 + c2 w + ... is p - conj(w) q; times w, it is w p - |w|^2 q. */
    long double re = w_re * p - w2 * q, im = w_im * p;
    f.re.low += cube.re.high * re - cube.im.high * im;
    f.im.low += cube.re.high * im + cube.im.high * re;
    return f; /* low may be an eighth of high */
}

/* b = k pi/2 + the result, at most a little more than pi/4; k modulo 4 in *quadrant. */
TANHSHRINK_INLINE longdouble_pair clongdouble_reduce(long double b, int *quadrant)
{
    long double k = rintl(b * LONGDOUBLE_TWO_OVER_PI);
    long double k_high = rintl(k / CLONGDOUBLE_HALF) * CLONGDOUBLE_HALF, k_low = k - k_high;
    longdouble_pair r = longdouble_make_pair(b, 0);
    for (int i = 0; k != 0 && i < LONGDOUBLE_HALF_PI_PARTS; i++) { /* these products are exact */
        if (k_high != 0)
            r = longdouble_add_pair(-k_high * longdouble_half_pi[i], r);
        r = longdouble_add_pair(-k_low * longdouble_half_pi[i], r);
    }
    *quadrant = (int)((int64_t)k_low & 3);
    return longdouble_sum(r.high, r.low);
}

/* sin and cos of r, |r| < 0.9. In each the first term is exact or a pair, and the rest, below 2^-5
 * of it, a long double. */
TANHSHRINK_INLINE clongdouble_sin_cos clongdouble_sin_cos_reduced(longdouble_pair r)
{
    clongdouble_sin_cos result;
    long double a = fabsl(r.high), low = r.high < 0 ? -r.low : r.low;
    if (a < LONGDOUBLE_TABLE_START) {
        long double y = a < CLONGDOUBLE_NEGLIGIBLE ? 0 : a;
        y *= y; /* without underflow */
        long double sine = longdouble_polynomial(y, longdouble_sine, 0, LONGDOUBLE_TRIGONOMETRIC);
        long double cosine =
            longdouble_polynomial(y, longdouble_cosine, 0, LONGDOUBLE_TRIGONOMETRIC);
        result.sin = longdouble_sum_ordered(a, low + a * (y * sine));
        result.cos = longdouble_sum_ordered(1, y * cosine - a * low);
    } else {
        longdouble_place place = longdouble_find(a);
        const longdouble_row *row = place.row;
        long double h = place.h + low, y = h * h;
        long double sine = longdouble_polynomial(y, longdouble_sine, 0, LONGDOUBLE_TRIGONOMETRIC);
        long double cosine =
            longdouble_polynomial(y, longdouble_cosine, 0, LONGDOUBLE_TRIGONOMETRIC);
        sine = h + h * (y * sine); /* sin h */
        cosine = y * cosine;       /* cos h - 1 */
        result.sin = longdouble_sum_ordered(
            row->sin, row->sin_low + (row->cos * sine + row->sin * cosine));
        result.cos = longdouble_sum_ordered(
            row->cos, row->cos_low + (row->cos * cosine - row->sin * sine));
    }
    if (r.high < 0)
        result.sin = longdouble_pair_negate(result.sin);
    return result;
}

/* sin b and cos b for b >= 0. From 2^60 on (quad: 2^108) they are only long doubles, which is good
 * enough for f: |f| is about b there, but for a few of the 2^66 numbers. */
TANHSHRINK_INLINE clongdouble_sin_cos clongdouble_sin_cos_of(long double b)
{
    clongdouble_sin_cos result;
    if (b >= CLONGDOUBLE_REDUCED_END) {
        result.sin = longdouble_make_pair(sinl(b), 0);
        result.cos = longdouble_make_pair(cosl(b), 0);
        return result;
    }
    int quadrant;
    clongdouble_sin_cos reduced = clongdouble_sin_cos_reduced(clongdouble_reduce(b, &quadrant));
    result = reduced;
    if (quadrant & 1) {
        result.sin = reduced.cos;
        result.cos = longdouble_pair_negate(reduced.sin);
    }
    if (quadrant & 2) {
        result.sin = longdouble_pair_negate(result.sin);
        result.cos = longdouble_pair_negate(result.cos);
    }
    return result;
}

/* sin b - b cos b for b near a solution of tan b = b, where it cancels. There b = k pi/2 + r, k odd
 * and -0.4 < r < 0, and it is cos r + b sin r, negated if sin b < 0. */
TANHSHRINK_NOINLINE long double clongdouble_sine_near_zero(long double b, long double sine)
{
    int quadrant;
    longdouble_pair r = clongdouble_reduce(b, &quadrant);
    longdouble_pair minus_y = longdouble_pair_negate(longdouble_pair_multiply(r, r));
    longdouble_pair cos_r = longdouble_make_pair(1, 0), sinc_r = cos_r;
    /* The Taylor series of cos r and sin r / r, from the last term on; 0.4^26 / 27! < 2^-127. */
    for (int n = 2 * (LDBL_MANT_DIG / 5); n > 0; n -= 2) {
        longdouble_pair c = longdouble_make_pair((n - 1.0L) * n, 0);
        longdouble_pair s = longdouble_make_pair((n + 1.0L) * n, 0);
        cos_r = longdouble_pair_divide(longdouble_pair_multiply(minus_y, cos_r), c);
        sinc_r = longdouble_pair_divide(longdouble_pair_multiply(minus_y, sinc_r), s);
        cos_r = longdouble_add_pair(1, cos_r);
        sinc_r = longdouble_add_pair(1, sinc_r);
    }
    longdouble_pair b_sin_r = longdouble_multiply_pair(b, longdouble_pair_multiply(r, sinc_r));
    long double value = longdouble_pair_round(longdouble_pair_add(cos_r, b_sin_r));
    return sine < 0 ? -value : value;
}

/* tanh(a) for 0 <= a < 4 */
TANHSHRINK_INLINE longdouble_pair clongdouble_real_tanh(long double a)
{
    if (a < LONGDOUBLE_POWER_END)
        return longdouble_make_pair(a, 0);
    if (a < LONGDOUBLE_TABLE_START)
        return longdouble_sum_ordered(a, -longdouble_shrink(a));
    longdouble_place place = longdouble_find(a);
    return longdouble_sum_ordered(place.row->tanh,
                                  place.row->tanh_low + longdouble_tanh_step(place));
}

/* tanh(a + ib). With t = tanh a, s = sin b, c = cos b it is
 *     (t + i s c (1 - t^2)) / D,  D = c^2 + t^2 s^2
 * where nothing cancels, not even at the poles. */
TANHSHRINK_INLINE clongdouble_pair clongdouble_tanh(long double a, clongdouble_sin_cos angle,
                                                    longdouble_pair *denominator)
{
    longdouble_pair s = angle.sin, c = angle.cos, t = clongdouble_real_tanh(a);
    longdouble_pair ts = longdouble_pair_multiply(t, s);
    longdouble_pair d = longdouble_pair_add(longdouble_pair_multiply(c, c),
                                            longdouble_pair_multiply(ts, ts));
    longdouble_pair sech2 = longdouble_subtract_pair(1, longdouble_pair_multiply(t, t));
    longdouble_pair im = longdouble_pair_multiply(longdouble_pair_multiply(s, c), sech2);
    clongdouble_pair tanh = {longdouble_pair_divide(t, d), longdouble_pair_divide(im, d)};
    *denominator = d;
    return tanh;
}

/* z - tanh(z), z = a + ib */
TANHSHRINK_NOINLINE clongdouble_pair clongdouble_minus_tanh(long double a, long double b)
{
    longdouble_pair d;
    clongdouble_sin_cos angle = clongdouble_sin_cos_of(b);
    clongdouble_pair tanh = clongdouble_tanh(a, angle, &d), f;
    f.re = longdouble_subtract_pair(a, tanh.re);
    f.im = longdouble_subtract_pair(b, tanh.im);
    if (fabsl(f.im.high) < tanh.im.high * 0.0625L && b > CLONGDOUBLE_ZEROS_START &&
        b < CLONGDOUBLE_REDUCED_END) {
        /* Near a zero of f, tan b = b. Im f = (t^2 s (b s + c) - c (s - b c)) / D, exactly. */
        long double t = tanh.re.high * d.high, s = angle.sin.high, c = angle.cos.high;
        long double rest = t * t * s * (b * s + c), sine = clongdouble_sine_near_zero(b, s);
        longdouble_pair im = longdouble_add_pair(rest, longdouble_multiply_pair(-sine, angle.cos));
        f.im = longdouble_pair_divide(im, d);
    }
    return f;
}

#endif
