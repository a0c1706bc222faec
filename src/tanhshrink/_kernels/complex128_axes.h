/* z - tanh(z) and tanh(z)^2 in complex128 on and next to the axes: one part of z is e, 0 or so tiny
 * that only its first power matters; the other is x.
 *
 *     f(x + ie) = x - tanh x + i e tanh(x)^2      f'(x + ie) = tanh(x)^2 + 2i e tanh(x)/cosh(x)^2
 *     f(e + ix) = i (x - tan x) - e tan(x)^2      f'(e + ix) = -tan(x)^2 + 2i e tan(x)/cos(x)^2
 *
 * For x >= 1/4 this is tanh(z) as in complex128_tanh.h with half the work:
 * tanh x = sinh 2x / (1 + cosh 2x), of which 2 / (1 + cosh 2x) is 1/cosh(x)^2, and likewise for the
 * tangent.
 *
 * Error 2^-64 of tanh x or tan x, so below 2^-58.4 of x - tanh x and, where it is not doubtful, of
 * x - tan x.  Nothing cancels in the other parts: 2^-62.
 *
 * For x < 1/4 it is the series of complex128_series.h in w = x^2 or -x^2, in real numbers. */
#ifndef TANHSHRINK_COMPLEX128_AXES_H
#define TANHSHRINK_COMPLEX128_AXES_H

#include "complex128_fast.h"

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
            e_part = e_zero ? pair(-0.0, -0.0) : c128_minus_zero(e, pair_negate(e_part));
        double size = fabs(pair_round(x_part));
        work->doubtful[j] = f64_below(size, C128_ZERO_DOUBTFUL * x) & f64_below(4, x);
    }
    int x_first = derivative | (imaginary ^ 1);
    c128_store(work, j, x_first ? x_part : e_part, x_first ? e_part : x_part);
}

TANHSHRINK_INLINE int c128_any_real_part(const c128_numbers *z, ptrdiff_t n)
{
    uint64_t bits = 0;
    for (ptrdiff_t j = 0; j < n; j++)
        bits |= f64_bits(z->a[j]);
    return bits != 0;
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
    c128_reduce_angles(&work->z, &reduced, n);
    if (c128_any_real_part(&work->z, n))
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

/* c[2] + c[3] w + ... + c[13] w^11, or its terms times 3, 4, ...: the derivative's.  Good to 2^-51
 * of c[2], which is 2^-61 of the sum of all */
TANHSHRINK_INLINE double c128_axis_polynomial(double w, const f64_pair *c, int derivative)
{
    double sum = 0;
    for (int j = 13; j >= 2; j--)
        sum = sum * w + c[j].high * (derivative ? j + 1 : 1);
    return sum;
}

/* first + base (c w + rest), the last product at most 2^-3.6 of the first: error 2^-60 */
TANHSHRINK_INLINE f64_pair c128_axis_sum(f64_pair first, f64_pair base, f64_pair c, f64_pair w,
                                         double rest)
{
    c128_factor g = c128_second_term(c, w, rest), cut = c128_cut(base.high, base.low);
    f64_pair sum = exact_sum_ordered(first.high, cut.upper * g.upper);
    double low = cut.upper * g.lower + cut.lower * g.whole;
    return pair(sum.high, sum.low + (first.low + low));
}

TANHSHRINK_INLINE void c128_axis_series_element(c128_work *work, ptrdiff_t j, int e_zero,
                                                int derivative)
{
    double a = work->z.a[j], b = work->z.b[j];
    uint64_t imaginary = f64_below(a, b);
    double x = f64_choose(imaginary, b, a), e = f64_choose(imaginary, a, b);
    f64_pair w = exact_square(x), zero = pair(0, 0), x_part, e_part = zero;
    w = pair_flip_sign(w, imaginary << 63);
    /* Powers of a tiny w could underflow: 0 does as well. */
    f64_pair powers_of = pair_choose(f64_below(C128_OTHERS_MATTER, x * x), w, zero);
    double w1 = powers_of.high, w2 = w1 * w1;
    if (derivative) {
        double rest = w2 * c128_axis_polynomial(w1, grad_terms, 0);
        x_part = c128_axis_sum(w, w, grad_terms[1], powers_of, rest);
        if (!e_zero) {
            f64_pair slope = pair(2 * x, 0), second = pair_scale(grad_terms[1], 2);
            rest = w2 * c128_axis_polynomial(w1, grad_terms, 1);
            e_part = c128_axis_sum(slope, slope, second, powers_of, rest);
        }
    } else {
        f64_pair cube = pair_multiply_f64(w, x);
        double rest = w2 * c128_axis_polynomial(w1, series_terms, 0);
        x_part = c128_axis_sum(pair_third(cube), cube, series_terms[1], powers_of, rest);
        if (!e_zero) {
            rest = w2 * c128_axis_polynomial(w1, grad_terms, 0);
            e_part = c128_axis_sum(w, w, grad_terms[1], powers_of, rest);
        }
    }
    if (!e_zero)
        e_part = pair_multiply_f64(e_part, e);
    uint64_t x_first = derivative ? 1 : imaginary ^ 1;
    f64_pair re = pair_choose(x_first, x_part, e_part), im = pair_choose(x_first, e_part, x_part);
    if (derivative)
        im = pair_choose((f64_bits(a) - 1) >> 63, zero, im);
    c128_store(work, j, derivative ? re : c128_minus_zero(a, re), im);
    work->doubtful[j] = 0;
}

TANHSHRINK_INLINE void c128_axis_series_loop(c128_work *work, ptrdiff_t n, int derivative)
{
    if (c128_any_real_part(&work->z, n))
        for (ptrdiff_t j = 0; j < n; j++)
            c128_axis_series_element(work, j, 0, derivative);
    else
        for (ptrdiff_t j = 0; j < n; j++)
            c128_axis_series_element(work, j, 1, derivative);
}

#endif
