/* What a GPU's compiler has no header for, and the instructions that the kernels need.
 *
 * CuPy compiles with -ftz=true: operators on floats and conversions take subnormal numbers for 0.
 * Instructions that are spelt out do not. */
#ifndef TANHSHRINK_CUDA_INSTRUCTIONS_H
#define TANHSHRINK_CUDA_INSTRUCTIONS_H

/* From the system's headers; the rest of them is built into the compiler. */
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;
#define FLT_MIN 0x1p-126f
#define WARP_SIZE 32 /* threads; the compiler's own word is no constant */
#define HUGE_VAL __longlong_as_double(0x7ff0000000000000)

#define TANHSHRINK_INLINE static __device__ __forceinline__
#define TANHSHRINK_NOINLINE static __device__ __noinline__
#define TANHSHRINK_ALIGN(bytes) __align__(bytes)
/* Not const: a multiply-add reads a coefficient from constant memory at no cost, but takes two more
 * instructions to spell it out. */
#define TANHSHRINK_CONSTANT static __device__ __constant__

/* Asks for a cache line before it is needed. */
TANHSHRINK_INLINE void prefetch_to_l2(const void *address)
{
    asm volatile("prefetch.global.L2 [%0];" : : "l"(address));
}

TANHSHRINK_INLINE float f32_add(float a, float b)
{
    float sum;
    asm("add.rn.f32 %0, %1, %2;" : "=f"(sum) : "f"(a), "f"(b));
    return sum;
}
TANHSHRINK_INLINE float f32_multiply(float a, float b)
{
    float product;
    asm("mul.rn.f32 %0, %1, %2;" : "=f"(product) : "f"(a), "f"(b));
    return product;
}
TANHSHRINK_INLINE float f32_subtract(float a, float b)
{
    float difference;
    asm("sub.rn.f32 %0, %1, %2;" : "=f"(difference) : "f"(a), "f"(b));
    return difference;
}
/* fabs does not clear the sign of NaN: the compiler makes it an addition, whose NaN has one. */
TANHSHRINK_INLINE double f64_absolute(double a)
{
    int64_t bits;
    asm("and.b64 %0, %1, 0x7fffffffffffffff;" : "=l"(bits) : "l"(__double_as_longlong(a)));
    return __longlong_as_double(bits);
}
/* Operators take an instruction, these are part of the next one. */
TANHSHRINK_INLINE float f32_absolute(float a)
{
    float absolute;
    asm("abs.f32 %0, %1;" : "=f"(absolute) : "f"(a));
    return absolute;
}
TANHSHRINK_INLINE float f32_negate(float a)
{
    float negative;
    asm("neg.f32 %0, %1;" : "=f"(negative) : "f"(a));
    return negative;
}
/* a b + c */
TANHSHRINK_INLINE float f32_fma(float a, float b, float c)
{
    float sum;
    asm("fma.rn.f32 %0, %1, %2, %3;" : "=f"(sum) : "f"(a), "f"(b), "f"(c));
    return sum;
}
/* min(|x|, limit); NaN if x is. */
TANHSHRINK_INLINE float f32_clamp(float x, float limit)
{
    float clamped;
#if __CUDA_ARCH__ >= 800
    asm("{ .reg .f32 a; abs.f32 a, %1; min.NaN.f32 %0, a, %2; }"
        : "=f"(clamped) : "f"(x), "f"(limit));
#else
    asm("{ .reg .f32 a; .reg .pred p; abs.f32 a, %1; setp.gt.f32 p, a, %2; selp.f32 %0, %2, a, p; }"
        : "=f"(clamped) : "f"(x), "f"(limit));
#endif
    return clamped;
}
/* 1/b for a normal b: to an ulp, and to 2^-20 */
TANHSHRINK_INLINE float f32_reciprocal_estimate(float b)
{
    float estimate;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(estimate) : "f"(b));
    return estimate;
}
TANHSHRINK_INLINE double f64_reciprocal_estimate(double b)
{
    double estimate;
    asm("rcp.approx.ftz.f64 %0, %1;" : "=d"(estimate) : "d"(b));
    return estimate;
}

TANHSHRINK_INLINE float f32_from_f64(double a)
{
    float rounded;
    asm("cvt.rn.f32.f64 %0, %1;" : "=f"(rounded) : "d"(a));
    return rounded;
}
TANHSHRINK_INLINE double f64_from_f32(float a)
{
    double same;
    asm("cvt.f64.f32 %0, %1;" : "=d"(same) : "f"(a));
    return same;
}
TANHSHRINK_INLINE float f32_from_f16(uint16_t a)
{
    float same;
    asm("cvt.f32.f16 %0, %1;" : "=f"(same) : "h"(a));
    return same;
}
TANHSHRINK_INLINE uint16_t f16_from_f64(double a)
{
    uint16_t rounded;
    asm("cvt.rn.f16.f64 %0, %1;" : "=h"(rounded) : "d"(a));
    return rounded;
}
TANHSHRINK_INLINE uint16_t f16_from_f32(float a)
{
    uint16_t rounded;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(rounded) : "f"(a));
    return rounded;
}

#if __CUDA_ARCH__ >= 800
TANHSHRINK_INLINE uint16_t bf16_from_f32(float a)
{
    uint16_t rounded;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(rounded) : "f"(a));
    return rounded;
}
/* Two in a word */
TANHSHRINK_INLINE uint32_t f16_word_from_f32(float lower, float upper)
{
    uint32_t rounded;
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(rounded) : "f"(upper), "f"(lower));
    return rounded;
}
TANHSHRINK_INLINE uint32_t bf16_word_from_f32(float lower, float upper)
{
    uint32_t rounded;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(rounded) : "f"(upper), "f"(lower));
    return rounded;
}
#else
TANHSHRINK_INLINE uint16_t bf16_from_f32(float a)
{
    uint32_t bits = __float_as_uint(a), odd = (bits >> 16) & 1u;
    bool nan = (bits & 0x7fffffffu) > 0x7f800000u; /* rounding would make some of them 0 or inf */
    return (uint16_t)((nan ? bits | 0x400000u : bits + 0x7fffu + odd) >> 16);
}
TANHSHRINK_INLINE uint32_t f16_word_from_f32(float lower, float upper)
{
    return f16_from_f32(lower) | (uint32_t)f16_from_f32(upper) << 16;
}
TANHSHRINK_INLINE uint32_t bf16_word_from_f32(float lower, float upper)
{
    return bf16_from_f32(lower) | (uint32_t)bf16_from_f32(upper) << 16;
}
#endif

#endif
