/* x - tanh(x) and tanh(x)^2 in float on GPUs, correctly rounded: exhausted, all 2^32 inputs, with
 * each reciprocal estimate that a GPU may give.
 *
 * GPUs for computing have half as many units for doubles as for floats, and use float32.h.  Others
 * have one for 32 or 64; there the same rationals, of a lower degree, are evaluated in unevaluated
 * sums of two floats.  Everything is positive, so nothing cancels; the relative errors are
 *
 *                                x - tanh(x)    tanh(x)^2
 *     the fit                    2^-38.2        2^-37.7, twice that of tanh(x)/x
 *     a step of N or D           2^-45          2^-45
 *     product, quotient, square  2^-45          2^-45
 *     sum                        < 2^-38.1      < 2^-37.5
 *
 * If the sum rounds to the same float whichever way more than that error turns it, this is the
 * result.  Largest measured in 4 million points: 2^-38.2 and 2^-37.7.  One element in 7000 (4000 of
 * the derivative) fails the test and is computed in double, like those so small that a low part
 * could underflow. */
#ifndef TANHSHRINK_FLOAT32_PAIRS_H
#define TANHSHRINK_FLOAT32_PAIRS_H

#include "coefficients_float32_pairs.h"
#include "float32.h"

#define F32_PAIR_ERROR 0x1.8p-38f      /* 2^-37.4 */
#define F32_GRAD_PAIR_ERROR 0x1.4p-37f /* 2^-36.7 */
#define F32_PAIR_START 0x1p-34f        /* 5.8e-11: the low part of x^3 is good to 2^-47 of x^3 */
#define F32_GRAD_PAIR_START 0x1p-48f   /* 3.6e-15: likewise x^2 */

typedef struct {
    float high, low;
} f32_pair;

/* a b */
TANHSHRINK_INLINE f32_pair f32_pair_multiply(f32_pair a, f32_pair b)
{
    f32_pair product;
    product.high = f32_multiply(a.high, b.high);
    product.low = f32_fma(a.high, b.high, f32_negate(product.high)); /* exact */
    product.low = f32_fma(a.high, b.low, product.low);
    product.low = f32_fma(a.low, b.high, product.low);
    return product;
}

/* a + c */
TANHSHRINK_INLINE f32_pair f32_pair_add(f32_pair a, const float c[2])
{
    f32_pair sum;
    sum.high = f32_add(a.high, c[0]);
    float a_part = f32_subtract(sum.high, c[0]), c_part = f32_subtract(sum.high, a_part);
    float a_error = f32_subtract(a.high, a_part), c_error = f32_subtract(c[0], c_part);
    float error = f32_add(a_error, c_error); /* exact (Knuth) */
    sum.low = f32_add(error, f32_add(a.low, c[1]));
    return sum;
}

/* c[0] + c[1] y + ... of `terms` terms */
TANHSHRINK_INLINE f32_pair f32_pair_polynomial(f32_pair y, const float (*c)[2], int terms)
{
    f32_pair sum = {c[terms - 1][0], c[terms - 1][1]};
#pragma unroll
    for (int j = terms - 2; j >= 0; j--)
        sum = f32_pair_add(f32_pair_multiply(sum, y), c[j]);
    return sum;
}

/* a/b for 1 <= b < 2^60 */
TANHSHRINK_INLINE f32_pair f32_pair_divide(f32_pair a, f32_pair b)
{
    float r = f32_reciprocal_estimate(b.high);
    r = f32_fma(r, f32_fma(f32_negate(b.high), r, 1.0f), r);
    f32_pair quotient;
    quotient.high = f32_multiply(a.high, r);
    float negative = f32_negate(quotient.high);
    float rest = f32_fma(negative, b.high, a.high); /* exact */
    rest = f32_add(rest, f32_fma(negative, b.low, a.low));
    quotient.low = f32_multiply(rest, r);
    return quotient;
}

/* a rounded; 1 in *doubtful if a relative error may change that. */
TANHSHRINK_INLINE float f32_pair_round(f32_pair a, float error, int *doubtful)
{
    float up = f32_add(a.high, f32_fma(a.high, error, a.low));
    float down = f32_add(a.high, f32_fma(a.high, -error, a.low));
    *doubtful = f32_bits(up) != f32_bits(down);
    return up;
}

TANHSHRINK_NOINLINE float tanhshrink_f32_accurate(float x) { return tanhshrink_f32(x); }
TANHSHRINK_NOINLINE float tanhshrink_grad_f32_accurate(float x) { return tanhshrink_grad_f32(x); }

/* |x|, but at most the limit, and its square */
TANHSHRINK_INLINE f32_pair f32_pair_square(float x, float limit, float *clamped)
{
    f32_pair square;
    *clamped = f32_clamp(x, limit);
    square.high = f32_multiply(*clamped, *clamped);
    square.low = f32_fma(*clamped, *clamped, f32_negate(square.high)); /* exact */
    return square;
}

/* Whether 0 < x < start */
TANHSHRINK_INLINE int f32_pair_tiny(float x, float start)
{
    return f32_bits(x) - 1 < f32_bits(start) - 1;
}

/* As in tanhshrink_f32, the larger one of two results is right. */
TANHSHRINK_INLINE float tanhshrink_f32_pair(float x)
{
    float clamped;
    int doubtful;
    f32_pair y = f32_pair_square(x, F32_LIMIT, &clamped), x_pair = {clamped, 0.0f};
    f32_pair n = f32_pair_polynomial(y, f32_pair_n, 5), d = f32_pair_polynomial(y, f32_pair_d, 6);
    f32_pair f = f32_pair_divide(f32_pair_multiply(f32_pair_multiply(y, x_pair), n), d);
    float small = f32_pair_round(f, F32_PAIR_ERROR, &doubtful);
    if (doubtful | f32_pair_tiny(clamped, F32_PAIR_START))
        return tanhshrink_f32_accurate(x);

    uint32_t sign = f32_bits(x) & F32_SIGN;
    float large = f32_add(f32_absolute(x), -0x1.fffffep-1f);
    int32_t small_bits = (int32_t)f32_bits(small), large_bits = (int32_t)f32_bits(large);
    return f32_from_bits(sign | (uint32_t)(small_bits > large_bits ? small_bits : large_bits));
}

TANHSHRINK_INLINE float tanhshrink_grad_f32_pair(float x)
{
    float clamped;
    int doubtful;
    f32_pair y = f32_pair_square(x, F32_GRAD_LIMIT, &clamped);
    f32_pair n = f32_pair_polynomial(y, f32_grad_pair_n, 6);
    f32_pair ratio = f32_pair_divide(n, f32_pair_polynomial(y, f32_grad_pair_d, 7));
    f32_pair f = f32_pair_multiply(y, f32_pair_multiply(ratio, ratio));
    float result = f32_pair_round(f, F32_GRAD_PAIR_ERROR, &doubtful);
    if (doubtful | f32_pair_tiny(clamped, F32_GRAD_PAIR_START))
        return tanhshrink_grad_f32_accurate(x);
    return f32_nan_or(x, result);
}

/* With the units for doubles of sm_60, 70, 80, 90 and 100, or with those for floats. */
#if __CUDA_ARCH__ == 600 || __CUDA_ARCH__ == 700 || __CUDA_ARCH__ == 800 || \
    __CUDA_ARCH__ == 900 || __CUDA_ARCH__ == 1000
#define TANHSHRINK_FAST_F64 1
#else
#define TANHSHRINK_FAST_F64 0
#endif
TANHSHRINK_INLINE float tanhshrink_f32_gpu(float x)
{
    return TANHSHRINK_FAST_F64 ? tanhshrink_f32(x) : tanhshrink_f32_pair(x);
}
TANHSHRINK_INLINE float tanhshrink_grad_f32_gpu(float x)
{
    return TANHSHRINK_FAST_F64 ? tanhshrink_grad_f32(x) : tanhshrink_grad_f32_pair(x);
}

#endif
