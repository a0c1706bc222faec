/* z - tanh(z) and tanh(z) for complex long double with 0 <= Re z < LONGDOUBLE_ONE_START and
 * 0 < Im z, as pairs of long doubles. Only what counts most in a pair is good to 2 LDBL_MANT_DIG
 * bits: the errors of the parts of tanh(z), in units in the last place of a long double, are below
 * 2^-11 of that part, and 2^-14 for |z| < 1/2. That leaves z - tanh(z), where it cancels least,
 * with 2^-8. */
#ifndef TANHSHRINK_CLONGDOUBLE_TANH_H
#define TANHSHRINK_CLONGDOUBLE_TANH_H

#include "clongdouble_reduce.h"
#include "longdouble.h"

#define CLONGDOUBLE_FAR 4.0L         /* from this a on, exp(-2a) is small */
#define CLONGDOUBLE_ROWS_START 0.125L /* below, series; the table starts at half of it */

typedef struct {
    longdouble_pair re, im;
} clongdouble_pair;

typedef struct {
    longdouble_pair sin, cos;
} clongdouble_sin_cos;

/* tanh(a), tanh(a)^2 and 1 - tanh(a)^2 */
typedef struct {
    longdouble_pair tanh, square, slope;
} clongdouble_real_tanh;

/* high + (first + second), with low at most half an ulp of high; |high| is the largest */
TANHSHRINK_INLINE longdouble_pair clongdouble_sum(long double high, longdouble_pair first,
                                                  long double second)
{
    longdouble_pair sum = longdouble_sum_ordered(high, first.high);
    return longdouble_sum_ordered(sum.high, sum.low + (first.low + second));
}

/* sin and cos of r, 2^-200 <= |r| < 0.9. What is not in pairs is below 2^-13 of the result. */
TANHSHRINK_INLINE clongdouble_sin_cos clongdouble_sin_cos_reduced(longdouble_pair r)
{
    clongdouble_sin_cos result;
    long double a = fabsl(r.high), low = r.high < 0 ? -r.low : r.low;
    if (a < CLONGDOUBLE_ROWS_START) {
        longdouble_pair y = longdouble_product(a, a), sixth;
        sixth.high = longdouble_third_of_cube(a, &sixth.low) * -0.5L; /* -a^3 / 6 */
        sixth.low *= -0.5L;
        long double y2 = y.high * y.high;
        long double sine =
            longdouble_polynomial(y.high, longdouble_sine, 1, LONGDOUBLE_TRIGONOMETRIC);
        long double cosine =
            longdouble_polynomial(y.high, longdouble_cosine, 1, LONGDOUBLE_TRIGONOMETRIC);
        result.sin = clongdouble_sum(a, sixth, low * (1 - y.high * 0.5L) + a * y2 * sine);
        result.cos = clongdouble_sum(1, longdouble_make_pair(-0.5L * y.high, -0.5L * y.low),
                                     y2 * cosine - a * low);
    } else {
        longdouble_place place = longdouble_find(a);
        const longdouble_row *row = place.row;
        long double h = place.h, y = h * h;
        long double sine = longdouble_polynomial(y, longdouble_sine, 0, LONGDOUBLE_TRIGONOMETRIC);
        long double cosine =
            longdouble_polynomial(y, longdouble_cosine, 0, LONGDOUBLE_TRIGONOMETRIC);
        sine = h * (y * sine) + low; /* sin(h + low) - h */
        cosine = y * cosine - h * low; /* cos(h + low) - 1 */
        long double sin_rest = row->sin_low + row->cos_low * h;
        long double cos_rest = row->cos_low - row->sin_low * h;
        result.sin = clongdouble_sum(row->sin, longdouble_product(row->cos, h),
                                     sin_rest + (row->cos * sine + row->sin * cosine));
        result.cos = clongdouble_sum(row->cos, longdouble_product(-row->sin, h),
                                     cos_rest + (row->cos * cosine - row->sin * sine));
    }
    if (r.high < 0)
        result.sin = longdouble_pair_negate(result.sin);
    return result;
}

/* sin b and cos b */
TANHSHRINK_INLINE clongdouble_sin_cos clongdouble_sin_cos_of(long double b)
{
    int quadrant;
    clongdouble_sin_cos reduced = clongdouble_sin_cos_reduced(clongdouble_reduce(b, &quadrant));
    clongdouble_sin_cos result = reduced;
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

/* exp(-2a) = 2^-*k times the result, for 4 <= a <= 8192. With a = k log(2)/2 + c + h, c a centre of
 * the table near 1/2, T = tanh(c), t = tanh(h), it is (1 - T^2) (1 - t) / ((1 + T)^2 (1 + t)). */
TANHSHRINK_INLINE longdouble_pair clongdouble_exp_minus_twice(long double a, int *k)
{
    long double multiple = rintl((a - 0.5L) * LONGDOUBLE_TWO_OVER_LN2);
    longdouble_pair rest = longdouble_make_pair(a, 0);
    for (int i = 0; i < LONGDOUBLE_HALF_LN2_PARTS; i++) /* these products are exact */
        rest = longdouble_add_pair(-multiple * longdouble_half_ln2[i], rest);
    *k = (int)multiple;
    longdouble_place place = longdouble_find(rest.high);
    const longdouble_row *row = place.row;
    longdouble_pair t = longdouble_sum(place.h, rest.low - place.h_less_tanh_h);
    longdouble_pair square = longdouble_make_pair(row->square, row->square_low);
    longdouble_pair one_plus = longdouble_sum_ordered(1, row->tanh);
    one_plus.low += row->tanh_low;
    longdouble_pair above = longdouble_pair_multiply(longdouble_subtract_pair(1, square),
                                                     longdouble_subtract_pair(1, t));
    longdouble_pair below = longdouble_pair_multiply(longdouble_pair_multiply(one_plus, one_plus),
                                                     longdouble_add_pair(1, t));
    return longdouble_pair_divide(above, below, 1 / below.high);
}

/* For 2^-200 <= a < LONGDOUBLE_ONE_START */
TANHSHRINK_INLINE clongdouble_real_tanh clongdouble_real_tanh_of(long double a)
{
    clongdouble_real_tanh result;
    if (a >= CLONGDOUBLE_FAR) { /* 1 - 2 e / (1 + e) and 4 e / (1 + e)^2, e = exp(-2a) */
        int k;
        longdouble_pair e = clongdouble_exp_minus_twice(a, &k);
        long double scale = f64_from_bits((uint64_t)(1023 - k) << 52);
        e = longdouble_make_pair(e.high * scale, e.low * scale);
        longdouble_pair one_plus = longdouble_add_pair(1, e);
        long double reciprocal = 1 / one_plus.high;
        longdouble_pair quotient = longdouble_pair_divide(e, one_plus, reciprocal);
        result.tanh = longdouble_make_pair(-2 * quotient.high, -2 * quotient.low);
        result.tanh = longdouble_add_pair(1, result.tanh);
        result.slope = longdouble_make_pair(4 * quotient.high, 4 * quotient.low);
        result.slope = longdouble_pair_divide(result.slope, one_plus, reciprocal);
        result.square = longdouble_subtract_pair(1, result.slope);
        return result;
    }
    if (a < CLONGDOUBLE_ROWS_START) {
        longdouble_pair third;
        long double y = a * a;
        long double rest = longdouble_polynomial(y, longdouble_series, 1, LONGDOUBLE_SERIES);
        third.high = -longdouble_third_of_cube(a, &third.low);
        third.low = -third.low;
        result.tanh = clongdouble_sum(a, third, -(a * (y * y) * rest));
    } else {
        longdouble_place place = longdouble_find(a);
        longdouble_pair square = longdouble_make_pair(place.row->square, place.row->square_low);
        longdouble_pair slope = longdouble_subtract_pair(1, square);
        slope = longdouble_sum_ordered(slope.high, slope.low);
        /* tanh(a) - T - slope h, which is -slope (h - t + T t h) / (1 + T t) */
        long double product = place.row->tanh * place.tanh_h;
        long double rest = slope.high * (place.h_less_tanh_h + product * place.h) / (1 + product);
        result.tanh = clongdouble_sum(place.row->tanh, longdouble_multiply_pair(place.h, slope),
                                      place.row->tanh_low - rest);
    }
    result.square = longdouble_pair_multiply(result.tanh, result.tanh);
    result.slope = longdouble_subtract_pair(1, result.square);
    return result;
}

/* tanh(a + ib). With t = tanh a, s = sin b, c = cos b it is
 *     (t + i s c (1 - t^2)) / D,  D = t^2 + c^2 (1 - t^2)
 * where nothing cancels, not even at the poles. */
TANHSHRINK_NOINLINE clongdouble_pair clongdouble_tanh(long double a, long double b)
{
    clongdouble_sin_cos angle = clongdouble_sin_cos_of(b);
    clongdouble_real_tanh real = clongdouble_real_tanh_of(a);
    longdouble_pair c_slope = longdouble_pair_multiply(angle.cos, real.slope);
    longdouble_pair im = longdouble_pair_multiply(angle.sin, c_slope);
    longdouble_pair d =
        longdouble_pair_add(real.square, longdouble_pair_multiply(angle.cos, c_slope));
    long double reciprocal = 1 / d.high;
    clongdouble_pair tanh = {longdouble_pair_divide(real.tanh, d, reciprocal),
                             longdouble_pair_divide(im, d, reciprocal)};
    return tanh;
}

#endif
