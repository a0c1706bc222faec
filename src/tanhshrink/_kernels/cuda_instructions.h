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
/* a b + c */
TANHSHRINK_INLINE float f32_fma(float a, float b, float c)
{
    float sum;
    asm("fma.rn.f32 %0, %1, %2, %3;" : "=f"(sum) : "f"(a), "f"(b), "f"(c));
    return sum;
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
TANHSHRINK_INLINE uint16_t f16_from_f32(float a)
{
    uint16_t rounded;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(rounded) : "f"(a));
    return rounded;
}

#if __CUDA_ARCH__ >= 800
#define TANHSHRINK_HAS_BF16
TANHSHRINK_INLINE uint16_t bf16_from_f32(float a)
{
    uint16_t rounded;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(rounded) : "f"(a));
    return rounded;
}
#endif

#endif
