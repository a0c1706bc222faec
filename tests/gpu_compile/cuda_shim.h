/* Stands in for cuda_instructions.h, so that CUDA source compiles for an x86 CPU. */
#include <float.h>
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define TANHSHRINK_INLINE static inline __attribute__((always_inline))
#define TANHSHRINK_NOINLINE static __attribute__((noinline, unused))
#define TANHSHRINK_ALIGN(bytes) __attribute__((aligned(bytes)))
#define TANHSHRINK_CONSTANT static const
#define WARP_SIZE 32

static inline double f64_absolute(double a) { return fabs(a); }
/* Like a GPU's, it gives NaN a sign. */
static inline double gpu_fabs(double a) { return a != a ? -__builtin_nan("") : fabs(a); }
#define fabs gpu_fabs
static inline void prefetch_to_l2(const void *) {}
static inline float f32_add(float a, float b) { return a + b; }
static inline float f32_multiply(float a, float b) { return a * b; }
static inline float f32_subtract(float a, float b) { return a - b; }
static inline float f32_negate(float a) { return -a; }
static inline float f32_absolute(float a) { return fabsf(a); }
static inline float f32_clamp(float x, float limit) { return fabsf(x) > limit ? limit : fabsf(x); }
static inline float f32_fma(float a, float b, float c) { return fmaf(a, b, c); }
static inline float f32_from_f64(double a) { return (float)a; }
static inline double f64_from_f32(float a) { return a; }
static inline float f32_from_f16(uint16_t a)
{
    return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(a)));
}
static inline uint16_t f16_from_f32(float a)
{
    return (uint16_t)_mm_cvtsi128_si32(_mm_cvtps_ph(_mm_set_ss(a), 0));
}
/* By a float that is rounded to odd, so that to round it again does no harm. */
static inline uint16_t f16_from_f64(double a)
{
    float rounded = (float)a;
    int32_t bits;
    memcpy(&bits, &rounded, sizeof bits);
    if (rounded != a && a == a && fabs(a) < 0x1p17) {
        bits -= fabs((double)rounded) > fabs(a);
        bits |= 1;
    }
    memcpy(&rounded, &bits, sizeof bits);
    return f16_from_f32(rounded);
}
static inline uint16_t bf16_from_f32(float a)
{
    uint32_t bits;
    memcpy(&bits, &a, sizeof bits);
    return (uint16_t)((a == a ? bits + 0x7fff + (bits >> 16 & 1) : bits | 0x400000) >> 16);
}
static inline uint32_t f16_word_from_f32(float lower, float upper)
{
    return f16_from_f32(lower) | (uint32_t)f16_from_f32(upper) << 16;
}
static inline uint32_t bf16_word_from_f32(float lower, float upper)
{
    return bf16_from_f32(lower) | (uint32_t)bf16_from_f32(upper) << 16;
}

/* How far the estimates below are off, from -1 to 1: the most that the GPU's may be. */
static int estimate_error = 0;

static inline float f32_reciprocal_estimate(float b)
{
    float estimate = 1 / b;
    int32_t bits;
    memcpy(&bits, &estimate, sizeof bits);
    bits += estimate_error; /* ulps */
    memcpy(&estimate, &bits, sizeof bits);
    return estimate;
}
/* Like the GPU's, it has no more than its upper 32 bits. */
static inline double f64_reciprocal_estimate(double b)
{
    double estimate = 1 / b * (1 + estimate_error * 0x1p-20);
    int64_t bits;
    memcpy(&bits, &estimate, sizeof bits);
    bits &= -((int64_t)1 << 32);
    memcpy(&estimate, &bits, sizeof bits);
    return estimate;
}
