/* z - tanh(z) and its derivative tanh(z)^2 for pairs of float16 or bfloat16, the complex32 and
 * bcomplex32 of ml_dtypes: by the complex64 kernel, rounded again.
 *
 * Each part of that is within an ulp of a float, 2^-13 ulp of a float16 and 2^-16 of a bfloat16; so
 * it is within 0.5002 ulp after rounding (measured: 0.5001, on 900 000 z), or 0.501 next to curves
 * where it vanishes. In norm that is as many eps at most, if no part is subnormal.
 * A real number has the result of the real kernel, which rounds only once. */
#ifndef TANHSHRINK_COMPLEX_16BIT_H
#define TANHSHRINK_COMPLEX_16BIT_H

#include "complex64.h"
#include "float16.h"

#define COMPLEX_16BIT_BLOCK 128 /* elements converted, computed and converted back together */

typedef void c64_function(const float *z, float *out, ptrdiff_t n);
typedef void f16_function(const uint16_t *x, uint16_t *out, ptrdiff_t n);

/* Replaces the real parts of the results for real z. */
TANHSHRINK_INLINE void complex_16bit_real(const uint16_t *z, uint16_t *out, ptrdiff_t n,
                                          f16_function *real)
{
    uint16_t x[COMPLEX_16BIT_BLOCK], f[COMPLEX_16BIT_BLOCK];
    int any_real = 0;
    for (ptrdiff_t i = 0; i < n; i++) { /* elsewhere 0, which raises no flag */
        int is_real = (z[2 * i + 1] & 0x7fff) == 0;
        any_real |= is_real;
        x[i] = (uint16_t)(z[2 * i] & -is_real);
    }
    if (!any_real)
        return;
    real(x, f, n);
    for (ptrdiff_t i = 0; i < n; i++)
        if ((z[2 * i + 1] & 0x7fff) == 0)
            out[2 * i] = f[i];
}

TANHSHRINK_INLINE void complex_16bit_block(const uint16_t *z, uint16_t *out, ptrdiff_t n,
                                           widen_block *widen, c64_function *compute,
                                           narrow_block *narrow, f16_function *real)
{
    TANHSHRINK_ALIGN(64) float wide[2 * COMPLEX_16BIT_BLOCK];
    TANHSHRINK_ALIGN(64) float result[2 * COMPLEX_16BIT_BLOCK];
    for (ptrdiff_t start = 0; start < n; start += COMPLEX_16BIT_BLOCK) {
        ptrdiff_t count = n - start < COMPLEX_16BIT_BLOCK ? n - start : COMPLEX_16BIT_BLOCK;
        widen(z + 2 * start, wide, 2 * count);
        compute(wide, result, count);
        narrow(result, out + 2 * start, 2 * count);
        complex_16bit_real(z + 2 * start, out + 2 * start, count, real);
    }
}

TANHSHRINK_INLINE void f16_from_f32_block_with_flags(const float *x, uint16_t *out, ptrdiff_t n)
{
    f16_from_f32_block(x, out, n);
#if !TANHSHRINK_HAS_F16C && !TANHSHRINK_HAS_FP16 /* those instructions raise them themselves */
    f16_raise_range(x, out, n);
#endif
}

TANHSHRINK_INLINE void c32_block(const uint16_t *z, uint16_t *out, ptrdiff_t n,
                                 c64_function *compute, f16_function *real)
{
    complex_16bit_block(z, out, n, f32_from_f16_block, compute, f16_from_f32_block_with_flags,
                        real);
}

/* Underflow is raised by the complex64 kernel, as a float is subnormal where a bfloat16 is. */
TANHSHRINK_INLINE void bc32_block(const uint16_t *z, uint16_t *out, ptrdiff_t n,
                                  c64_function *compute, f16_function *real)
{
    complex_16bit_block(z, out, n, f32_from_bf16_block, compute, bf16_from_f32_block, real);
}

/* In all of these, z and out do not overlap. */
TANHSHRINK_INLINE void tanhshrink_c32_block(const uint16_t *z, uint16_t *out, ptrdiff_t n)
{
    c32_block(z, out, n, tanhshrink_c64_block, tanhshrink_f16_block);
}
TANHSHRINK_INLINE void tanhshrink_bc32_block(const uint16_t *z, uint16_t *out, ptrdiff_t n)
{
    bc32_block(z, out, n, tanhshrink_c64_block, tanhshrink_bf16_block);
}
TANHSHRINK_INLINE void tanhshrink_grad_c32_block(const uint16_t *z, uint16_t *out, ptrdiff_t n)
{
    c32_block(z, out, n, tanhshrink_grad_c64_block, tanhshrink_grad_f16_block);
}
TANHSHRINK_INLINE void tanhshrink_grad_bc32_block(const uint16_t *z, uint16_t *out, ptrdiff_t n)
{
    bc32_block(z, out, n, tanhshrink_grad_c64_block, tanhshrink_grad_bf16_block);
}

#endif
