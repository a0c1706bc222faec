/* z - tanh(z) and tanh(z)^2 of one complex number on a GPU: the common methods of complex128.h and
 * complex64.h in registers.  All others, and what is doubtful, are left to the block functions,
 * whose lists and arrays lie in memory even if they are of one element. */
#ifndef TANHSHRINK_COMPLEX_GPU_H
#define TANHSHRINK_COMPLEX_GPU_H

#include "complex64.h"

/* tanh(z) for b < 2^20, as c128_tanh_loop computes it */
TANHSHRINK_INLINE complex_pair c128_tanh_usual(double a, double b)
{
    f64_pair sine, one_plus_cosine, sinh, cosh_minus_one;
    table_point angle = angle_point(reduce_angle(b)), power = power_point(a);
    sine_cosine_fast(sine_cosine_rows[angle.index], angle.rest, &sine, &one_plus_cosine);
    sinh_cosh_fast(power_rows[power.index & 63], power.index, power.rest, &sinh, &cosh_minus_one);
    return tanh_quotient_fast(sinh, cosh_minus_one, sine, one_plus_cosine);
}

/* Computes the element of `work`.  Returns whether that is its result.  No part that the methods
 * below compute needs scaling. */
TANHSHRINK_INLINE int c128_usual(c128_work *work, int derivative)
{
    const double a = work->z.a[0], b = work->z.b[0];
    int32_t near_root = derivative ? 0 : (int32_t)c128_is_near_root(a, b);
    int32_t method = c128_method(a, b, derivative ? C128_GRAD_FAR : C128_SHRINK_FAR, near_root, 1,
                                 derivative);
    work->doubt = 1;
    work->doubtful[0] = 0;
    if (method == C128_TANH && f64_below(b, REDUCED_END)) {
        complex_pair tanh = c128_tanh_usual(a, b);
        if (derivative)
            c128_grad_element(work, 0, tanh, work->doubt);
        else
            c128_shrink_element(work, 0, tanh, work->doubt);
    } else if (method == C128_SERIES) {
        c128_series_loop(work, 1, derivative);
    } else if (method == C128_SMALL) {
        c128_small_loop(work, 1, derivative);
    } else if (method == C128_REAL) {
        if (derivative)
            tanhshrink_grad_f64_block(work->z.a, work->z.re, 1);
        else
            tanhshrink_f64_block(work->z.a, work->z.re, 1);
        work->z.im[0] = 0;
    } else {
        return 0;
    }
    return !work->doubtful[0];
}

TANHSHRINK_INLINE void c128_element(const double z[2], double out[2], int derivative)
{
    c128_work work;
    c128_load(z, &work.z, 1, 1);
    if (c128_usual(&work, derivative)) {
        c128_put(&work.z, z, out, 1, derivative);
        return;
    }
    double in_memory[2] = {z[0], z[1]}, result[2];
    if (derivative)
        c128_grad_block(in_memory, result, 1, 1);
    else
        c128_shrink_block(in_memory, result, 1, 1);
    out[0] = result[0];
    out[1] = result[1];
}

TANHSHRINK_INLINE void c64_element(const float z[2], float out[2], int derivative)
{
    const ptrdiff_t first = 0;
    c64_numbers numbers;
    uint64_t method = c64_load(&numbers, z, 1, derivative);
    if (method & C64_REAL) {
        c64_real(z, out, &first, 1, derivative);
        return;
    }
    const double a = numbers.a[0], b = numbers.b[0], rest = numbers.rest[0];
    if (f64_below(b, REDUCED_END) & f64_below(a, HUGE_VAL)) {
        numbers.doubtful[0] =
            method & C64_NEAR_ROOT
                ? c64_near_root(a, b, derivative ? b : rest / 2, numbers.a, numbers.b, derivative)
                : c64_finite(a, b, numbers.quadrant[0], rest, numbers.a, numbers.b, derivative);
        if (!c64_put(&numbers, z, out, 1, derivative))
            return;
    }
    float in_memory[2] = {z[0], z[1]}, result[2];
    if (derivative)
        tanhshrink_grad_c64_block(in_memory, result, 1);
    else
        tanhshrink_c64_block(in_memory, result, 1);
    out[0] = result[0];
    out[1] = result[1];
}

TANHSHRINK_INLINE void tanhshrink_c128_gpu(const double z[2], double out[2])
{
    c128_element(z, out, 0);
}
TANHSHRINK_INLINE void tanhshrink_grad_c128_gpu(const double z[2], double out[2])
{
    c128_element(z, out, 1);
}
TANHSHRINK_INLINE void tanhshrink_c64_gpu(const float z[2], float out[2])
{
    c64_element(z, out, 0);
}
TANHSHRINK_INLINE void tanhshrink_grad_c64_gpu(const float z[2], float out[2])
{
    c64_element(z, out, 1);
}

#endif
