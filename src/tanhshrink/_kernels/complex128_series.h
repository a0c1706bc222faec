/* z - tanh(z) and tanh(z)^2 in complex128 for z = a + ib, 0 <= a, b < 1/4, by series in w = z^2:
 *
 *     z^3/3 + z^3 w (-2/15 + w (17/315 - ...))      w + w w (-2/3 + w (17/45 - ...))
 *
 * The second term is at most 2^-4.3 (f': 2^-3.6) of the whole, and 2^-10.3 (2^-9.6) where
 * a, b < 2^-5.  There all of it is rounded to doubles: error 2^-60 of |f|.  Elsewhere only what is
 * in the inner brackets, 2^-2.6 |w|^2 of the whole, is; the factors of the rest are cut in two, so
 * that the products that matter are exact: error 2^-53 |w|^2 + 2^-78 |w| of |f|.
 *
 * Next to the diagonal, and to angles of 30 and 60 degrees, a part of z^2 or z^3 nearly vanishes.
 * There it is computed with a relative error of 2^-100, so that the part of f or f' is doubtful
 * only where it vanishes itself. */
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

/* p - 3q for squares p and q; relative error 2^-100, because all that cancels is exact. */
TANHSHRINK_INLINE f64_pair minus_three_times(f64_pair p, f64_pair q)
{
    f64_pair high = exact_sum(p.high, -2 * q.high), high_last = exact_sum(high.high, -q.high);
    f64_pair low = exact_sum(p.low, -2 * q.low), low_last = exact_sum(low.high, -q.low);
    f64_pair sum = exact_sum(high_last.high, low_last.high);
    return pair(sum.high, sum.low + ((high.low + high_last.low) + (low.low + low_last.low)));
}

/* w = z^2; the first term of the series and what the others are multiplied by */
typedef struct {
    complex_pair w, first, base;
} c128_powers;

/* With `exact_where_zero`, parts keep their relative accuracy wherever they nearly vanish. */
TANHSHRINK_INLINE c128_powers c128_powers_of(double a, double b, int exact_where_zero,
                                             int derivative)
{
    c128_powers of;
    f64_pair a2 = exact_square(a), b2 = exact_square(b);
    of.w.re = exact_where_zero ? pair_multiply(exact_sum(a, b), exact_sum(a, -b))
                               : pair_add(a2, pair_negate(b2));
    of.w.im = pair_scale(exact_product(a, b), 2);
    of.base = of.first = of.w;
    if (derivative)
        return of;
    if (exact_where_zero) {
        of.base.re = pair_multiply_f64(minus_three_times(a2, b2), a);
        of.base.im = pair_multiply_f64(pair_negate(minus_three_times(b2, a2)), b);
    } else {
        of.base.re = pair_multiply_f64(pair_add(of.w.re, pair_scale(b2, -2)), a);
        of.base.im = pair_multiply_f64(pair_add(of.w.re, pair_scale(a2, 2)), b);
    }
    of.first.re = pair_third(of.base.re);
    of.first.im = pair_third(of.base.im);
    return of;
}

#define C128_OTHERS_MATTER 0x1p-70 /* 8.5e-22: the least |z|^2 whose powers do, next to 1 */

/* For a, b < 2^-5, or with the first term only, for |z|^2 <= C128_OTHERS_MATTER */
TANHSHRINK_INLINE complex_pair c128_small(double a, double b, int first_only, int derivative)
{
    c128_powers of = c128_powers_of(a, b, 0, derivative);
    if (first_only)
        return of.first;
    /* Powers of a tiny w could underflow: 0 does as well. */
    uint64_t matters = f64_below(C128_OTHERS_MATTER, a * a + b * b);
    complex_f64 w = {f64_choose(matters, of.w.re.high, 0), f64_choose(matters, of.w.im.high, 0)};
    complex_f64 sum = derivative ? complex_polynomial(w, grad_terms + 1, 6)
                                 : complex_polynomial(w, series_terms + 1, 5);
    double g_re = w.re * sum.re - w.im * sum.im, g_im = w.re * sum.im + w.im * sum.re;
    double re = of.base.re.high, im = of.base.im.high;
    of.first.re.low += re * g_re - im * g_im;
    of.first.im.low += re * g_im + im * g_re;
    return of.first;
}

#define C128_SECOND_MATTERS 0x1p-120 /* 7.5e-37, next to 1 */

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

/* c w + rest for a part of w */
TANHSHRINK_INLINE c128_factor c128_second_term(f64_pair c, f64_pair w, double rest)
{
    double c_upper = upper_bits(c.high), w_upper = upper_bits(w.high);
    double product = w_upper * c_upper; /* exact */
    rest += w_upper * ((c.high - c_upper) + c.low) + ((w.high - w_upper) + w.low) * c.high;
    double whole = product + rest;
    c128_factor sum = {whole, upper_bits(whole), 0};
    sum.lower = (product - sum.upper) + rest;
    return sum;
}

/* start + a b + c d */
TANHSHRINK_INLINE f64_pair c128_add_products(f64_pair start, c128_factor a, c128_factor b,
                                             c128_factor c, c128_factor d)
{
    f64_pair sum = exact_sum(start.high, a.upper * b.upper);
    f64_pair next = exact_sum(sum.high, c.upper * d.upper);
    double rest = (a.upper * b.lower + a.lower * b.whole) + (c.upper * d.lower + c.lower * d.whole);
    return pair(next.high, (next.low + sum.low) + (start.low + rest));
}

/* The sum of the series; `terms` are those after the second.  Unless |z|^2 `matters`, z is so tiny
 * that its powers could underflow, and 0 does as well. */
TANHSHRINK_INLINE complex_pair c128_series_sum(c128_powers of, uint64_t matters, int terms,
                                               int derivative)
{
    double re = f64_choose(matters, of.w.re.high, 0), im = f64_choose(matters, of.w.im.high, 0);
    complex_f64 w = {re, im};
    complex_f64 sum = complex_polynomial(w, (derivative ? grad_terms : series_terms) + 2, terms);
    double w2_re = re * re - im * im, w2_im = 2 * re * im;
    f64_pair second = derivative ? grad_terms[1] : series_terms[1], zero = pair(0, 0);
    /* w^2, unlike z^3 w, does not underflow, and is all of Re f' on the diagonal. */
    f64_pair factor_re = derivative ? of.w.re : pair_choose(matters, of.w.re, zero);
    f64_pair factor_im = derivative ? of.w.im : pair_choose(matters, of.w.im, zero);
    c128_factor g_re = c128_second_term(second, factor_re, w2_re * sum.re - w2_im * sum.im);
    c128_factor g_im = c128_second_term(second, factor_im, w2_re * sum.im + w2_im * sum.re);
    c128_factor base_re = c128_cut(of.base.re.high, of.base.re.low);
    c128_factor base_im = c128_cut(of.base.im.high, of.base.im.low);
    c128_factor minus_base_im = {-base_im.whole, -base_im.upper, -base_im.lower};
    complex_pair f;
    f.re = c128_add_products(of.first.re, base_re, g_re, minus_base_im, g_im);
    f.im = c128_add_products(of.first.im, base_re, g_im, base_im, g_re);
    return f;
}

/* For a, b < 1/4, or with the first term only */
TANHSHRINK_INLINE complex_pair c128_series(double a, double b, int exact_where_zero,
                                           int first_only, int derivative)
{
    c128_powers of = c128_powers_of(a, b, exact_where_zero, derivative);
    if (first_only)
        return of.first;
    /* Later than above, because a part of z^3 may be 2^-53 of it, of which 58 bits are wanted. */
    uint64_t matters = f64_below(C128_SECOND_MATTERS, a * a + b * b);
    return c128_series_sum(of, matters, 14, derivative);
}

#endif
