/* z - tanh(z) in complex128 for z = a + ib, 0 <= a, b < 1/4, by its series in w = z^2:
 *
 *     z^3 (1/3 + w (-2/15 + w (17/315 - ...)))
 *
 * What is in the innermost brackets is rounded to doubles.  With |w|^2 it is at most 2^-8.6 of the
 * whole, so the error is about 2^-61 of |f|. */
#ifndef TANHSHRINK_COMPLEX128_SERIES_H
#define TANHSHRINK_COMPLEX128_SERIES_H

#include "complex_tanh.h"

TANHSHRINK_INLINE complex_pair c128_series(double a, double b)
{
    f64_pair a2 = exact_product(a, a), b2 = exact_product(b, b), ab2 = exact_product(2 * a, b);
    f64_pair w = pair_add(a2, pair_negate(b2)); /* its real part; the imaginary one is ab2 */
    f64_pair b2_twice = pair_scale(b2, -2), a2_twice = pair_scale(a2, 2);
    complex_pair cube, sum, result;
    cube.re = pair_multiply_f64(pair_add(w, b2_twice), a); /* a (a^2 - 3 b^2) */
    cube.im = pair_multiply_f64(pair_add(w, a2_twice), b); /* b (3 a^2 - b^2) */

    /* Below 2^-70 powers of w no longer matter, and could underflow: 0 does as well. */
    uint64_t matters = f64_below(0x1p-70, a2.high + b2.high);
    w = pair_choose(matters, w, pair(0, 0));
    ab2 = pair_choose(matters, ab2, pair(0, 0));
    double re = w.high, im = ab2.high;
    /* For real coefficients: p[j] = c[j] + 2 Re(w) p[j+1] - |w|^2 p[j+2], and Im p = Im(w) p[1]. */
    double re_twice = 2 * re, norm = re * re + im * im;
    double p = series_terms[15].high, q = 0;
    for (int j = 14; j >= 3; j--) {
        double next = series_terms[j].high + (re_twice * p - norm * q);
        q = p;
        p = next;
    }
    double tail_re = series_terms[2].high + (re * p - norm * q), tail_im = im * p;

    /* c1 + w tail, then 1/3 + w (c1 + w tail) */
    f64_pair inner = pair_add_ordered(series_terms[1], pair(re * tail_re - im * tail_im, 0));
    double inner_im = re * tail_im + im * tail_re;
    sum.re = pair_add_ordered(series_terms[0], pair_multiply(w, inner));
    sum.re.low -= ab2.high * inner_im;
    sum.im = pair_multiply(ab2, inner);
    sum.im.low += w.high * inner_im;
    result.re = pair_add(pair_multiply(cube.re, sum.re),
                         pair_negate(pair_multiply(cube.im, sum.im)));
    result.im = pair_add(pair_multiply(cube.re, sum.im), pair_multiply(cube.im, sum.re));
    return result;
}

#endif
