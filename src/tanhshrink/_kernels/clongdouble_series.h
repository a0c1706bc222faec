/* z - tanh(z) for complex long double near 0, by its Taylor series, in pairs of long doubles. */
#ifndef TANHSHRINK_CLONGDOUBLE_SERIES_H
#define TANHSHRINK_CLONGDOUBLE_SERIES_H

#include "clongdouble_tanh.h"

#define CLONGDOUBLE_SHORT_END 0x1p-6L  /* 0.015625, for |z|^2 */
#define CLONGDOUBLE_LONG_END 0x1.4p-5L /* 0.0390625, the same */
#define CLONGDOUBLE_PLAIN_END 0x1p-7L  /* 0.0078125, the same, for tanh(z) */

/* z^2 */
TANHSHRINK_INLINE clongdouble_pair clongdouble_power_2(long double a, long double b)
{
    clongdouble_pair square;
    square.re = longdouble_pair_multiply(longdouble_sum(a, -b), longdouble_sum(a, b));
    square.im = longdouble_product(2 * a, b);
    return square;
}

/* z^3; norm-wise, for the parts may cancel: Re z^3 = a (a^2 - 3 b^2), Im z^3 = b (3 a^2 - b^2) */
TANHSHRINK_INLINE clongdouble_pair clongdouble_power_3(long double a, long double b)
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

/* z^3 / 3 */
TANHSHRINK_INLINE clongdouble_pair clongdouble_third_of_cube(long double a, long double b)
{
    clongdouble_pair cube = clongdouble_power_3(a, b);
    cube.re = longdouble_third(cube.re);
    cube.im = longdouble_third(cube.im);
    return cube;
}

/* sum of c[j] w^(j - first) for first <= j < end, an even number of terms; norm = |w| */
TANHSHRINK_INLINE void clongdouble_polynomial(long double w_re, long double w_im, long double norm,
                                              int first, int end, long double out[2])
{
    /* As the coefficients are real: p_j = c_j - |w|^2 p_j+2 + 2 Re(w) p_j+1, and the sum is
     * p_first - conj(w) p_first+1. */
    long double w2 = norm * norm, twice = 2 * w_re, p = 0, q = 0;
    for (int j = end - 1; j > first; j -= 2) {
        q = (longdouble_series[j] - w2 * q) + twice * p;
        p = (longdouble_series[j - 1] - w2 * p) + twice * q;
    }
    out[0] = p - w_re * q;
    out[1] = w_im * q;
}

/* f = z^3 (1/3 + w (c1 + c2 w + ...)), w = z^2, for |w| < 2^-6. The second term is at most 0.4 |w|
 * of the first, so its rounding errors count at most 2^-7. */
TANHSHRINK_NOINLINE clongdouble_pair clongdouble_short_series(long double a, long double b,
                                                            long double norm)
{
    clongdouble_pair cube = clongdouble_power_3(a, b), f;
    long double p[2], w_re = (a - b) * (a + b), w_im = 2 * a * b;
    /* Half as many terms, an even number, are enough for |w| < 2^-16. */
    int end = norm < 0x1p-16L ? (LONGDOUBLE_TINY_SERIES / 2) | 1 : LONGDOUBLE_TINY_SERIES;
    clongdouble_polynomial(w_re, w_im, norm, 1, end, p);
    long double re = w_re * p[0] - w_im * p[1], im = w_re * p[1] + w_im * p[0];
    f.re = longdouble_third(cube.re);
    f.im = longdouble_third(cube.im);
    f.re.low += cube.re.high * re - cube.im.high * im;
    f.im.low += cube.re.high * im + cube.im.high * re;
    return f;
}

/* f = z^3 (1/3 + w (c1 + w (c2 + ...))). The second term, at most 0.016 of the first, is in pairs;
 * the rest is at most 0.23 |w|^2 of it. */
TANHSHRINK_NOINLINE clongdouble_pair clongdouble_long_series(long double a, long double b,
                                                             long double norm)
{
    const long double third = longdouble_series[0], third_low = ((1 - 2 * third) - third) * third;
    clongdouble_pair cube = clongdouble_power_3(a, b), w, f;
    w.re = longdouble_pair_add(longdouble_product(a, a), /* good enough relative to |w| */
                               longdouble_pair_negate(longdouble_product(b, b)));
    w.im = longdouble_product(2 * a, b);
    long double p[2], w_re = w.re.high, w_im = w.im.high;
    clongdouble_polynomial(w_re, w_im, norm, 2, LONGDOUBLE_LONG_SERIES, p);
    longdouble_pair second_re = longdouble_sum_ordered(
        longdouble_series[1], LONGDOUBLE_SERIES_1_LOW + (w_re * p[0] - w_im * p[1]));
    long double second_im = w_re * p[1] + w_im * p[0];
    /* 1/3 + w (second_re + i second_im) */
    longdouble_pair re = longdouble_pair_multiply(w.re, second_re);
    longdouble_pair im = longdouble_pair_multiply(w.im, second_re);
    re = clongdouble_sum(third, re, third_low - w_im * second_im);
    im = longdouble_sum_ordered(im.high, im.low + w_re * second_im);
    f.re = longdouble_pair_add(longdouble_pair_multiply(cube.re, re),
                               longdouble_pair_negate(longdouble_pair_multiply(cube.im, im)));
    f.im = longdouble_pair_add(longdouble_pair_multiply(cube.re, im),
                               longdouble_pair_multiply(cube.im, re));
    return f;
}

/* tanh(z) = z - z w (1/3 + c1 w + ...): for |w| < 2^-7 the second term is below 2^-8 of z. */
TANHSHRINK_INLINE clongdouble_pair clongdouble_plain_tanh(long double a, long double b,
                                                          long double norm)
{
    clongdouble_pair tanh;
    long double p[2], w_re = (a - b) * (a + b), w_im = 2 * a * b;
    clongdouble_polynomial(w_re, w_im, norm, 0, LONGDOUBLE_TINY_SERIES - 1, p);
    long double re = w_re * p[0] - w_im * p[1], im = w_re * p[1] + w_im * p[0];
    tanh.re = longdouble_sum_ordered(a, b * im - a * re);
    tanh.im = longdouble_sum_ordered(b, -(a * im + b * re));
    return tanh;
}

/* The same in pairs, for |w| < 2^-6. */
TANHSHRINK_INLINE clongdouble_pair clongdouble_series_tanh(long double a, long double b,
                                                           long double norm)
{
    clongdouble_pair f = clongdouble_short_series(a, b, norm), tanh;
    tanh.re = longdouble_subtract_pair(a, f.re);
    tanh.im = longdouble_subtract_pair(b, f.im);
    tanh.re = longdouble_sum_ordered(tanh.re.high, tanh.re.low);
    tanh.im = longdouble_sum_ordered(tanh.im.high, tanh.im.low);
    return tanh;
}

#endif
