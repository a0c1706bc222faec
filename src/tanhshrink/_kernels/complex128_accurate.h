/* z - tanh(z) and tanh(z)^2 in complex128: the accurate tier for the elements that the fast one
 * leaves.
 *
 * Error: 2^-99 + 2^-107 |tanh z|^2 of tanh z, before each part is rounded once, into the subnormal
 * numbers too.  Parts of f so small that they would keep less than 58 bits are left to
 * complex128_last.h. */
#ifndef TANHSHRINK_COMPLEX128_ACCURATE_H
#define TANHSHRINK_COMPLEX128_ACCURATE_H

#include "complex128_fast.h"
#include "complex128_last.h"

#define C128_VANISHING 0x1p-41 /* 4.5e-13: a part less than this, next to z's: last tier */

/* 1 if reduce_angle leaves less than 102 bits of the rest, because 2^-127 is lost.  Next to poles
 * and to i k pi a part may be a difference of powers of such a rest. */
TANHSHRINK_INLINE uint64_t c128_needs_large_angle(double b, double rest)
{
    return f64_below(fabs(rest), 0x1p-25) & f64_below(1, b) & f64_below(b, REDUCED_END);
}

TANHSHRINK_INLINE reduced_angle reduce_any_angle(double b)
{
    if (b >= REDUCED_END)
        return reduce_large_angle(b);
    reduced_angle angle = reduce_angle(b);
    return c128_needs_large_angle(b, angle.rest.high) ? reduce_large_angle(b) : angle;
}

TANHSHRINK_INLINE complex_pair complex_multiply(complex_pair a, complex_pair b)
{
    complex_pair product;
    product.re = pair_add(pair_multiply(a.re, b.re), pair_negate(pair_multiply(a.im, b.im)));
    product.im = pair_add(pair_multiply(a.re, b.im), pair_multiply(a.im, b.re));
    return product;
}

/* z - tanh(z) for z = a + ib, a, |b| < 1/4 */
TANHSHRINK_INLINE complex_pair c128_series_accurate(double a, f64_pair b)
{
    complex_pair z = {pair(a, 0), b}, w, sum = {pair(0, 0), pair(0, 0)};
    w.re = pair_multiply(pair_add(z.re, b), pair_add(z.re, pair_negate(b)));
    w.im = pair_scale(pair_multiply_f64(b, a), 2);
    for (int j = 24; j >= 0; j--) {
        sum = complex_multiply(sum, w);
        sum.re = pair_add(series_terms[j], sum.re);
    }
    return complex_multiply(complex_multiply(z, w), sum);
}

TANHSHRINK_INLINE complex_pair c128_shrink_of(complex_pair tanh, double a, double b)
{
    complex_pair f;
    f.re = c128_minus_zero(a, pair_add_to(a, pair_negate(tanh.re)));
    f.im = pair_add_to(b, pair_negate(tanh.im));
    return f;
}

TANHSHRINK_INLINE complex_pair c128_grad_of(complex_pair tanh)
{
    complex_pair f;
    f.re = pair_multiply(pair_add(tanh.re, tanh.im), pair_add(tanh.re, pair_negate(tanh.im)));
    f.im = pair_scale(pair_multiply(tanh.re, tanh.im), 2);
    return f;
}

/* Near i k pi, where z - tanh(z) cancels: 2b is within 21 pi/128 of a whole turn. */
TANHSHRINK_INLINE uint64_t c128_near_root(double a, uint64_t angle)
{
    return f64_below(a, 0.25) & ((((angle + 20) & 255) - 41) >> 63);
}

/* How small a part may be that still has 58 bits */
TANHSHRINK_INLINE double c128_vanishing(complex_pair tanh)
{
    double norm = tanh.re.high * tanh.re.high + tanh.im.high * tanh.im.high;
    return C128_VANISHING + C128_VANISHING * 0x1p-8 * norm;
}

/* Leaves as doubtful what is for the functions below. */
TANHSHRINK_INLINE void c128_accurate_element(c128_work *work, ptrdiff_t j, complex_pair tanh,
                                             table_point angle, int derivative)
{
    double a = work->z.a[j], b = work->z.b[j];
    complex_pair f = derivative ? c128_grad_of(tanh) : c128_shrink_of(tanh, a, b);
    c128_store(work, j, f.re, f.im);
    double re = f64_absolute(f.re.high), im = f64_absolute(f.im.high), tanh_re = tanh.re.high;
    double size = c128_vanishing(tanh);
    uint64_t doubtful = derivative ? f64_below(re, size * (tanh_re * tanh_re))
                                   : c128_doubtful(re, a, im, b, size) |
                                         c128_near_root(a, angle.index);
    work->doubtful[j] = doubtful | c128_needs_large_angle(b, angle.rest.high);
}

/* In vectors */
TANHSHRINK_INLINE void c128_accurate_loop(c128_work *work, ptrdiff_t n, int derivative)
{
    c128_reduced angle, power;
    c128_pairs sine, one_plus_cosine, sinh, cosh_minus_one;
    c128_reduce_angles(&work->z, &angle, n);
    c128_sine_cosine(&angle, &sine, &one_plus_cosine, n, 1);
    c128_reduce_powers(&work->z, &power, n);
    c128_sinh_cosh(&power, &sinh, &cosh_minus_one, n, 1);
    for (ptrdiff_t j = 0; j < n; j++) {
        complex_pair tanh = tanh_quotient(pair_at(&sinh, j), pair_at(&cosh_minus_one, j),
                                          pair_at(&sine, j), pair_at(&one_plus_cosine, j));
        table_point point = {angle.index[j], pair_at(&angle.rest, j)};
        c128_accurate_element(work, j, tanh, point, derivative);
    }
}

TANHSHRINK_INLINE complex_pair c128_tanh_of(double a, table_point angle)
{
    f64_pair sine, one_plus_cosine, sinh, cosh_minus_one;
    table_point power = power_point(a);
    sine_cosine(sine_cosine_rows[angle.index], angle.rest, &sine, &one_plus_cosine);
    sinh_cosh(power_rows[power.index & 63], power.index, power.rest, &sinh, &cosh_minus_one);
    return tanh_quotient(sinh, cosh_minus_one, sine, one_plus_cosine);
}

TANHSHRINK_INLINE complex_pair c128_shrink_accurate(double a, double b)
{
    double size;
    reduced_angle angle = reduce_any_angle(b);
    table_point point = angle_point(angle);
    complex_pair f;
    if (c128_near_root(a, point.index)) {
        f64_pair b_rest = pair_scale(angle.rest, 0.5);
        size = C128_VANISHING * (a * a + b_rest.high * b_rest.high);
        f = c128_series_accurate(a, b_rest);
        f.re = c128_minus_zero(a, f.re);
        f.im = pair_add(pair_add_to(b, pair_negate(b_rest)), f.im);
    } else {
        complex_pair tanh = c128_tanh_of(a, point);
        size = c128_vanishing(tanh);
        f = c128_shrink_of(tanh, a, b);
    }
    if (c128_doubtful(fabs(f.re.high), a, fabs(f.im.high), b, size)) {
        f = c128_last(a, b, 0);
        f.re = c128_minus_zero(a, f.re);
    }
    return f;
}

TANHSHRINK_INLINE complex_pair c128_grad_accurate(double a, double b)
{
    complex_pair tanh = c128_tanh_of(a, angle_point(reduce_any_angle(b))), f = c128_grad_of(tanh);
    if (fabs(f.re.high) < c128_vanishing(tanh) * (tanh.re.high * tanh.re.high))
        f = c128_last(a, b, 1);
    return f;
}

/* One element, in place: neither real nor tiny nor far */
TANHSHRINK_NOINLINE void c128_accurate(c128_numbers *z, ptrdiff_t i, int derivative)
{
    complex_pair f = derivative ? c128_grad_accurate(z->a[i], z->b[i])
                                : c128_shrink_accurate(z->a[i], z->b[i]);
    z->re[i] = pair_round(f.re);
    z->im[i] = pair_round(f.im);
    z->re_low[i] = f.re.low - (z->re[i] - f.re.high);
    z->im_low[i] = f.im.low - (z->im[i] - f.im.high);
}

#endif
