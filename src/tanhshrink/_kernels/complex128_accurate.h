/* z - tanh(z) and tanh(z)^2 in complex128: special values, and the accurate tier for the elements
 * that the fast one leaves.
 *
 *     z                        z - tanh(z)                 tanh(z)^2
 *     (+-inf, any y)           (+-inf, y)                  (1, +-0), sign of sin 2y if y is finite
 *     (x != 0, +-inf)          (nan, nan), invalid         (nan, nan), invalid
 *     (+-0, +-inf)             (+-0, nan), invalid         (nan, +-0), invalid
 *     (+-0, nan)               (+-0, nan)                  (nan, +-0)
 *     others with nan          (nan, nan)                  (nan, nan)
 *     (x, +-0), nan included   (f(x), +-0)                 (f'(x), +-0)
 *     (+-0, y)                 (-+0, y - tan y)            (-tan(y)^2, +-0)
 *
 * The last two are not decided here.  Zeros have the signs that make f odd and f' even, and both
 * conjugate-symmetric; Annex G of C99 says the same of tanh.  (-+0 because Re f is -x tan(y)^2.)
 *
 * Error: 2^-99 + 2^-107 |tanh z|^2 of tanh z, before each part is rounded once, into the subnormal
 * numbers too.  Parts of f so small that they would keep less than 58 bits, and numbers
 * next to i k pi, are left to complex128_last.h. */
#ifndef TANHSHRINK_COMPLEX128_ACCURATE_H
#define TANHSHRINK_COMPLEX128_ACCURATE_H

#include "complex128_fast.h"

#define C128_VANISHING 0x1p-41 /* 4.5e-13: a part less than this, next to z's: last tier */

/* Replaces results for a or b that is infinite or a quiet NaN by the table above.  For a = inf, *im
 * has the sign of sin 2b.  Returns 1 if z is finite.  On bits, so that loops become vectors. */
TANHSHRINK_INLINE uint64_t complex_special(double a, double b, double *re, double *im,
                                           int derivative)
{
    uint64_t a_finite = f64_below(a, HUGE_VAL), is_finite = a_finite & f64_below(b, HUGE_VAL);
    uint64_t a_infinite = ((f64_bits(a) ^ f64_bits(HUGE_VAL)) - 1) >> 63;
    uint64_t a_zero = (f64_bits(a) - 1) >> 63, b_nan = f64_below(HUGE_VAL, b);
    double b_seen = f64_choose(a_finite, b, 0);
    double nan = f64_choose(b_nan, b, a) + (b_seen - b_seen); /* inf - inf is invalid */
    double zero_or_nan = f64_choose(a_zero, 0, nan);
    double signed_zero = f64_from_bits(f64_bits(*im) & F64_SIGN);
    double special_re = f64_choose(a_infinite, derivative ? 1 : a, derivative ? nan : zero_or_nan);
    double special_im = f64_choose(a_infinite, derivative ? signed_zero : b,
                                   derivative ? zero_or_nan : nan);
    *re = f64_choose(is_finite, *re, special_re);
    *im = f64_choose(is_finite, *im, special_im);
    return is_finite;
}

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

TANHSHRINK_INLINE double quiet_nan(double x) { return x == x ? x : x + x; }

/* One element where a or b is infinite or NaN, and b is not 0.  A signalling NaN is invalid. */
TANHSHRINK_NOINLINE void c128_not_finite(double a, double b, double *re, double *im, int derivative)
{
    double sine_sign = 1;
    a = quiet_nan(a);
    b = quiet_nan(b);
    if (derivative && a == HUGE_VAL && f64_below(1, b) && f64_below(b, HUGE_VAL)) {
        reduced_angle angle = f64_below(b, REDUCED_END) ? reduce_angle(b) : reduce_large_angle(b);
        sine_sign = angle.quadrant & 1 ? 1 : angle.rest.high;
        sine_sign = angle.quadrant & 2 ? -sine_sign : sine_sign;
    }
    *im = sine_sign;
    complex_special(a, b, re, im, derivative);
}

#endif
