/* z - tanh(z) and tanh(z)^2 in complex64: the block functions.
 *
 * One vector loop for all, see complex64_fast.h.  Elements that it was not made for compute with
 * other numbers instead.  They are left to complex128's special values, parts of f next to where
 * they vanish to its kernel, and real numbers other than 0 to the float32 one. */
#ifndef TANHSHRINK_COMPLEX64_H
#define TANHSHRINK_COMPLEX64_H

#include "complex128.h"
#include "complex64_fast.h"
#include "float32.h"

#if defined(TANHSHRINK_CUDA)
#define C64_BLOCK 1
#else
#define C64_BLOCK 256 /* most elements a call works on */
#endif

/* Special values, those in a list, as doubles of the first quadrant */
TANHSHRINK_NOINLINE void c64_not_finite(const float *z, double *re, double *im,
                                        const uint8_t *index, ptrdiff_t n, int derivative)
{
    for (ptrdiff_t j = 0; j < n; j++) {
        ptrdiff_t i = index[j];
        double a = fabs(f64_from_f32(z[2 * i])), b = fabs(f64_from_f32(z[2 * i + 1]));
        c128_not_finite(a, b, &re[i], &im[i], derivative);
    }
}

/* Lists the elements of which `what` is still to be done; index has room for one more. */
TANHSHRINK_INLINE ptrdiff_t c64_list(const uint64_t *to_do, ptrdiff_t n, uint64_t what,
                                     uint8_t *index)
{
    ptrdiff_t count = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        index[count] = (uint8_t)i;
        count += to_do[i] == what;
    }
    return count;
}

/* All bits if z is real and not 0, or none. */
TANHSHRINK_INLINE uint32_t c64_is_real(const float *z)
{
    uint32_t x_is_zero = f32_bits(z[0]) << 1 == 0, y_is_zero = f32_bits(z[1]) << 1 == 0;
    return 0 - (y_is_zero & ~x_is_zero);
}

/* By the complex128 kernel, those in a list */
TANHSHRINK_NOINLINE void c64_again(const float *z, float *out, const uint8_t *index, ptrdiff_t n,
                                   int derivative)
{
    TANHSHRINK_ALIGN(64) double z128[2 * C128_BLOCK];
    TANHSHRINK_ALIGN(64) double out128[2 * C128_BLOCK];
    for (ptrdiff_t start = 0; start < n; start += C128_BLOCK, index += C128_BLOCK) {
        ptrdiff_t count = n - start < C128_BLOCK ? n - start : C128_BLOCK;
        for (ptrdiff_t j = 0; j < 2 * count; j++)
            z128[j] = f64_from_f32(z[2 * index[j / 2] + j % 2]);
        if (derivative)
            tanhshrink_grad_c128_block(z128, out128, count);
        else
            tanhshrink_c128_block(z128, out128, count);
        for (ptrdiff_t j = 0; j < 2 * count; j++)
            out[2 * index[j / 2] + j % 2] = f32_from_f64(out128[j]);
    }
}

/* On the real axis the real part is the real function, bit for bit. */
TANHSHRINK_INLINE void c64_real(const float *z, float *out, ptrdiff_t n, int derivative)
{
    TANHSHRINK_ALIGN(64) float x[C64_BLOCK];
    TANHSHRINK_ALIGN(64) float f[C64_BLOCK];
    for (ptrdiff_t i = 0; i < n; i++) /* elsewhere 0, which raises no flag */
        x[i] = f32_from_bits(f32_bits(z[2 * i]) & c64_is_real(z + 2 * i));
    if (derivative)
        tanhshrink_grad_f32_block(x, f, n);
    else
        tanhshrink_f32_block(x, f, n);
    for (ptrdiff_t i = 0; i < n; i++) {
        uint32_t mask = c64_is_real(z + 2 * i);
        out[2 * i] = f32_from_bits((f32_bits(f[i]) & mask) | (f32_bits(out[2 * i]) & ~mask));
    }
}

TANHSHRINK_INLINE void c64_block(const float *z, float *out, ptrdiff_t n, int derivative)
{
    TANHSHRINK_ALIGN(64) double a[C64_BLOCK];
    TANHSHRINK_ALIGN(64) double b[C64_BLOCK];
    TANHSHRINK_ALIGN(64) double quadrant[C64_BLOCK];
    TANHSHRINK_ALIGN(64) double rest[C64_BLOCK];
    TANHSHRINK_ALIGN(64) uint64_t to_do[C64_BLOCK];
    uint8_t index[C64_BLOCK + 1];
    uint64_t any_to_do = 0, any_real = 0, any_large = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        a[i] = fabs(f64_from_f32(z[2 * i]));
        b[i] = fabs(f64_from_f32(z[2 * i + 1]));
        uint64_t usual = f64_below(b[i], REDUCED_END);
        quadrant[i] = c64_reduce(f64_choose(usual, b[i], 0), &rest[i]);
        any_real |= (f64_bits(b[i]) - 1) & ~(f64_bits(a[i]) - 1); /* the sign bit: b = 0, a > 0 */
        any_large |= usual ^ 1;
    }
    if (any_large)
        for (ptrdiff_t i = 0; i < n; i++)
            if (f64_below(b[i], HUGE_VAL) && !f64_below(b[i], REDUCED_END))
                quadrant[i] = c64_reduce_large(b[i], &rest[i]);
    for (ptrdiff_t i = 0; i < n; i++) {
        double re, im;
        to_do[i] = c64_element(a[i], b[i], quadrant[i], rest[i], &re, &im, derivative);
        any_to_do |= to_do[i];
        a[i] = re;
        b[i] = im;
    }
    if (any_to_do & C64_NOT_FINITE) {
        ptrdiff_t count = c64_list(to_do, n, C64_NOT_FINITE, index);
        c64_not_finite(z, a, b, index, count, derivative);
    }
    for (ptrdiff_t i = 0; i < n; i++) {
        uint32_t x_sign = f32_bits(z[2 * i]) & F32_SIGN, y_sign = f32_bits(z[2 * i + 1]) & F32_SIGN;
        out[2 * i] = f32_from_bits(f32_bits(f32_from_f64(a[i])) ^ (derivative ? 0 : x_sign));
        out[2 * i + 1] =
            f32_from_bits(f32_bits(f32_from_f64(b[i])) ^ (derivative ? x_sign ^ y_sign : y_sign));
    }
    if (any_to_do & C64_AGAIN)
        c64_again(z, out, index, c64_list(to_do, n, C64_AGAIN, index), derivative);
    if (any_real >> 63)
        c64_real(z, out, n, derivative);
}

/* out[i] = z[i] - tanh(z[i]) for n <= C64_BLOCK complex elements; z and out do not overlap. */
TANHSHRINK_NOINLINE void tanhshrink_c64_block(const float *z, float *out, ptrdiff_t n)
{
    c64_block(z, out, n, 0);
}

/* out[i] = tanh(z[i])^2 for n <= C64_BLOCK complex elements; z and out do not overlap. */
TANHSHRINK_NOINLINE void tanhshrink_grad_c64_block(const float *z, float *out, ptrdiff_t n)
{
    c64_block(z, out, n, 1);
}

#endif
