/* x - tanh(x) in float16 and bfloat16, correctly rounded: exhausted, all inputs of both, with and
 * without fused multiply-add.
 *
 * One kernel in float serves both.  Rounding the correctly rounded float result again would not do:
 * it is wrong for 513 float16 and 64 bfloat16 inputs, most of them ties of x - 1. */
#ifndef TANHSHRINK_FLOAT16_H
#define TANHSHRINK_FLOAT16_H

#include "coefficients_16bit.h"
#include "contract.h"

#if defined(__F16C__) || (defined(_MSC_VER) && defined(__AVX2__))
#define TANHSHRINK_HAS_F16C 1
#include <immintrin.h>
#else
#define TANHSHRINK_HAS_F16C 0
#endif
#if defined(__aarch64__) && defined(__ARM_FP16_FORMAT_IEEE)
#define TANHSHRINK_HAS_FP16 1
#else
#define TANHSHRINK_HAS_FP16 0
#endif

#define F16_BLOCK 256 /* elements converted, computed and converted back together */

/* a b + c; rounded twice where the hardware has no fused multiply-add: good enough here. */
TANHSHRINK_INLINE float f16_multiply_add(float a, float b, float c)
{
#if TANHSHRINK_HAS_FMA
    return fmaf(a, b, c);
#else
    return a * b + c;
#endif
}

/* For x in float16 or bfloat16: a float that rounds to the right result in the format of x.
 *
 * x - tanh(x) itself cancels: at x = 2^-10 it keeps 3 of 24 bits.  x^3 N(y)/D(y), y = x^2, has
 * positive coefficients only, so nothing cancels.  Its error is at most 2^-21.6, measured on all
 * inputs: 2^-26.9 of it from the fit, the rest from rounding coefficients and operations.  Only ten
 * results, all float16, are nearer than that to a midpoint; they round correctly all the same.
 *
 * Free of branches, so that a loop over it becomes vectors: both results are computed, and the
 * larger one is right.
 *   |x| < 4: x^3 N/D, which is larger because tanh|x| < 1 - 2^-11 up to 4.15.
 *   |x| >= 4: 1 - tanh|x| is less than half an ulp of |x| - 1 but never 0, so subtract a hair less
 *   than 1: it decides the ties of |x| - 1 upwards.  y stays at 16, where x^3 N/D is .75 |x|: less
 *   (at 4, both round to 3), and raises no flag.
 * Integers compare like the floats whose bits they are, except that NaN raises no flag. */
TANHSHRINK_INLINE float tanhshrink_16bit(float x)
{
    uint32_t sign = f32_bits(x) & F32_SIGN;
    int32_t magnitude = (int32_t)(f32_bits(x) ^ sign), limit = (int32_t)f32_bits(F16_LIMIT);
    float absolute = f32_from_bits((uint32_t)magnitude);
    float clamped = f32_from_bits((uint32_t)(magnitude < limit ? magnitude : limit));
    float y = clamped * clamped;

    float n = f16_multiply_add(F16_N2, y, F16_N1);
    n = f16_multiply_add(n, y, F16_N0);
    float d = y + F16_D2;
    d = f16_multiply_add(d, y, F16_D1);
    d = f16_multiply_add(d, y, F16_D0);

    float small = absolute * (y * n / d); /* underflows only where a bfloat16 does */
    float large = absolute - 0x1.ffcp-1f; /* 1 - 2^-11 */
    int32_t small_bits = (int32_t)f32_bits(small), large_bits = (int32_t)f32_bits(large);
    int32_t larger = small_bits > large_bits ? small_bits : large_bits;
    return f32_from_bits(sign | (uint32_t)larger);
}

/* Conversions, exact or to nearest even, of what the kernel takes and returns: in float16 that is
 * |x| <= 65504, infinity, and NaN, which keeps its sign and what fits of its payload.  For the x86
 * instructions, 0 means to nearest. */

#if TANHSHRINK_HAS_F16C
TANHSHRINK_INLINE float f32_from_f16(uint16_t x)
{
    return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(x)));
}
TANHSHRINK_INLINE uint16_t f16_from_f32(float x)
{
    return (uint16_t)_mm_cvtsi128_si32(_mm_cvtps_ph(_mm_set_ss(x), 0));
}
#elif TANHSHRINK_HAS_FP16
TANHSHRINK_INLINE float f32_from_f16(uint16_t x)
{
    __fp16 half;
    memcpy(&half, &x, sizeof half);
    return (float)half;
}
TANHSHRINK_INLINE uint16_t f16_from_f32(float x)
{
    __fp16 half = (__fp16)x;
    uint16_t bits;
    memcpy(&bits, &half, sizeof bits);
    return bits;
}
#else
/* condition ? a : b, without a branch.  Signed, because SSE2 compares no unsigned integers. */
TANHSHRINK_INLINE int32_t i32_select(int condition, int32_t a, int32_t b)
{
    return (a & -condition) | (b & ~-condition);
}
TANHSHRINK_INLINE float f32_from_f16(uint16_t x)
{
    uint32_t sign = (uint32_t)(x & 0x8000u) << 16;
    int32_t magnitude = (int32_t)(x & 0x7fffu) << 13;
    /* From exponent bias 15 to 127: exact, also for subnormal numbers. */
    uint32_t bits = f32_bits(f32_from_bits((uint32_t)magnitude) * 0x1p+112f);
    int32_t infinity_or_nan = i32_select(magnitude >= 0x0f800000, 0x7f800000, 0);
    return f32_from_bits(sign | bits | (uint32_t)infinity_or_nan);
}
TANHSHRINK_INLINE uint16_t f16_from_f32(float x)
{
    uint32_t sign = f32_bits(x) & F32_SIGN;
    int32_t magnitude = (int32_t)(f32_bits(x) ^ sign), odd = (magnitude >> 13) & 1;
    /* |x| >= 2^-14: from exponent bias 127 to 15, and rounded; infinity and NaN: just cut off. */
    int32_t normal = (magnitude - 0x38000000 + 0xfff + odd) >> 13;
    int32_t infinity_or_nan = (magnitude >> 13) & 0x7fff;
    /* |x| < 2^-14: a multiple of 2^-24, which is the ulp of 1/2. */
    float shifted = f32_from_bits((uint32_t)magnitude) + 0.5f;
    int32_t subnormal = (int32_t)f32_bits(shifted) - 0x3f000000;
    int32_t result = i32_select(magnitude < 0x38800000, subnormal, normal);
    result = i32_select(magnitude >= 0x7f800000, infinity_or_nan, result);
    return (uint16_t)(sign >> 16 | (uint32_t)result);
}
#endif

TANHSHRINK_INLINE float f32_from_bf16(uint16_t x) { return f32_from_bits((uint32_t)x << 16); }

/* A NaN must have a lower half of 0, as one that was a bfloat16 has: else it could round to 0. */
TANHSHRINK_INLINE uint16_t bf16_from_f32(float x)
{
    uint32_t bits = f32_bits(x), odd = (bits >> 16) & 1u;
    return (uint16_t)((bits + 0x7fffu + odd) >> 16);
}

/* The same for blocks: compilers do not turn the x86 instructions above into those for vectors. */

TANHSHRINK_INLINE void f32_from_f16_block(const uint16_t *x, float *out, ptrdiff_t n)
{
    ptrdiff_t i = 0;
#if TANHSHRINK_HAS_F16C && defined(__AVX512F__)
    for (; i + 16 <= n; i += 16)
        _mm512_storeu_ps(out + i, _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(x + i))));
#elif TANHSHRINK_HAS_F16C
    for (; i + 8 <= n; i += 8)
        _mm256_storeu_ps(out + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(x + i))));
#endif
    for (; i < n; i++)
        out[i] = f32_from_f16(x[i]);
}

TANHSHRINK_INLINE void f16_from_f32_block(const float *x, uint16_t *out, ptrdiff_t n)
{
    ptrdiff_t i = 0;
#if TANHSHRINK_HAS_F16C && defined(__AVX512F__)
    for (; i + 16 <= n; i += 16)
        _mm256_storeu_si256((__m256i *)(out + i), _mm512_cvtps_ph(_mm512_loadu_ps(x + i), 0));
#elif TANHSHRINK_HAS_F16C
    for (; i + 8 <= n; i += 8)
        _mm_storeu_si128((__m128i *)(out + i), _mm256_cvtps_ph(_mm256_loadu_ps(x + i), 0));
#endif
    for (; i < n; i++)
        out[i] = f16_from_f32(x[i]);
}

/* Raises UNDERFLOW if a result is tiny: subnormal, or 0 although x is not. The portable conversions
 * do not. Such a result is never exact, tanh(x) being irrational. */
TANHSHRINK_INLINE void f16_raise_underflow(const uint16_t *x, const uint16_t *out, ptrdiff_t n,
                                           uint16_t smallest_normal)
{
    uint16_t tiny = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        tiny |= (uint16_t)(((x[i] & 0x7fff) != 0) & ((out[i] & 0x7fff) < smallest_normal));
    if (tiny) {
        volatile float smallest = FLT_MIN;
        smallest = smallest * smallest;
    }
}

/* x and out do not overlap. */
TANHSHRINK_INLINE void tanhshrink_f16_block(const uint16_t *x, uint16_t *out, ptrdiff_t n)
{
    TANHSHRINK_ALIGN(64) float wide[F16_BLOCK];
    for (ptrdiff_t start = 0; start < n; start += F16_BLOCK) {
        ptrdiff_t count = n - start < F16_BLOCK ? n - start : F16_BLOCK;
        f32_from_f16_block(x + start, wide, count);
        for (ptrdiff_t i = 0; i < count; i++)
            wide[i] = tanhshrink_16bit(wide[i]);
        f16_from_f32_block(wide, out + start, count);
    }
#if !TANHSHRINK_HAS_F16C && !TANHSHRINK_HAS_FP16 /* those instructions raise it themselves */
    f16_raise_underflow(x, out, n, 0x0400);
#endif
}

/* x and out do not overlap.  Three loops, as above: compilers mix 16 and 32 bits badly in one. */
TANHSHRINK_INLINE void tanhshrink_bf16_block(const uint16_t *x, uint16_t *out, ptrdiff_t n)
{
    TANHSHRINK_ALIGN(64) float wide[F16_BLOCK];
    for (ptrdiff_t start = 0; start < n; start += F16_BLOCK) {
        ptrdiff_t count = n - start < F16_BLOCK ? n - start : F16_BLOCK;
        for (ptrdiff_t i = 0; i < count; i++)
            wide[i] = f32_from_bf16(x[start + i]);
        for (ptrdiff_t i = 0; i < count; i++)
            wide[i] = tanhshrink_16bit(wide[i]);
        for (ptrdiff_t i = 0; i < count; i++)
            out[start + i] = bf16_from_f32(wide[i]);
    }
    f16_raise_underflow(x, out, n, 0x0080);
}

#endif
