/* z - tanh(z) and tanh(z)^2 in complex128: the accurate tier for the elements that the fast one
 * leaves.
 *
 * Error: 2^-99 + 2^-107 |tanh z|^2 of tanh z, before each part is rounded once, into the subnormal
 * numbers too.  Parts of f so small that they would keep less than 58 bits, and numbers next to
 * i k pi, are left to complex128_last.h. */
#ifndef TANHSHRINK_COMPLEX128_ACCURATE_H
#define TANHSHRINK_COMPLEX128_ACCURATE_H

#include "complex128_fast.h"

#define C128_SURELY (1 - 0x1p-6) /* a limit times this: whether an accurate result is below it */
#define C128_VANISHING 0x1p-41 /* 4.5e-13: a part less than this, next to z's: last tier */

/* 1 if reduce_angle leaves less than 102 bits of the rest, because 2^-127 is lost, and that
 * matters: next to poles and to i k pi a part may be a difference of powers of such a rest.
 * Elsewhere it is a factor of Im tanh(z), to which 2^-65 of itself is lost. */
TANHSHRINK_INLINE uint64_t c128_needs_large_angle(double a, double b, double rest)
{
    return f64_below(f64_absolute(rest), 0x1p-25) & f64_below(a, 0.25) & f64_below(1, b) &
           f64_below(b, REDUCED_END);
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

/* Near i k pi, where z - tanh(z) cancels: 2b is within 19.5 pi/128 of a whole turn.  For b < 2^20
 * the series has all of these. */
TANHSHRINK_INLINE uint64_t c128_near_root(double a, uint64_t angle)
{
    return f64_below(a, 0.25) & ((((angle + 19) & 255) - 39) >> 63);
}

/* How small a part may be that still has 58 bits */
TANHSHRINK_INLINE double c128_vanishing(complex_pair tanh)
{
    double norm = tanh.re.high * tanh.re.high + tanh.im.high * tanh.im.high;
    return C128_VANISHING + C128_VANISHING * 0x1p-8 * norm;
}

/* Whether the fast tier would surely be in doubt of a result of this size.  The margin is far wider
 * than their difference.  Next to the curve |Im f'|/2 is (Re tanh z)^2 to 2^-7. */
TANHSHRINK_INLINE uint64_t c128_fast_would_doubt(double a, double b, f64_pair re_f, f64_pair im_f,
                                                 double doubt, int derivative)
{
    double re = f64_absolute(re_f.high), im = f64_absolute(im_f.high);
    doubt *= C128_SURELY;
    if (!derivative)
        return c128_shrink_doubtful(re, a, im, b, doubt);
    uint64_t series = f64_below(a, C128_SERIES_END) & f64_below(b, C128_SERIES_END);
    double b_seen = f64_choose(series, b, 0); /* its powers must not overflow */
    uint64_t series_doubtful = f64_below(re, doubt * c128_ray_size(a * a + b_seen * b_seen, 1));
    return (series & series_doubtful) | ((series ^ 1) & c128_grad_doubtful(re, im / 2, doubt));
}

/* Leaves as doubtful what is for the last tier. */
TANHSHRINK_INLINE void c128_accurate_element(c128_work *work, ptrdiff_t j, complex_pair tanh,
                                             table_point angle, int derivative)
{
    double a = work->z.a[j], b = work->z.b[j];
    complex_pair f = derivative ? c128_grad_of(tanh) : c128_shrink_of(tanh, a, b);
    c128_store(work, j, f.re, f.im);
    double re = f64_absolute(f.re.high), im = f64_absolute(f.im.high), tanh_re = tanh.re.high;
    double size = c128_vanishing(tanh);
    /* Re f' is a difference of squares, each with twice the relative error of tanh z. */
    uint64_t doubtful = derivative ? f64_below(re, 4 * size * (tanh_re * tanh_re))
                                   : c128_doubtful(re, a, im, b, size) |
                                         c128_near_root(a, angle.index);
    work->for_fast[j] = c128_fast_would_doubt(a, b, f.re, f.im, work->doubt, derivative) ^ 1;
    work->doubtful[j] = doubtful | c128_needs_large_angle(a, b, angle.rest.high);
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

#endif
