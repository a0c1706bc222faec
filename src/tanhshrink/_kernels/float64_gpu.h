/* x - tanh(x) and its derivative tanh(x)^2 in double: the fast tier on GPUs.
 *
 * A GPU has arithmetic to spare, but 32 threads that look up 32 rows of a table wait for each
 * other. So a row has only 16 bytes, tanh at one point, where float64_fast.h's have 64. With
 * x = centre + t, T = tanh(centre), u = T^2 and S = 1 - u, Taylor's series is
 *
 *     tanh(x) = T + S t - t^2 C
 *     C = S (T + (1/3 - u) t + T (u - 2/3) t^2 + (S u - 2/15) t^3 + ...)
 *
 * There are so many rows that |t| is at most 2^-9 x, in some near .008 2^-8.86 x, and C needs few
 * terms. The relative error is below 2^-66.34 (2^-69.3 for the derivative); the largest measured,
 * over 20 000 points in each row: 2^-66.35 (2^-69.57). If the sum rounds to the same double
 * whichever way more than that error turns it, this is the correctly rounded result. About one
 * element in 6300 (20 000) fails the test and goes to the accurate tier, so the whole is as exact
 * as that tier.
 *
 *                                x - tanh(x)               tanh(x)^2
 *   0                            0                         0
 *   0 < |x| < 2^-250             accurate tier             accurate tier
 *   2^-250 <= |x| < .00478       x^3 (1/3 - ...)           x^2 (1 - ...)
 *   0.00478 <= |x| < 19.5        table                     table
 *   above, inf, NaN              x - sign(x) (1 - 2^-53)   1, NaN */
#ifndef TANHSHRINK_FLOAT64_GPU_H
#define TANHSHRINK_FLOAT64_GPU_H

#include "coefficients_float64_gpu.h"
#include "float64_accurate.h"
#include "float64_series.h"

#define F64_TABLE_START 0x1.39p-8 /* 0.00478: below, a short series is enough */
#define F64_TABLE_END 0x1.38p+4   /* 19.5: from 19.41 on 1 - tanh(x)^2 < 2^-54 */
#define F64_ERROR 0x1.cp-67       /* 2^-66.2 */
#define F64_GRAD_ERROR 0x1p-68
#define F64_SMALL_ERROR 0x1.6p-68 /* 2^-67.5, of float64_series.h */

/* The number of the row of x; outside the table that of the last row, of NaN. */
TANHSHRINK_INLINE uint32_t f64_row_number(double x)
{
    uint32_t upper = (uint32_t)(f64_bits(x) >> 32) & 0x7fffffff;
    uint32_t start = (uint32_t)(f64_bits(F64_TABLE_START) >> 32);
    uint32_t number = (upper - start) >> (20 - F64_ROW_BITS);
    return number < F64_ROWS ? number : F64_ROWS;
}

/* x = centre + t. The low parts are to be added; tanh and its square are then good to 2^-75 and
 * 2^-74, as only the upper half of tanh_low is free to choose. */
typedef struct {
    double centre, t, tanh, tanh_low, square, square_low;
} f64_point;

TANHSHRINK_INLINE f64_point f64_point_of(double x, f64_row row)
{
    f64_point p;
    p.centre = f64_from_bits(row.tanh_low << 32);
    p.t = fabs(x) - p.centre; /* exact: the two are close, and the centre has 21 bits */
    p.tanh = f64_from_bits(row.tanh);
    p.tanh_low = f64_from_bits(row.tanh_low);
    p.square = p.tanh * p.tanh;
    p.square_low = fma(p.tanh + p.tanh, p.tanh_low, fma(p.tanh, p.tanh, -p.square));
    return p;
}

TANHSHRINK_CONSTANT double f64_third = 0x1.5555555555555p-2, f64_5_3 = 0x1.aaaaaaaaaaaabp+0,
                           f64_2_15 = 0x1.1111111111111p-3, f64_11_15 = 0x1.7777777777777p-1,
                           f64_17_45 = 0x1.82d82d82d82d8p-2, f64_17_315 = 0x1.ba1ba1ba1ba1cp-5;

/* C, given S: 4.5 2^-53 of it is rounded off. t^2 C is at most 2^-16.1 of x - tanh(x), and 2^-19.2
 * of tanh(x). What is left out from t^5 on is less than 2^-66.5 of x - tanh(x), near 4, where the
 * rest of the error is small. (S may be off by 2^-53 there, 2 tanh_low: t^2 times that is less than
 * 2^-66.9 of x - tanh(x), near 16.) */
TANHSHRINK_INLINE double f64_curve(const f64_point *p, double slope, int derivative)
{
    double t = p->t, t2 = t * t, u = p->square;
    double c3 = f64_third - u, c4 = u - 2 * f64_third, c5 = fma(slope, u, -f64_2_15);
    double c6 = fma(u, u - 4 * f64_third, f64_17_45);
    if (derivative)
        c5 = fma(t2, fma(u, fma(u, f64_5_3 - u, -f64_11_15), f64_17_315), c5);
    double odd = fma(t2, c5, c3), even = fma(t2, fma(t2, c6, c4), 1.0);
    return slope * fma(t, odd, p->tanh * even);
}

/* Rounds high + low to *y. Returns whether a relative error cannot change that. */
TANHSHRINK_INLINE int f64_round(double high, double low, double error, double *y)
{
    *y = high + fma(high, error, low);
    return *y == high + fma(high, -error, low);
}

/* *y = x - tanh(x) by the row of x. Returns whether it is correctly rounded. */
TANHSHRINK_INLINE int tanhshrink_f64_table(double x, f64_row row, double *y)
{
    f64_point p = f64_point_of(x, row);
    double curve = f64_curve(&p, fma(-p.tanh, p.tanh, 1.0), 0);
    double slope_low, slope = f64_muladd_with_error(p.t, curve, p.square, &slope_low);
    double base = p.centre - p.tanh, base_low = (p.centre - base) - p.tanh; /* exact */
    double high_low, high = f64_muladd_with_error(p.t, slope, base, &high_low);
    double low = fma(p.t, slope_low + p.square_low, high_low + (base_low - p.tanh_low));
    int decided = f64_round(high, low, F64_ERROR, y);
    *y = copysign(*y, x);
    return decided;
}

/* *y = tanh(x)^2, likewise: as the square of tanh(x). */
TANHSHRINK_INLINE int tanhshrink_grad_f64_table(double x, f64_row row, double *y)
{
    f64_point p = f64_point_of(x, row);
    double base = 1 - p.square, base_low = ((1 - base) - p.square) - p.square_low; /* S */
    double curve = f64_curve(&p, base + base_low, 1);
    double slope_low, slope = f64_muladd_with_error(-p.t, curve, base, &slope_low);
    double tanh_low, tanh = f64_muladd_with_error(p.t, slope, p.tanh, &tanh_low);
    tanh_low = fma(p.t, slope_low + base_low, tanh_low + p.tanh_low);
    double high = tanh * tanh, low = fma(tanh + tanh, tanh_low, fma(tanh, tanh, -high));
    return f64_round(high, low, F64_GRAD_ERROR, y);
}

/* *y = f(x) for x that are not in the table. Returns whether it is correctly rounded.
 *
 * From 19.5 on 1 - tanh(x) is less than half an ulp of x - 1, but never 0. So it decides only where
 * x - 1 is a midpoint; to subtract a hair less than 1 decides the same way. */
TANHSHRINK_INLINE int f64_outside(double x, double *y, int derivative)
{
    double magnitude = fabs(x);
    if (magnitude < F64_SMALL_START) {
        *y = derivative ? 0 : x;
        return x == 0;
    }
    if (magnitude < F64_TABLE_START) {
        double low, high = derivative ? tanhshrink_grad_f64_small(magnitude, &low)
                                      : tanhshrink_f64_small(magnitude, &low);
        int decided = f64_round(high, low, F64_SMALL_ERROR, y);
        *y = derivative ? *y : copysign(*y, x);
        return decided;
    }
    double nan_or_one = x != x ? x + x : 1;
    *y = derivative ? nan_or_one : x - copysign(0x1.fffffffffffffp-1, x);
    return !(magnitude < F64_TABLE_END);
}

/* *y = f(x), if that needs no accurate tier. Returns whether it is correctly rounded. */
TANHSHRINK_INLINE int tanhshrink_f64_fast(double x, double *y)
{
    return tanhshrink_f64_table(x, f64_rows[f64_row_number(x)], y) || f64_outside(x, y, 0);
}
TANHSHRINK_INLINE int tanhshrink_grad_f64_fast(double x, double *y)
{
    return tanhshrink_grad_f64_table(x, f64_rows[f64_row_number(x)], y) ||
           f64_outside(x, y, 1);
}

/* out[i] = f(x[i]), correctly rounded as far as the accurate tier is. x and out do not overlap. */
TANHSHRINK_INLINE void tanhshrink_f64_block(const double *x, double *out, ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++)
        if (!tanhshrink_f64_fast(x[i], out + i))
            out[i] = tanhshrink_f64_accurate(x[i]);
}
TANHSHRINK_INLINE void tanhshrink_grad_f64_block(const double *x, double *out, ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++)
        if (!tanhshrink_grad_f64_fast(x[i], out + i))
            out[i] = tanhshrink_grad_f64_accurate(x[i]);
}

#endif
