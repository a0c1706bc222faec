/* What every kernel asks of the compiler, and the few words all kernels share.
 *
 * The kernels know neither Python nor NumPy.  Their proofs hold only if each operation below is
 * one IEEE-754 operation, rounded once, in the order written.  So: no contraction (every fused
 * multiply-add is spelled out), no fast-math, no excess precision.  Compile with
 * -ffp-contract=off; what the compiler reports of the rest is checked here. */
#ifndef TANHSHRINK_CONTRACT_H
#define TANHSHRINK_CONTRACT_H

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__FAST_MATH__) || defined(_M_FP_FAST) || defined(__RECIPROCAL_MATH__) || \
    defined(__ASSOCIATIVE_MATH__) || defined(__NO_SIGNED_ZEROS__) || \
    defined(__NO_TRAPPING_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "tanhshrink promises exact bits: remove -ffast-math and its parts from the compiler flags"
#endif
#ifdef __cplusplus
static_assert(sizeof 1.0 == sizeof(double), "tanhshrink: remove -fsingle-precision-constant");
#else
_Static_assert(sizeof 1.0 == sizeof(double), "tanhshrink: remove -fsingle-precision-constant");
#endif
#if FLT_EVAL_METHOD != 0
#error "tanhshrink needs float and double evaluated in their own precision: use -msse2 -mfpmath=sse"
#endif

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(_MSC_VER)
#pragma fp_contract(off)
#endif

/* Without a fused multiply-add in hardware, fma() is a slow library call: never use it there. */
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__FP_FAST_FMA) || \
    (defined(_MSC_VER) && defined(__AVX2__)) || defined(TANHSHRINK_CUDA)
#define TANHSHRINK_HAS_FMA 1
#else
#define TANHSHRINK_HAS_FMA 0
#endif

#if defined(TANHSHRINK_CUDA) /* for a GPU, by the backend for CuPy */
#include "cuda.h"
#elif defined(_MSC_VER)
#define TANHSHRINK_INLINE static __forceinline
#define TANHSHRINK_NOINLINE static __declspec(noinline)
#define TANHSHRINK_ALIGN(bytes) __declspec(align(bytes))
#else
#define TANHSHRINK_INLINE static inline __attribute__((always_inline))
#define TANHSHRINK_NOINLINE static __attribute__((noinline, unused))
#define TANHSHRINK_ALIGN(bytes) __attribute__((aligned(bytes)))
#endif
#if !defined(TANHSHRINK_CUDA)
#define TANHSHRINK_CONSTANT static const
#endif

/* A large table, of which the linker keeps one copy for all targets. */
#if defined(TANHSHRINK_CUDA)
#define TANHSHRINK_TABLE static const
#elif defined(_WIN32)
#define TANHSHRINK_TABLE const __declspec(selectany)
#elif defined(__cplusplus)
#define TANHSHRINK_TABLE extern const __attribute__((weak, visibility("hidden")))
#else
#define TANHSHRINK_TABLE const __attribute__((weak, visibility("hidden")))
#endif

TANHSHRINK_INLINE uint32_t f32_bits(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}
TANHSHRINK_INLINE uint64_t f64_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}
TANHSHRINK_INLINE float f32_from_bits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}
TANHSHRINK_INLINE double f64_from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* condition ? a : b, without a branch, with which loops would not become vectors.  Signed, because
 * SSE2 compares no unsigned integers. */
TANHSHRINK_INLINE int32_t i32_select(int condition, int32_t a, int32_t b)
{
    return (a & -condition) | (b & ~-condition);
}

/* Asks for a cache line before it is needed. */
TANHSHRINK_INLINE void prefetch_line(const void *address, ptrdiff_t bytes_ahead)
{
#if defined(__GNUC__) && !defined(TANHSHRINK_CUDA)
    /* Integers, as it may lead out of the array. */
    __builtin_prefetch((const void *)((uintptr_t)address + (uintptr_t)bytes_ahead));
#else
    (void)address;
    (void)bytes_ahead;
#endif
}

/* A GPU needs more than operators for these; cuda.h says why, and for which operands they serve. */
#if !defined(TANHSHRINK_CUDA)
TANHSHRINK_INLINE float f32_add(float a, float b) { return a + b; }
TANHSHRINK_INLINE float f32_multiply(float a, float b) { return a * b; }
TANHSHRINK_INLINE double f64_absolute(double a) { return fabs(a); }
TANHSHRINK_INLINE float f32_absolute(float a) { return f32_from_bits(f32_bits(a) & 0x7fffffffu); }
TANHSHRINK_INLINE float f32_subtract(float a, float b) { return a - b; }
TANHSHRINK_INLINE float f32_divide_nearly(float a, float b) { return a / b; }
TANHSHRINK_INLINE double f64_divide_nearly(double a, double b) { return a / b; }
TANHSHRINK_INLINE double f64_reciprocal(double b) { return 1 / b; }
/* min(|x|, limit), also if x is NaN.  Integers compare like the floats whose bits they are, except
 * that NaN raises no flag. */
TANHSHRINK_INLINE float f32_clamp(float x, float limit)
{
    int32_t magnitude = (int32_t)(f32_bits(x) & 0x7fffffffu), most = (int32_t)f32_bits(limit);
    return f32_from_bits((uint32_t)(magnitude < most ? magnitude : most));
}
TANHSHRINK_INLINE float f32_from_f64(double a) { return (float)a; }
TANHSHRINK_INLINE double f64_from_f32(float a) { return a; }
#endif

#define F32_SIGN 0x80000000u
#define F64_SIGN 0x8000000000000000u

#endif
