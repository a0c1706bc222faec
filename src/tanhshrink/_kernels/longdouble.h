/* x - tanh(x) and its derivative tanh(x)^2 in long double, whatever that is here.
 *
 *   LDBL_MANT_DIG 64     x87
 *   LDBL_MANT_DIG 113    IEEE quad
 *   LDBL_MANT_DIG 53     a double: the double kernels; include simd_scalar.h first
 *   LDBL_MANT_DIG 106    a sum of two doubles (PowerPC): the double kernels for the nearest double,
 *                        so good to 2 ULP of a double, not of the sum
 *
 * In the first two, for a = |x|:
 *
 *   a < 2^-40, quad: 2^-64    a^3 / 3
 *   up to 1/16                the Taylor series, its leading term in two parts
 *   1/16 <= a < 4             a table and the addition theorem
 *   4 <= a < 23, quad: 41     (a - 1) + 2 e / (1 + e), e = exp(-2a); f' up to 26, quad: 44
 *   above                     a - 1
 *
 * Error against MPFR, all binades and the borders of intervals included:
 *   x87    f at most 0.51 ULP, f' 0.54 (up to 4 0.51), on 30 million x; subnormal results 0.75
 *   quad   f at most 0.502 ULP, f' 0.504, on the same 40 000 x on aarch64, riscv64 and s390x
 *
 * No function of the system's libm is called: some are only good to double (musl's, for quad). */
#ifndef TANHSHRINK_LONGDOUBLE_H
#define TANHSHRINK_LONGDOUBLE_H

#include "float32.h"
#include "longdouble_pair.h"

#if LDBL_MANT_DIG == 64 || LDBL_MANT_DIG == 113

#include "coefficients_longdouble.h"

/* Below, x^3/3 and x^2 round to 0. */
#define LONGDOUBLE_VANISHES (LDBL_MANT_DIG == 64 ? 0x1p-5482L : 0x1p-5498L)
#define LONGDOUBLE_GRAD_VANISHES (LDBL_MANT_DIG == 64 ? 0x1p-8223L : 0x1p-8248L)
/* Below, they are below LDBL_MIN. */
#define LONGDOUBLE_SUBNORMAL 0x1.d12ed0af1a27ef3ep-5461L
#define LONGDOUBLE_GRAD_SUBNORMAL 0x1p-8191L
/* Below, x^3/3 and x^2 alone are enough: the next terms are at most 2^-15 ulp. */
#define LONGDOUBLE_POWER_END (LDBL_MANT_DIG == 64 ? 0x1p-40L : 0x1p-64L)
#define LONGDOUBLE_TABLE_START 0x1p-4L /* 0.0625 */
#define LONGDOUBLE_TABLE_END 4.0L
#define LONGDOUBLE_FAR (LONGDOUBLE_ONE_START - 3) /* 2 exp(-2a) is below 0.02 ulp of a - 1 */

/* The leading third of the bits of a: its cube is exact (Veltkamp). */
TANHSHRINK_INLINE long double longdouble_leading_third(long double a)
{
    long double large = a * LONGDOUBLE_SPLIT;
    return large - (large - a);
}

/* c[first] + c[first + 1] y + ... + c[end - 1] y^(end - 1 - first) */
TANHSHRINK_INLINE long double longdouble_polynomial(long double y, const long double *c, int first,
                                                    int end)
{
    long double sum = c[end - 1];
    for (int j = end - 2; j >= first; j--)
        sum = sum * y + c[j];
    return sum;
}

/* tanh near a table's centre: a = centre + h. */
typedef struct {
    const longdouble_row *row;
    long double h; /* exact */
    long double tanh_h;
    long double h_less_tanh_h;
} longdouble_place;

/* For a from the first centre, LONGDOUBLE_TABLE_START, to the last. */
TANHSHRINK_INLINE longdouble_place longdouble_find(long double a)
{
    /* The nearest centre has a's exponent and four bits after its leading one; next to a border
     * between two centres, either will do. */
    uint64_t centre = (f64_bits((double)a) + ((uint64_t)1 << 47)) >> 48;
    longdouble_place place;
    place.row = &longdouble_rows[centre - (f64_bits((double)LONGDOUBLE_TABLE_START) >> 48)];
    place.h = a - (long double)f64_from_bits(centre << 48);
    long double y = place.h * place.h;
    place.h_less_tanh_h =
        place.h * y * longdouble_polynomial(y, longdouble_series, 0, LONGDOUBLE_SHORT_SERIES);
    place.tanh_h = place.h - place.h_less_tanh_h;
    return place;
}

/* 1 - tanh(centre)^2; the first difference is exact from tanh^2 = 1/2 on. */
TANHSHRINK_INLINE long double longdouble_slope(const longdouble_row *row)
{
    return (1 - row->square) - row->square_low;
}

/* high + slope h + low, where |high| is the largest: only what is small loses bits of its own.  The
 * product of a slope and h is exact for half of the bits of each (Veltkamp). */
TANHSHRINK_INLINE long double longdouble_from_centre(long double high, long double slope,
                                                     long double slope_rest, long double h,
                                                     long double low)
{
    long double large = h * LONGDOUBLE_SPLIT_HALF, half = large - (large - h);
    longdouble_pair sum = longdouble_sum_ordered(high, slope * half);
    return sum.high + (sum.low + ((slope * (h - half) + slope_rest * h) + low));
}

/* With T = tanh(centre) and t = tanh(h), the addition theorem says
 *     f(a) - f(centre) = T^2 h + (1 - T^2) ((h - t) + T t^2 / (1 + T t)), which does not cancel. */
TANHSHRINK_INLINE long double longdouble_shrink_near(longdouble_place place)
{
    const longdouble_row *row = place.row;
    long double t = place.tanh_h, product = row->tanh * t;
    long double rest = place.h_less_tanh_h + product * t / (1 + product);
    return longdouble_from_centre(row->shrink, row->shrink_slope, row->shrink_slope_rest, place.h,
                                  row->shrink_low + longdouble_slope(row) * rest);
}

/* The same for f', where q = (1 - T^2) / (1 + T t):
 *     f'(a) - f'(centre) = 2 T (1 - T^2) h + (t q)^2 - 2 T q ((h - t) + T t h) */
TANHSHRINK_INLINE long double longdouble_square_near(longdouble_place place)
{
    const longdouble_row *row = place.row;
    long double t = place.tanh_h, product = row->tanh * t;
    long double quotient = longdouble_slope(row) / (1 + product), step = t * quotient;
    long double rest = place.h_less_tanh_h + product * place.h;
    rest = step * step - 2 * row->tanh * quotient * rest;
    return longdouble_from_centre(row->square, row->square_slope, row->square_slope_rest, place.h,
                                  row->square_low + rest);
}

/* exp(-2a) for 2 <= a <= LONGDOUBLE_ONE_START, within 30 ulp: the 8th power of
 * (1 - tanh(a/8)) / (1 + tanh(a/8)) = (1 - T) (1 - t) / ((1 + T) (1 + t)). */
TANHSHRINK_INLINE long double longdouble_exp_minus_twice(long double a)
{
    longdouble_place place = longdouble_find(a * 0.125L);
    long double t = place.tanh_h, one_plus = 1 + place.row->tanh;
    long double power = longdouble_slope(place.row) * (1 - t) / (one_plus * one_plus * (1 + t));
    power *= power;
    power *= power;
    return power * power;
}

/* x^3 / 3 less *low, which is below 2^-18 of it. For x = b + rest, b = 3 c, it is
 * 9 c^3 + rest (b^2 + rest (b + rest / 3)); c has so few bits that 9 c^3 is exact (Veltkamp). */
TANHSHRINK_INLINE long double longdouble_third_of_cube(long double x, long double *low)
{
    const long double third = longdouble_series[0];
    long double c = x * third, large = c * (2 * LONGDOUBLE_SPLIT - 1);
    c = large - (large - c);
    long double b = 3 * c, rest = x - b, square = b * b; /* exact */
    *low = rest * (square + rest * (b + rest * third));
    return square * c; /* exact */
}

/* f(x) for a = |x| < LONGDOUBLE_POWER_END, within 0.51 ulp, or 0.75 where it is subnormal and so
 * rounded twice.  There it is never exact, but of 0. */
TANHSHRINK_INLINE long double longdouble_power_3(long double x, long double a, int *underflows)
{
    *underflows |= (a < LONGDOUBLE_SUBNORMAL) & (a != 0);
    if (a < LONGDOUBLE_VANISHES)
        return x * 0;
    long double low, high = longdouble_third_of_cube(x * 0x1p+2700L, &low);
    return (high + low) * 0x1p-8100L;
}

/* f(a) for LONGDOUBLE_POWER_END <= a < LONGDOUBLE_FAR. Every last sum rounds by 0.5 ulp of the
 * result; what is added to the larger term counts by its share:
 *   series   low is below 2^-18, the rest below 2^-9.3: 5 roundings, 0.01 ulp
 *   table    all but an exact sum and product is below 2^-8.4: 9 roundings, 0.013 ulp
 *   above    2 e is below 2^-10.5: 30 ulp, 0.01 ulp, as f is above 3 */
TANHSHRINK_INLINE long double longdouble_shrink(long double a)
{
    if (a < LONGDOUBLE_TABLE_START) {
        long double high, low, y = a * a;
        high = longdouble_third_of_cube(a, &low);
        low += a * y * y * longdouble_polynomial(y, longdouble_series, 1, LONGDOUBLE_SMALL_SERIES);
        return high + low;
    }
    if (a < LONGDOUBLE_TABLE_END)
        return longdouble_shrink_near(longdouble_find(a));
    long double e = longdouble_exp_minus_twice(a);
    return (a - 1) + 2 * e / (1 + e);
}

/* tanh(a)^2 for 0 <= a < LONGDOUBLE_ONE_START */
TANHSHRINK_INLINE long double longdouble_square(long double a, int *underflows)
{
    if (a < LONGDOUBLE_POWER_END) {
        *underflows |= (a < LONGDOUBLE_GRAD_SUBNORMAL) & (a != 0);
        return a < LONGDOUBLE_GRAD_VANISHES ? 0 : a * a;
    }
    if (a < LONGDOUBLE_TABLE_START) {
        /* (a - f)^2 = b^2 + ((a - b) (a + b) - f (2a - f)) */
        long double b = longdouble_leading_third(a), y = a * a;
        long double f = longdouble_polynomial(y, longdouble_series, 0, LONGDOUBLE_SMALL_SERIES);
        f *= a * y;
        return b * b + ((a - b) * (a + b) - f * (2 * a - f));
    }
    if (a < LONGDOUBLE_TABLE_END)
        return longdouble_square_near(longdouble_find(a));
    long double e = longdouble_exp_minus_twice(a), one_plus = 1 + e;
    return 1 - 4 * e / (one_plus * one_plus);
}

/* These comparisons raise no flag for a NaN. */
TANHSHRINK_INLINE long double longdouble_shrink_signed(long double x, int *underflows)
{
    /* A branch on the sign would be mispredicted half of the time, and signbit() is slow on x87. */
    static const long double signs[2] = {1, -1};
    long double a = fabsl(x);
    if (isless(a, LONGDOUBLE_POWER_END))
        return longdouble_power_3(x, a, underflows);
    long double sign = signs[isless(x, 0)];
    if (isless(a, LONGDOUBLE_FAR))
        return longdouble_shrink(a) * sign;
    return x - sign; /* also a NaN, quiet */
}

TANHSHRINK_INLINE long double longdouble_grad(long double x, int *underflows)
{
    long double a = fabsl(x);
    if (isless(a, LONGDOUBLE_ONE_START))
        return longdouble_square(a, underflows);
    return x != x ? x + 0 : 1;
}

#else

#include "float64_fast.h"

/* The kernels of double raise UNDERFLOW themselves. */
TANHSHRINK_INLINE long double longdouble_shrink_signed(long double x, int *underflows)
{
    double in = (double)x, out;
    (void)underflows;
    tanhshrink_f64_block(&in, &out, 1);
    return out;
}

TANHSHRINK_INLINE long double longdouble_grad(long double x, int *underflows)
{
    double in = (double)x, out;
    (void)underflows;
    tanhshrink_grad_f64_block(&in, &out, 1);
    return out;
}

#endif

/* Inlined where it is an argument.  Sets *underflows if the result vanishes. */
typedef long double longdouble_function(long double x, int *underflows);

/* Results that vanish raise UNDERFLOW once for all, because that takes some processors a hundred
 * times as long as any other product. */
TANHSHRINK_INLINE void longdouble_block(const long double *x, long double *out, ptrdiff_t n,
                                        longdouble_function *compute)
{
    int underflows = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        out[i] = compute(x[i], &underflows);
    if (underflows)
        f32_square_for_flag(FLT_MIN);
}

TANHSHRINK_INLINE void tanhshrink_longdouble_block(const long double *x, long double *out,
                                                   ptrdiff_t n)
{
    longdouble_block(x, out, n, longdouble_shrink_signed);
}

TANHSHRINK_INLINE void tanhshrink_grad_longdouble_block(const long double *x, long double *out,
                                                        ptrdiff_t n)
{
    longdouble_block(x, out, n, longdouble_grad);
}

#endif
