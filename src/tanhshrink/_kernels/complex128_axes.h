/* z - tanh(z) and tanh(z)^2 in complex128 on and next to the axes: one part of z is e, 0 or so tiny
 * that only its first power matters, and the other is x >= 1/4.
 *
 *     f(x + ie) = x - tanh x + i e tanh(x)^2      f'(x + ie) = tanh(x)^2 + 2i e tanh(x)/cosh(x)^2
 *     f(e + ix) = i (x - tan x) - e tan(x)^2      f'(e + ix) = -tan(x)^2 + 2i e tan(x)/cos(x)^2
 *
 * This is tanh(z) as in complex128_tanh.h with half the work: tanh x = sinh 2x / (1 + cosh 2x), of
 * which 2 / (1 + cosh 2x) is 1/cosh(x)^2, and likewise for the tangent.
 *
 * Error 2^-64 of tanh x or tan x, so below 2^-58.4 of x - tanh x and, where it is not doubtful, of
 * x - tan x.  Nothing cancels in the other parts: 2^-62. */
#ifndef TANHSHRINK_COMPLEX128_AXES_H
#define TANHSHRINK_COMPLEX128_AXES_H

#include "complex128_fast.h"

#define C128_AXIS_END 0x1p-199 /* 1.2e-60: a part that is tiny has been scaled to less than this */

/* 1 + cosh 2x or 1 + cos 2x, and sinh 2x or sin 2x */
TANHSHRINK_INLINE void c128_axis_element(c128_work *work, ptrdiff_t j, f64_pair numerator,
                                         f64_pair denominator, int imaginary, int e_zero,
                                         int derivative)
{
    double x = imaginary ? work->z.b[j] : work->z.a[j];
    double e = imaginary ? work->z.a[j] : work->z.b[j];
    f64_pair divisor = pair_normalize(denominator);
    double reciprocal = 1 / divisor.high;
    f64_pair tanh = pair_divide(numerator, divisor, reciprocal), t = pair_normalize(tanh);
    f64_pair x_part, e_part = pair_signed_zero(t);
    if (derivative) {
        f64_pair square = pair_square(t);
        x_part = imaginary ? pair_negate(square) : square;
        if (!e_zero) {
            f64_pair slope = pair_divide(pair_scale(t, 4), divisor, reciprocal);
            e_part = pair_choose((f64_bits(e) - 1) >> 63, e_part, pair_multiply_f64(slope, e));
        }
        work->doubtful[j] = 0;
    } else {
        x_part = pair_add(pair(x, 0), pair_negate(tanh));
        if (!e_zero)
            e_part = pair_multiply_f64(pair_square(t), e);
        if (imaginary)
            e_part = c128_minus_zero(e, pair_negate(e_part));
        double size = fabs(pair_round(x_part));
        work->doubtful[j] = f64_below(size, C128_ZERO_DOUBTFUL * x) & f64_below(4, x);
    }
    int x_first = derivative | (imaginary ^ 1);
    c128_store(work, j, x_first ? x_part : e_part, x_first ? e_part : x_part);
}

TANHSHRINK_INLINE void c128_imaginary_elements(c128_work *work, const c128_reduced *reduced,
                                               ptrdiff_t n, int e_zero, int derivative)
{
    for (ptrdiff_t j = 0; j < n; j++) {
        f64_pair sine, one_plus_cosine, r = pair(reduced->r_high[j], reduced->r_low[j]);
        sine_cosine_fast(reduced->angle_row[j], r, &sine, &one_plus_cosine);
        c128_axis_element(work, j, sine, one_plus_cosine, 1, e_zero, derivative);
    }
}

TANHSHRINK_INLINE void c128_imaginary_loop(c128_work *work, ptrdiff_t n, int derivative)
{
    c128_reduced reduced;
    uint64_t any = 0;
    c128_reduce_angles(&work->z, &reduced, n);
    for (ptrdiff_t j = 0; j < n; j++)
        any |= f64_bits(work->z.a[j]);
    if (any)
        c128_imaginary_elements(work, &reduced, n, 0, derivative);
    else
        c128_imaginary_elements(work, &reduced, n, 1, derivative);
}

TANHSHRINK_INLINE void c128_near_real_loop(c128_work *work, ptrdiff_t n, int derivative)
{
    c128_reduced reduced;
    c128_reduce_powers(&work->z, &reduced, n);
    for (ptrdiff_t j = 0; j < n; j++) {
        f64_pair sinh, cosh_minus_one, h = pair(reduced.h_high[j], reduced.h_low[j]);
        sinh_cosh_fast(reduced.power_row[j], reduced.power[j], h, &sinh, &cosh_minus_one);
        f64_pair one_plus_cosh = pair_add(pair(2, 0), cosh_minus_one);
        c128_axis_element(work, j, sinh, one_plus_cosh, 0, 0, derivative);
    }
}

#endif
