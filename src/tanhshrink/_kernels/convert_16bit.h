/* Conversions between float and float16 or bfloat16, one by one and in blocks. */
#ifndef TANHSHRINK_CONVERT_16BIT_H
#define TANHSHRINK_CONVERT_16BIT_H

#include "contract.h"
#include "float32.h"

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

/* Exact or to nearest even.  NaN keeps its sign and what fits of its payload.  For the x86
 * instructions, 0 means to nearest. */

#if defined(TANHSHRINK_CUDA)
/* cuda_instructions.h has them */
#elif TANHSHRINK_HAS_F16C
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
TANHSHRINK_INLINE float f32_from_f16(uint16_t x)
{
    uint32_t sign = (uint32_t)(x & 0x8000u) << 16;
    int32_t magnitude = (int32_t)(x & 0x7fffu) << 13;
    /* From exponent bias 15 to 127.  |x| < 2^-14: as multiples of 2^-24, the ulp of 2^-14.
     * Infinity and NaN: the largest exponent. */
    int32_t normal = magnitude + 0x38000000;
    float shifted = f32_from_bits((uint32_t)magnitude + 0x38800000u) - 0x1p-14f;
    int32_t result = i32_select(magnitude < 0x00800000, (int32_t)f32_bits(shifted), normal);
    int32_t infinity_or_nan = i32_select(magnitude >= 0x0f800000, 0x7f800000, 0);
    return f32_from_bits(sign | (uint32_t)(result | infinity_or_nan));
}
TANHSHRINK_INLINE uint16_t f16_from_f32(float x)
{
    uint32_t sign = f32_bits(x) & F32_SIGN;
    int32_t magnitude = (int32_t)(f32_bits(x) ^ sign), odd = (magnitude >> 13) & 1;
    /* |x| >= 2^-14: from exponent bias 127 to 15, and rounded, at most to infinity; infinity and
     * NaN: just cut off. */
    int32_t normal = (magnitude - 0x38000000 + 0xfff + odd) >> 13;
    normal = normal < 0x7c00 ? normal : 0x7c00;
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

#if !defined(TANHSHRINK_CUDA)
/* A NaN must have a lower half of 0, as one that was a bfloat16 has: else it could round to 0. */
TANHSHRINK_INLINE uint16_t bf16_from_f32(float x)
{
    uint32_t bits = f32_bits(x), odd = (bits >> 16) & 1u;
    return (uint16_t)((bits + 0x7fffu + odd) >> 16);
}
#endif

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

TANHSHRINK_INLINE void f32_from_bf16_block(const uint16_t *x, float *out, ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++)
        out[i] = f32_from_bf16(x[i]);
}

TANHSHRINK_INLINE void bf16_from_f32_block(const float *x, uint16_t *out, ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++)
        out[i] = bf16_from_f32(x[i]);
}

/* Either of both pairs, inlined wherever it is an argument. */
typedef void widen_block(const uint16_t *x, float *out, ptrdiff_t n);
typedef void narrow_block(const float *x, uint16_t *out, ptrdiff_t n);

/* Raises UNDERFLOW if a result is tiny: subnormal, or 0 although x is not. The portable conversions
 * do not. Such a result is never exact, tanh(x) being irrational. Returns whether there is one. */
TANHSHRINK_INLINE int f16_raise_underflow(const uint16_t *x, const uint16_t *out, ptrdiff_t n,
                                           uint16_t smallest_normal)
{
    uint16_t tiny = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        tiny |= (uint16_t)(((x[i] & 0x7fff) != 0) & ((out[i] & 0x7fff) < smallest_normal));
    if (tiny)
        f32_square_for_flag(FLT_MIN);
    return tiny;
}

/* Raises UNDERFLOW and OVERFLOW where a result converted to float16 has left its range. */
TANHSHRINK_INLINE void f16_raise_range(const float *result, const uint16_t *out, ptrdiff_t n)
{
    int tiny = 0, huge = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        int32_t magnitude = (int32_t)(f32_bits(result[i]) & ~F32_SIGN), half = out[i] & 0x7fff;
        tiny |= (magnitude != 0) & (half < 0x0400);
        huge |= (magnitude < 0x7f800000) & (half == 0x7c00);
    }
    if (tiny)
        f32_square_for_flag(FLT_MIN);
    if (huge)
        f32_square_for_flag(FLT_MAX);
}

#endif
