/* x - tanh(x) and its derivative tanh(x)^2 in float16 and bfloat16, correctly rounded: exhausted,
 * all inputs of both, with and without fused multiply-add.
 *
 * A kernel in float serves both formats.  Rounding the correctly rounded float result again would
 * not do: x - tanh(x) is wrong for 513 float16 and 64 bfloat16 x > 0 then, most of them ties of
 * x - 1, and the derivative for two float16. */
#ifndef TANHSHRINK_FLOAT16_H
#define TANHSHRINK_FLOAT16_H

#include "coefficients_16bit.h"
#include "contract.h"
#include "convert_16bit.h"
#include "float32.h"

#define F16_BLOCK 256 /* elements converted, computed and converted back together */

/* a b + c; rounded twice where the hardware has no fused multiply-add: good enough here. */
TANHSHRINK_INLINE float f16_multiply_add(float a, float b, float c)
{
#if defined(TANHSHRINK_CUDA)
    return f32_fma(a, b, c);
#elif TANHSHRINK_HAS_FMA
    return fmaf(a, b, c);
#else
    return a * b + c;
#endif
}

/* For x in float16 or bfloat16: a float that rounds to the magnitude of the right result in the
 * format of x.
 *
 * x - tanh(x) itself cancels: at x = 2^-10 it keeps 4 of 24 bits.  x^3 N(y)/D(y), y = x^2, has
 * positive coefficients only, so nothing cancels.  Its error is at most 2^-21.6, measured on all
 * inputs: 2^-26.9 of it from the fit, the rest from rounding coefficients and operations.  Only ten
 * results, all float16, are nearer than that to a midpoint; they round correctly all the same.
 *
 * Free of branches, so that a loop over it becomes vectors: x^3 N/D at the smaller one of |x| and
 * 4, plus the rest of |x|.
 *   |x| < 4: the rest is 0.
 *   |x| >= 4: that is |x| - 1 + 2^-10.5.  1 - tanh|x| is less than that but never 0, and as |x| - 1
 *   is a multiple of 2^-8, no midpoint lies between: both decide the ties of |x| - 1 upwards.  The
 *   sum in float may lose the 2^-10.5 from 2^14 on, where there are no more ties.
 * It underflows only where a bfloat16 does. */
TANHSHRINK_INLINE float tanhshrink_16bit_magnitude(float x)
{
    float clamped = f32_clamp(x, F16_LIMIT), rest = f32_subtract(f32_absolute(x), clamped);
    float y = f32_multiply(clamped, clamped);

    float n = f16_multiply_add(F16_N2, y, F16_N1);
    n = f16_multiply_add(n, y, F16_N0);
    float d = f32_add(y, F16_D2);
    d = f16_multiply_add(d, y, F16_D1);
    d = f16_multiply_add(d, y, F16_D0);

    float ratio = f32_divide_nearly(f32_multiply(y, n), d);
    return f16_multiply_add(clamped, ratio, rest);
}

TANHSHRINK_INLINE float tanhshrink_16bit(float x)
{
    uint32_t sign = f32_bits(x) & F32_SIGN;
    return f32_from_bits(sign | f32_bits(tanhshrink_16bit_magnitude(x)));
}

/* The same for the derivative tanh(x)^2, which is y (N(y)/D(y))^2, with N/D for tanh(x)/x.  Its
 * error is at most 2^-20.7, measured on all inputs: 2^-22.6 of it from the fit.  Ties apart, only
 * twelve results are nearer than that to a midpoint; they round correctly all the same.
 *
 * Free of branches, too.  The result is 1 from |x| = 4.852 on, so x stays at F16_GRAD_LIMIT.
 * No coefficient is below 1, so that no step underflows unless y does, and then the result does.
 * For tiny x, N/D is 1.  Ties of x^2 are decided downwards all the same: x is m 2^k with an odd m,
 * m^2 is 1 modulo 8, so the even neighbour is the one below.  But as tanh(x)/x is never 1, neither
 * must N/D be: so an instruction that rounds to a subnormal float16, to which the result is never
 * equal, raises UNDERFLOW. */
TANHSHRINK_INLINE float tanhshrink_grad_16bit(float x)
{
    float clamped = f32_clamp(x, F16_GRAD_LIMIT);
    float y = f32_multiply(clamped, clamped);

    float n = f16_multiply_add(F16_GRAD_N3, y, F16_GRAD_N2);
    n = f16_multiply_add(n, y, F16_GRAD_N1);
    n = f16_multiply_add(n, y, F16_GRAD_N0);
    float d = f16_multiply_add(F16_GRAD_D3, y, F16_GRAD_D2);
    d = f16_multiply_add(d, y, F16_GRAD_D1);
    d = f16_multiply_add(d, y, 262144.0f); /* D0 = 2^18 */

    float ratio = f32_divide_nearly(n, d);
#if TANHSHRINK_HAS_F16C || TANHSHRINK_HAS_FP16 /* elsewhere f16_raise_underflow sees to it */
    int32_t ratio_bits = (int32_t)f32_bits(ratio), below_1 = (int32_t)f32_bits(1.0f) - 1;
    ratio = f32_from_bits((uint32_t)(ratio_bits < below_1 ? ratio_bits : below_1));
#endif
    return f32_nan_or(x, f32_multiply(y, f32_multiply(ratio, ratio)));
}

typedef float f32_function(float x); /* inlined wherever it is an argument below */

/* Three loops: compilers mix 16 and 32 bits badly in one. */
TANHSHRINK_INLINE void block_16bit(const uint16_t *x, uint16_t *out, ptrdiff_t n,
                                   widen_block *widen, f32_function *compute, narrow_block *narrow)
{
    TANHSHRINK_ALIGN(64) float wide[F16_BLOCK];
    for (ptrdiff_t start = 0; start < n; start += F16_BLOCK) {
        ptrdiff_t count = n - start < F16_BLOCK ? n - start : F16_BLOCK;
        widen(x + start, wide, count);
        for (ptrdiff_t i = 0; i < count; i++)
            wide[i] = compute(wide[i]);
        narrow(wide, out + start, count);
    }
}

TANHSHRINK_INLINE void f16_block(const uint16_t *x, uint16_t *out, ptrdiff_t n,
                                 f32_function *compute)
{
    block_16bit(x, out, n, f32_from_f16_block, compute, f16_from_f32_block);
#if !TANHSHRINK_HAS_F16C && !TANHSHRINK_HAS_FP16 /* those instructions raise it themselves */
    f16_raise_underflow(x, out, n, 0x0400);
#endif
}

/* Where x^3/3, or x^2 for f', of a bfloat16 is a subnormal float, some processors take up to a
 * hundred times as long.  So the loops above get a zero of its sign there.  The result, as a
 * multiple of 2^-133, is its own bits. */
#define BF16_TINY 0x2ab9      /* 1.4453125 2^-42 */
#define BF16_GRAD_TINY 0x2000 /* 2^-63 */

TANHSHRINK_INLINE void bf16_widen(const uint16_t *x, float *out, ptrdiff_t n, uint16_t tiny)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        int32_t kept = i32_select((x[i] & 0x7fff) < tiny, 0x8000, 0xffff);
        out[i] = f32_from_bf16((uint16_t)(x[i] & kept));
    }
}

TANHSHRINK_INLINE void bf16_widen_shrink(const uint16_t *x, float *out, ptrdiff_t n)
{
    bf16_widen(x, out, n, BF16_TINY);
}

TANHSHRINK_INLINE void bf16_widen_grad(const uint16_t *x, float *out, ptrdiff_t n)
{
    bf16_widen(x, out, n, BF16_GRAD_TINY);
}

/* A magnitude below `tiny`, times 2^scale.  Others, and those whose result is 0, are taken for a
 * small one. */
TANHSHRINK_INLINE float bf16_scaled(int32_t magnitude, int32_t tiny, int32_t scale)
{
    const int32_t least = tiny - 0x0a00; /* 2^-20 of it */
    int seen = (magnitude >= least) & (magnitude < tiny);
    return f32_from_bf16((uint16_t)(i32_select(seen, magnitude, least) + (scale << 7)));
}

/* A number below 2^16, rounded to an integer */
TANHSHRINK_INLINE int32_t bf16_from_multiple(float x)
{
    return (int32_t)(f32_bits(x + 0x1p23f) & 0xffff);
}

/* f is x^3/3.  There are no ties: x = m 2^k with an odd m would be one for 3 k = -134. */
TANHSHRINK_INLINE void bf16_shrink_tiny(const uint16_t *x, uint16_t *out, ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        int32_t magnitude = x[i] & 0x7fff, sign = x[i] & 0x8000;
        float y = bf16_scaled(magnitude, BF16_TINY, 44);
        int32_t result = sign | bf16_from_multiple(2.0f / 3 * (y * y * y));
        out[i] = (uint16_t)i32_select(magnitude < BF16_TINY, result, out[i]);
    }
}

/* f' is x^2; ties go downwards, as above. */
TANHSHRINK_INLINE void bf16_grad_tiny(const uint16_t *x, uint16_t *out, ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        int32_t magnitude = x[i] & 0x7fff;
        float y = bf16_scaled(magnitude, BF16_GRAD_TINY, 66);
        int32_t result = bf16_from_multiple(2 * (y * y));
        out[i] = (uint16_t)i32_select(magnitude < BF16_GRAD_TINY, result, out[i]);
    }
}

/* In all of these, x and out do not overlap. */
TANHSHRINK_INLINE void tanhshrink_f16_block(const uint16_t *x, uint16_t *out, ptrdiff_t n)
{
    f16_block(x, out, n, tanhshrink_16bit);
}
TANHSHRINK_INLINE void tanhshrink_bf16_block(const uint16_t *x, uint16_t *out, ptrdiff_t n)
{
    block_16bit(x, out, n, bf16_widen_shrink, tanhshrink_16bit, bf16_from_f32_block);
    if (f16_raise_underflow(x, out, n, 0x0080)) /* the loops above may do it or not */
        bf16_shrink_tiny(x, out, n);
}
TANHSHRINK_INLINE void tanhshrink_grad_f16_block(const uint16_t *x, uint16_t *out, ptrdiff_t n)
{
    f16_block(x, out, n, tanhshrink_grad_16bit);
}
TANHSHRINK_INLINE void tanhshrink_grad_bf16_block(const uint16_t *x, uint16_t *out, ptrdiff_t n)
{
    block_16bit(x, out, n, bf16_widen_grad, tanhshrink_grad_16bit, bf16_from_f32_block);
    if (f16_raise_underflow(x, out, n, 0x0080))
        bf16_grad_tiny(x, out, n);
}

#endif
