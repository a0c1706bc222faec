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
 * Error 2^-63.7 of tanh x or tan x, 2^-63.1 next to poles: below 2^-58.1 of x - tanh x and, where
 * not doubtful, of x - tan x.  Nothing cancels in the other parts: 2^-61.
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
    f64_pair divisor = pair_normalize(denominator), cut = pair_cut(divisor);
    double reciprocal = 1 / divisor.high;
    f64_pair tanh = pair_divide_cut(numerator, cut, reciprocal), square = pair_square_cut(tanh);
    f64_pair x_part, e_part = pair_signed_zero(tanh);
    if (derivative) {
        x_part = imaginary ? pair_negate(square) : square;
        if (!e_zero) {
            f64_pair slope = pair_divide_cut(pair_scale(tanh, 4), cut, reciprocal);
            slope = pair_multiply_cut(slope, f64_cut(e));
            e_part = pair_choose((f64_bits(e) - 1) >> 63, e_part, slope);
        }
        work->doubtful[j] = 0;
    } else {
        x_part = pair_add_to(x, pair_negate(tanh));
        if (!e_zero)
            e_part = pair_multiply_cut(pair_cut(square), f64_cut(e));
        if (imaginary)
            e_part = e_zero ? pair(-0.0, -0.0) : c128_minus_zero(e, pair_negate(e_part));
        double size = fabs(pair_round(x_part));
        work->doubtful[j] = f64_below(size, C128_ZERO_DOUBTFUL * work->doubt * x) & f64_below(4, x);
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

TANHSHRINK_INLINE void c128_imaginary_elements(c128_work *work, const c128_pairs *sine,
                                               const c128_pairs *one_plus_cosine, ptrdiff_t n,
                                               int e_zero, int derivative)
{
    for (ptrdiff_t j = 0; j < n; j++)
        c128_axis_element(work, j, pair_at(sine, j), pair_at(one_plus_cosine, j), 1, e_zero,
                          derivative);
}

TANHSHRINK_INLINE void c128_imaginary_loop(c128_work *work, ptrdiff_t n, int derivative)
{
    c128_pairs sine, one_plus_cosine;
    c128_sine_cosine_fast(&work->z, &sine, &one_plus_cosine, n);
    if (c128_any_real_part(&work->z, n))
        c128_imaginary_elements(work, &sine, &one_plus_cosine, n, 0, derivative);
    else
        c128_imaginary_elements(work, &sine, &one_plus_cosine, n, 1, derivative);
}

TANHSHRINK_INLINE void c128_near_real_loop(c128_work *work, ptrdiff_t n, int derivative)
{
    c128_pairs sinh, cosh_minus_one;
    c128_sinh_cosh_fast(&work->z, &sinh, &cosh_minus_one, n);
    for (ptrdiff_t j = 0; j < n; j++) {
        f64_pair one_plus_cosh = pair_add_to(2, pair_at(&cosh_minus_one, j));
        c128_axis_element(work, j, pair_at(&sinh, j), one_plus_cosh, 0, 0, derivative);
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
    f64_pair product = pair_multiply_cut(pair_cut(base), c128_second_term(c, w, rest));
    return pair_add_ordered(first, product);
}

TANHSHRINK_INLINE void c128_axis_series_element(c128_work *work, ptrdiff_t j, int e_zero,
                                                int derivative)
{
    double a = work->z.a[j], b = work->z.b[j];
    uint64_t imaginary = f64_below(a, b);
    double x = f64_choose(imaginary, b, a), e = f64_choose(imaginary, a, b);
    f64_pair cut = f64_cut(x), w = pair_square_cut(cut), zero = pair(0, 0), x_part, e_part = zero;
    w = pair_flip_sign(w, imaginary << 63);
    /* Powers of a tiny w could underflow: 0 does as well. */
    f64_pair powers_of = pair_choose(f64_below(C128_OTHERS_MATTER, x * x), w, zero);
    double w1 = pair_round(powers_of), w2 = w1 * w1;
    if (derivative) {
        double rest = w2 * c128_axis_polynomial(w1, grad_terms, 0);
        x_part = c128_axis_sum(w, w, grad_terms[1], powers_of, rest);
        if (!e_zero) {
            f64_pair slope = pair(2 * x, 0), second = pair_scale(grad_terms[1], 2);
            rest = w2 * c128_axis_polynomial(w1, grad_terms, 1);
            e_part = c128_axis_sum(slope, slope, second, powers_of, rest);
        }
    } else {
        f64_pair cube = pair_multiply_cut(pair_cut(w), cut);
        double rest = w2 * c128_axis_polynomial(w1, series_terms, 0);
        x_part = c128_axis_sum(pair_third(cube), cube, series_terms[1], powers_of, rest);
        if (!e_zero) {
            rest = w2 * c128_axis_polynomial(w1, grad_terms, 0);
            e_part = c128_axis_sum(w, w, grad_terms[1], powers_of, rest);
        }
    }
    if (!e_zero)
        e_part = pair_multiply_cut(pair_cut(e_part), f64_cut(e));
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
