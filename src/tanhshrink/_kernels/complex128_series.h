/* z - tanh(z) in complex128 for z = a + ib, 0 <= a, b < 1/4, by its series in w = z^2:
 *
 *     z^3/3 + z^3 w (-2/15 + w (17/315 - ...))
 *
 * The second term is at most 2^-4.3 of the whole, and 2^-10.3 where a, b < 2^-5.  There all of it
 * is rounded to doubles: four roundings in a row, error 2^-61 of |f|.  Elsewhere only what is in
 * the inner brackets, 2^-8.6 of the whole, is; the factors of the rest are cut in two, so that the
 * products that matter are exact: error 2^-60 of |f|. */
#ifndef TANHSHRINK_COMPLEX128_SERIES_H
#define TANHSHRINK_COMPLEX128_SERIES_H

#include "complex_tanh.h"

typedef struct {
    double re, im;
} complex_f64;

/* c[0] + c[2] w + c[4] w^2 + ... of `terms` terms.  The coefficients are real: with
 * p[j] = c[2j] + 2 Re(w) p[j+1] - |w|^2 p[j+2], the imaginary part is Im(w) p[1]. */
TANHSHRINK_INLINE complex_f64 complex_polynomial_half(complex_f64 w, double norm, const f64_pair *c,
                                                      int terms)
{
    double re_twice = 2 * w.re, p = c[2 * terms - 2].high, q = 0;
    for (int j = terms - 2; j >= 1; j--) { /* p, for which the processor has to wait, comes last */
        double next = (c[2 * j].high - norm * q) + re_twice * p;
        q = p;
        p = next;
    }
    complex_f64 sum = {(c[0].high - norm * q) + w.re * p, w.im * p};
    return sum;
}

/* c[0] + c[1] w + ... of `terms` > 3 terms: even and odd powers at the same time */
TANHSHRINK_INLINE complex_f64 complex_polynomial(complex_f64 w, const f64_pair *c, int terms)
{
    complex_f64 w2 = {w.re * w.re - w.im * w.im, 2 * w.re * w.im};
    double norm = w2.re * w2.re + w2.im * w2.im;
    complex_f64 even = complex_polynomial_half(w2, norm, c, (terms + 1) / 2);
    complex_f64 odd = complex_polynomial_half(w2, norm, c + 1, terms / 2);
    complex_f64 sum = {even.re + (w.re * odd.re - w.im * odd.im),
                       even.im + (w.re * odd.im + w.im * odd.re)};
    return sum;
}

/* a/3: what the high part leaves, high - 3 quotient, is exact (Sterbenz).  Relative error 2^-104 */
TANHSHRINK_INLINE f64_pair pair_third(f64_pair a)
{
    const double third = 1.0 / 3;
    double quotient = a.high * third, rest = (a.high - 2 * quotient) - quotient;
    return pair(quotient, (rest + a.low) * third);
}

/* z^2 and z^3 */
TANHSHRINK_INLINE void c128_powers(double a, double b, complex_pair *w, complex_pair *cube)
{
    f64_pair a2 = exact_product(a, a), b2 = exact_product(b, b);
    w->re = pair_add(a2, pair_negate(b2));
    w->im = pair_scale(exact_product(a, b), 2);
    cube->re = pair_multiply_f64(pair_add(w->re, pair_scale(b2, -2)), a); /* a (a^2 - 3 b^2) */
    cube->im = pair_multiply_f64(pair_add(w->re, pair_scale(a2, 2)), b);  /* b (3 a^2 - b^2) */
}

/* For a, b < 2^-5 */
TANHSHRINK_INLINE complex_f64 c128_series_small(double a, double b)
{
    complex_pair w, cube;
    c128_powers(a, b, &w, &cube);
    /* Below 2^-70 powers of w no longer matter, and could underflow: 0 does as well. */
    uint64_t matters = f64_below(0x1p-70, a * a + b * b);
    complex_f64 w_seen = {f64_choose(matters, w.re.high, 0), f64_choose(matters, w.im.high, 0)};
    complex_f64 sum = complex_polynomial(w_seen, series_terms + 1, 5);
    double g_re = w_seen.re * sum.re - w_seen.im * sum.im;
    double g_im = w_seen.re * sum.im + w_seen.im * sum.re;
    f64_pair re = pair_third(cube.re), im = pair_third(cube.im);
    complex_f64 f;
    f.re = re.high + (re.low + (cube.re.high * g_re - cube.im.high * g_im));
    f.im = im.high + (im.low + (cube.re.high * g_im + cube.im.high * g_re));
    return f;
}

/* A factor, and the same cut in two: upper has 26 bits. */
typedef struct {
    double whole, upper, lower;
} c128_factor;

TANHSHRINK_INLINE c128_factor c128_cut(double high, double low)
{
    c128_factor a = {high, upper_bits(high), 0};
    a.lower = (high - a.upper) + low;
    return a;
}

/* -2/15 w + rest for a part of w */
TANHSHRINK_INLINE c128_factor c128_second_term(f64_pair w, double rest)
{
    double c = series_terms[1].high, c_upper = upper_bits(c), w_upper = upper_bits(w.high);
    double product = w_upper * c_upper; /* exact */
    rest += w_upper * ((c - c_upper) + series_terms[1].low) + ((w.high - w_upper) + w.low) * c;
    double whole = product + rest;
    c128_factor sum = {whole, upper_bits(whole), 0};
    sum.lower = (product - sum.upper) + rest;
    return sum;
}

/* start + a b + c d */
TANHSHRINK_INLINE double c128_add_products(f64_pair start, c128_factor a, c128_factor b,
                                           c128_factor c, c128_factor d)
{
    f64_pair sum = exact_sum(start.high, a.upper * b.upper);
    f64_pair next = exact_sum(sum.high, c.upper * d.upper);
    double rest = (a.upper * b.lower + a.lower * b.whole) + (c.upper * d.lower + c.lower * d.whole);
    return next.high + ((next.low + sum.low) + (start.low + rest));
}

/* For a, b < 1/4, one of them at least 2^-5 */
TANHSHRINK_INLINE complex_f64 c128_series(double a, double b)
{
    complex_pair w, cube;
    c128_powers(a, b, &w, &cube);
    double re = w.re.high, im = w.im.high;
    complex_f64 w_rounded = {re, im};
    complex_f64 sum = complex_polynomial(w_rounded, series_terms + 2, 14);
    double w2_re = re * re - im * im, w2_im = 2 * re * im;
    c128_factor g_re = c128_second_term(w.re, w2_re * sum.re - w2_im * sum.im);
    c128_factor g_im = c128_second_term(w.im, w2_re * sum.im + w2_im * sum.re);
    c128_factor cube_re = c128_cut(cube.re.high, cube.re.low);
    c128_factor cube_im = c128_cut(cube.im.high, cube.im.low);
    c128_factor minus_cube_im = {-cube_im.whole, -cube_im.upper, -cube_im.lower};
    complex_f64 f;
    f.re = c128_add_products(pair_third(cube.re), cube_re, g_re, minus_cube_im, g_im);
    f.im = c128_add_products(pair_third(cube.im), cube_re, g_im, cube_im, g_re);
    return f;
}

#endif
