/* z - tanh(z) and tanh(z)^2 of one complex number on a GPU, in up to four steps: the usual method,
 * other common ones, for complex128 those of the elements that these leave in doubt, and the block
 * functions of complex128.h and complex64.h.  The latter's lists and arrays lie in memory even if
 * they are of one element; all before is in registers. */
#ifndef TANHSHRINK_COMPLEX_GPU_H
#define TANHSHRINK_COMPLEX_GPU_H

#include "complex64.h"

/* The steps return whether they have computed the result. */

/* tanh(z) for b < 2^20, as c128_tanh_loop computes it */
TANHSHRINK_INLINE complex_pair c128_tanh_usual(double a, double b)
{
    f64_pair sine, one_plus_cosine, sinh, cosh_minus_one;
    table_point angle = angle_point(reduce_angle(b)), power = power_point(a);
    sine_cosine_fast(sine_cosine_rows[angle.index], angle.rest, &sine, &one_plus_cosine);
    sinh_cosh_fast(power_rows[power.index & 63], power.index, power.rest, &sinh, &cosh_minus_one);
    return tanh_quotient_fast(sinh, cosh_minus_one, sine, one_plus_cosine);
}

/* Loads an element and returns its method.  No part that the methods below compute is scaled. */
TANHSHRINK_INLINE int32_t c128_load_one(c128_work *work, const double z[2], int derivative)
{
    c128_load(z, &work->z, 1, 1);
    work->doubt = 1;
    work->doubtful[0] = 0;
    double a = work->z.a[0], b = work->z.b[0];
    int32_t near_root = derivative ? 0 : (int32_t)c128_is_near_root(a, b);
    return c128_method(a, b, derivative ? C128_GRAD_FAR : C128_SHRINK_FAR, near_root, 1,
                       derivative);
}

TANHSHRINK_INLINE bool complex_first(const double z[2], double out[2], int derivative)
{
    c128_work work;
    int32_t method = c128_load_one(&work, z, derivative);
    if (method != C128_TANH || !f64_below(work.z.b[0], REDUCED_END))
        return false;
    complex_pair tanh = c128_tanh_usual(work.z.a[0], work.z.b[0]);
    if (derivative)
        c128_grad_element(&work, 0, tanh, work.doubt);
    else
        c128_shrink_element(&work, 0, tanh, work.doubt);
    c128_put(&work.z, z, out, 1, derivative);
    return !work.doubtful[0];
}

TANHSHRINK_INLINE bool complex_second(const double z[2], double out[2], int derivative)
{
    c128_work work;
    int32_t method = c128_load_one(&work, z, derivative);
    if (method == C128_SERIES) {
        c128_series_loop(&work, 1, derivative);
    } else if (method == C128_SMALL) {
        c128_small_loop(&work, 1, derivative);
    } else if (method == C128_REAL) {
        double a = work.z.a[0];
        work.doubtful[0] = derivative ? !tanhshrink_grad_f64_fast(a, work.z.re)
                                      : !tanhshrink_f64_fast(a, work.z.re);
        work.z.im[0] = 0;
    } else {
        return false;
    }
    c128_put(&work.z, z, out, 1, derivative);
    return !work.doubtful[0];
}

TANHSHRINK_INLINE complex_pair c128_tanh_of(double a, table_point angle)
{
    f64_pair sine, one_plus_cosine, sinh, cosh_minus_one;
    table_point power = power_point(a);
    sine_cosine(sine_cosine_rows[angle.index], angle.rest, &sine, &one_plus_cosine);
    sinh_cosh(power_rows[power.index & 63], power.index, power.rest, &sinh, &cosh_minus_one);
    return tanh_quotient(sinh, cosh_minus_one, sine, one_plus_cosine);
}

TANHSHRINK_INLINE bool complex_third(const double z[2], double out[2], int derivative)
{
    c128_work work;
    int32_t method = c128_load_one(&work, z, derivative);
    if (method == C128_TANH && f64_below(work.z.b[0], REDUCED_END)) {
        table_point angle = angle_point(reduce_angle(work.z.b[0]));
        complex_pair tanh = c128_tanh_of(work.z.a[0], angle);
        c128_accurate_element(&work, 0, tanh, angle, derivative);
    } else if (method == C128_RAY || method == C128_SERIES || method == C128_SMALL) {
        c128_ray_loop(&work, 1, derivative);
    } else {
        return false;
    }
    c128_put(&work.z, z, out, 1, derivative);
    return !work.doubtful[0];
}

TANHSHRINK_INLINE void complex_last(const double z[2], double out[2], int derivative)
{
    if (derivative)
        tanhshrink_grad_c128_block(z, out, 1);
    else
        tanhshrink_c128_block(z, out, 1);
}

TANHSHRINK_INLINE bool complex_first(const float z[2], float out[2], int derivative)
{
    c64_numbers numbers;
    float x = f32_absolute(z[0]), y = f32_absolute(z[1]);
    if (f32_bits(x) >= 0x7f800000 || f32_bits(y) >= f32_bits(REDUCED_END) || f32_bits(y) == 0)
        return false;
    double a = f64_from_f32(x), b = f64_from_f32(y), rest, quadrant = c64_reduce(b, &rest);
    if (c64_is_near_root(a, b, quadrant, rest, derivative))
        return false;
    numbers.doubtful[0] = c64_finite(a, b, quadrant, rest, numbers.a, numbers.b, derivative);
    return !c64_put(&numbers, z, out, 1, derivative);
}

TANHSHRINK_INLINE bool complex_second(const float z[2], float out[2], int derivative)
{
    c64_numbers numbers;
    const ptrdiff_t first = 0;
    uint64_t method = c64_load(&numbers, z, 1, derivative);
    if (method & C64_REAL) {
        c64_real(z, out, &first, 1, derivative);
        return true;
    }
    if (!(method & C64_NEAR_ROOT))
        return false;
    double a = numbers.a[0], b = numbers.b[0], b_rest = derivative ? b : numbers.rest[0] / 2;
    numbers.doubtful[0] = c64_near_root(a, b, b_rest, numbers.a, numbers.b, derivative);
    return !c64_put(&numbers, z, out, 1, derivative);
}

TANHSHRINK_INLINE void complex_last(const float z[2], float out[2], int derivative)
{
    if (derivative)
        tanhshrink_grad_c64_block(z, out, 1);
    else
        tanhshrink_c64_block(z, out, 1);
}

/* How many: of complex64, the second one leaves too little for a third. */
template <typename T> TANHSHRINK_INLINE constexpr int complex_steps(void)
{
    return sizeof(T) == sizeof(float) ? 3 : 4;
}

/* One of the steps, from 1, for *x; sets *y if that is its result. */
template <typename T>
TANHSHRINK_INLINE bool complex_step(int step, const complex<T> *x, complex<T> *y, int derivative)
{
    T z[2] = {x->real(), x->imag()}, f[2];
    bool computed = true;
    if (step == complex_steps<T>())
        complex_last(z, f, derivative);
    else if (step == 1)
        computed = complex_first(z, f, derivative);
    else if (step == 2)
        computed = complex_second(z, f, derivative);
    else if constexpr (complex_steps<T>() > 3)
        computed = complex_third(z, f, derivative);
    if (computed)
        *y = complex<T>(f[0], f[1]);
    return computed;
}

template <typename T> TANHSHRINK_INLINE complex<T> complex_element(complex<T> x, int derivative)
{
    complex<T> y;
    bool computed = false;
    #pragma unroll
    for (int step = 1; step <= complex_steps<T>(); step++)
        if (!computed)
            computed = complex_step(step, &x, &y, derivative);
    return y;
}

#endif
