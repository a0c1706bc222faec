/* x - tanh(x) and its derivative tanh(x)^2 in float, correctly rounded: exhausted, all 2^32 inputs,
 * with and without fused multiply-add.
 *
 * Ties apart, the hardest input of x - tanh(x) is x = 0x1.b1c146p+1, whose result lies within
 * 2^-53.1 of a midpoint, relative to its value.
 *
 * x - tanh(x) itself cancels: at x = 2^-10 it keeps 4 of 24 bits.  x^3 N(y)/D(y), y = x^2, has
 * positive coefficients only, so nothing cancels; evaluated in double, its relative error is
 *
 *     the fit                                   2^-54.3
 *     y = x x                                   0: 48 bits are exact
 *     x y, N divided by D, their product        2^-53 each; 2^-52 for the quotient on a GPU
 *     N and D, six steps each                   2^-53 a step; twice that without fma
 *     sum                                       < 17 * 2^-53 with fma, < 28 * 2^-53 without
 *
 * That leaves about 450 positive inputs which might round wrongly, and none does.  Most of them are
 * tiny: x^3/3 is a midpoint and the true value a hair less, so N0 is an ulp below RN(1/3).
 *
 * The derivative is y (N(y)/D(y))^2, with N/D for tanh(x)/x.  (A rational for tanh(x)^2 itself
 * would need a much higher degree, because its poles are double.)  Ties apart, the hardest input is
 * x = 0x1.bfffecp-21, within 2^-52.2 of a midpoint.  Again nothing cancels; the relative error is
 *
 *     the fit                                   2^-54.4
 *     coefficients, N0 moved by an ulp          2.7 * 2^-53 for N, 2^-53 for D
 *     N and D, seven steps each                 2^-53 a step; twice that without fma
 *     N divided by D                            2^-53; 2^-52 on a GPU
 *     all that twice, because of the square; y  0: exact
 *     squared, times y                          2^-53 each
 *     sum                                       < 43 * 2^-53 with fma, < 69 * 2^-53 without
 *
 * That leaves about 130 positive inputs, ties apart, which might round wrongly, and none does.  In
 * a tie x^2 is a midpoint and the true value a hair less; so is the result, because N0 is an ulp
 * below D0. */
#ifndef TANHSHRINK_FLOAT32_H
#define TANHSHRINK_FLOAT32_H

#include "coefficients_float32.h"
#include "contract.h"

/* a b + c; rounded twice where the hardware has no fused multiply-add: good enough here. */
TANHSHRINK_INLINE double f32_multiply_add(double a, double b, double c)
{
#if TANHSHRINK_HAS_FMA
    return fma(a, b, c);
#else
    return a * b + c;
#endif
}

/* c[0] + c[1] y + ... + c[degree - 1] y^(degree - 1) + top y^degree */
TANHSHRINK_INLINE double f32_polynomial(const double *c, int degree, double top, double y)
{
    for (int i = degree - 1; i >= 0; i--)
        top = f32_multiply_add(top, y, c[i]);
    return top;
}

/* A product for the sake of the flag that it raises. */
TANHSHRINK_INLINE void f32_square_for_flag(float x)
{
    volatile float y = x;
    y = y * y;
}

/* The result; but x if it is NaN, made quiet by x + 1, which raises no flag if x is quiet. */
TANHSHRINK_INLINE float f32_nan_or(float x, float result)
{
#if defined(TANHSHRINK_CUDA) /* there f32_clamp has kept it */
    (void)x;
    return result;
#else
    int32_t magnitude = (int32_t)(f32_bits(x) & ~F32_SIGN);
    int32_t nan = (int32_t)f32_bits(f32_add(x, 1.0f)), bits = (int32_t)f32_bits(result);
    return f32_from_bits((uint32_t)i32_select(magnitude > 0x7f800000, nan, bits));
#endif
}

/* Free of branches, so that a loop over it becomes vectors: both results are computed, and the
 * larger one is right.
 *   |x| < 8: x^3 N/D, which is larger because tanh|x| < 1 - 2^-24 up to 8.66.
 *   |x| >= 8: 1 - tanh|x| is less than half an ulp of |x| - 1 but never 0, so subtract a hair less
 *   than 1: it decides the ties of |x| - 1 upwards (|x| > 2^24).  The other result stays at that
 *   of 8, which rounds to 7: no larger, and raises no flag.
 * Integers compare like the floats whose bits they are, except that NaN raises no flag. */
TANHSHRINK_INLINE float tanhshrink_f32(float x)
{
    uint32_t sign = f32_bits(x) & F32_SIGN;
    double clamped = f64_from_f32(f32_clamp(x, F32_LIMIT));
    double y = clamped * clamped;

    double n = f32_polynomial(f32_n, 6, f32_n[6], y);
    double d = f32_polynomial(f32_d, 6, f32_d[6], y);

    /* underflows only where the result does */
    float small = f32_from_f64(clamped * y * f64_divide_nearly(n, d));
    float large = f32_add(f32_absolute(x), -0x1.fffffep-1f); /* 1 - 2^-24 */
    int32_t small_bits = (int32_t)f32_bits(small), large_bits = (int32_t)f32_bits(large);
    int32_t larger = small_bits > large_bits ? small_bits : large_bits;
    return f32_from_bits(sign | (uint32_t)larger);
}

/* Free of branches, too.  The result is 1 from |x| = 9.3575 on, so x stays at F32_GRAD_LIMIT.
 * For tiny x, N0 < D0 also makes the result inexact, as the true value is, even where x^2 is a
 * subnormal float: so the conversion raises UNDERFLOW. */
TANHSHRINK_INLINE float tanhshrink_grad_f32(float x)
{
    double clamped = f64_from_f32(f32_clamp(x, F32_GRAD_LIMIT));
    double y = clamped * clamped;

    double n = f32_polynomial(f32_grad_n, 7, f32_grad_n[7], y);
    double d = f32_polynomial(f32_grad_d, 6, y + f32_grad_d[6], y);

    double ratio = f64_divide_nearly(n, d);
    return f32_nan_or(x, f32_from_f64(y * (ratio * ratio)));
}

/* In both, x and out do not overlap. */
TANHSHRINK_INLINE void tanhshrink_f32_block(const float *__restrict x, float *__restrict out,
                                            ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++)
        out[i] = tanhshrink_f32(x[i]);
}

TANHSHRINK_INLINE void tanhshrink_grad_f32_block(const float *__restrict x, float *__restrict out,
                                                 ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++)
        out[i] = tanhshrink_grad_f32(x[i]);
}

#endif
