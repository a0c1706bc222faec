/* z - tanh(z) and tanh(z)^2 in complex128 for z = a + ib, 0 <= a, b < 1/4, by series in w = z^2:
 *
 *     z^3/3 + z^3 w (-2/15 + w (17/315 - ...))      w + w w (-2/3 + w (17/45 - ...))
 *
 * The second term is at most 2^-4.3 (f': 2^-3.6) of the whole, and 2^-10.3 (2^-9.6) where
 * a, b < 2^-5.  There all of it is rounded to doubles: error 2^-60 of |f|.  Elsewhere only what is
 * in the inner brackets, 2^-2.6 |w|^2 of the whole, is; the factors of the rest are cut in two, so
 * that the products that matter are exact: error 2^-53 |w|^2 + 2^-76 |w| of |f|.
 *
 * Next to the diagonal, and to angles of 30 and 60 degrees, a part of z^2 or z^3 nearly vanishes.
 * There it is computed with a relative error of 2^-100 (exact_where_zero), so that the part of f or
 * f' is doubtful only where it vanishes itself. */
#ifndef TANHSHRINK_COMPLEX128_SERIES_H
#define TANHSHRINK_COMPLEX128_SERIES_H

#include "complex_tanh.h"

typedef struct {
    double re, im;
} complex_f64;

TANHSHRINK_INLINE complex_f64 complex_f64_multiply(complex_f64 a, complex_f64 b)
{
    complex_f64 product = {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
    return product;
}

TANHSHRINK_INLINE complex_f64 complex_f64_square(complex_f64 a)
{
    complex_f64 square = {a.re * a.re - a.im * a.im, 2 * a.re * a.im};
    return square;
}

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
    complex_f64 w2 = complex_f64_square(w);
    double norm = w2.re * w2.re + w2.im * w2.im;
    complex_f64 even = complex_polynomial_half(w2, norm, c, (terms + 1) / 2);
    complex_f64 odd = complex_polynomial_half(w2, norm, c + 1, terms / 2);
    complex_f64 rest = complex_f64_multiply(w, odd), sum = {even.re + rest.re, even.im + rest.im};
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

/* Error 2^-102 of |w| and |z^3|.  With `exact_where_zero`, for f' 2^-102 of Re w, which vanishes at
 * 45 degrees, and for f 2^-100 of the part of z^3 that vanishes at 30 or 60 degrees. */
TANHSHRINK_INLINE c128_powers c128_powers_of(double a, double b, int exact_where_zero,
                                             int derivative)
{
    c128_powers of;
    f64_pair a2 = exact_square(a), b2 = exact_square(b);
    of.w.re = exact_where_zero & derivative ? pair_multiply(exact_sum(a, b), exact_sum(a, -b))
                                            : pair_add(a2, pair_negate(b2));
    of.w.im = pair_scale(exact_product(a, b), 2);
    of.base = of.first = of.w;
    if (derivative)
        return of;
    f64_pair re = pair_add(of.w.re, pair_scale(b2, -2)), im = pair_add(of.w.re, pair_scale(a2, 2));
    if (exact_where_zero) {
        uint64_t steep = f64_below(a, b);
        f64_pair zero = minus_three_times(pair_choose(steep, b2, a2), pair_choose(steep, a2, b2));
        re = pair_choose(steep, re, zero);
        im = pair_choose(steep, pair_negate(zero), im);
    }
    of.base.re = pair_multiply_f64(re, a);
    of.base.im = pair_multiply_f64(im, b);
    of.first.re = pair_third(of.base.re);
    of.first.im = pair_third(of.base.im);
    return of;
}

#define C128_OTHERS_MATTER 0x1p-70   /* 8.5e-22: the least |z|^2 whose powers do, next to 1, ... */
#define C128_SECOND_MATTERS 0x1p-120 /* 7.5e-37: ... and next to parts of z^3 that nearly vanish */

/* For z = a + ib: re + i im = c[start] w^start + ... of `terms` terms, start being 1 or 2.  Where
 * |z|^2 is below `matters`, powers could underflow, and 0 does as well.  A loop of its own, because
 * with all that uses it, it would be longer than a processor looks ahead. */
TANHSHRINK_INLINE void c128_rest_loop(const double *a, const double *b, double *re, double *im,
                                      ptrdiff_t n, const f64_pair *c, int start, int terms,
                                      double matters)
{
    for (ptrdiff_t j = 0; j < n; j++) {
        uint64_t tiny = f64_below(a[j] * a[j] + b[j] * b[j], matters);
        double x = f64_choose(tiny, 0, a[j]), y = f64_choose(tiny, 0, b[j]);
        complex_f64 w = {(x - y) * (x + y), 2 * x * y};
        complex_f64 factor = start == 1 ? w : complex_f64_square(w);
        complex_f64 rest = complex_f64_multiply(factor, complex_polynomial(w, c + start, terms));
        re[j] = rest.re;
        im[j] = rest.im;
    }
}

/* For a, b < 2^-5: z^3 or z^2, plus that times the rest of the series */
TANHSHRINK_INLINE complex_pair c128_small(c128_powers of, complex_f64 rest)
{
    complex_f64 base = {of.base.re.high, of.base.im.high};
    complex_f64 others = complex_f64_multiply(base, rest);
    of.first.re.low += others.re;
    of.first.im.low += others.im;
    return of.first;
}

/* c w + rest for a part of w: a cut pair */
TANHSHRINK_INLINE f64_pair c128_second_term(f64_pair c, f64_pair w, double rest)
{
    f64_pair product = pair_multiply_cut(pair_cut(w), pair_cut(c));
    rest += product.low;
    double upper = upper_bits(product.high + rest);
    return pair(upper, (product.high - upper) + rest);
}

/* start + a b + c d for cut pairs */
TANHSHRINK_INLINE f64_pair c128_add_products(f64_pair start, f64_pair a, f64_pair b, f64_pair c,
                                             f64_pair d)
{
    f64_pair first = pair_multiply_cut(a, b), second = pair_multiply_cut(c, d);
    f64_pair sum = exact_sum(start.high, first.high), next = exact_sum(sum.high, second.high);
    return pair(next.high, (next.low + sum.low) + (start.low + (first.low + second.low)));
}

/* The sum of the series, given the rest after the second term.  Unless |z|^2 `matters`, z is so
 * tiny that its powers could underflow, and 0 does as well. */
TANHSHRINK_INLINE complex_pair c128_series_sum(c128_powers of, uint64_t matters, complex_f64 rest,
                                               int derivative)
{
    f64_pair second = derivative ? grad_terms[1] : series_terms[1], zero = pair(0, 0);
    /* w^2, unlike z^3 w, does not underflow, and is all of Re f' on the diagonal. */
    f64_pair factor_re = derivative ? of.w.re : pair_choose(matters, of.w.re, zero);
    f64_pair factor_im = derivative ? of.w.im : pair_choose(matters, of.w.im, zero);
    f64_pair g_re = c128_second_term(second, factor_re, rest.re);
    f64_pair g_im = c128_second_term(second, factor_im, rest.im);
    f64_pair base_re = pair_cut(of.base.re), base_im = pair_cut(of.base.im);
    complex_pair f;
    f.re = c128_add_products(of.first.re, base_re, g_re, pair_negate(base_im), g_im);
    f.im = c128_add_products(of.first.im, base_re, g_im, base_im, g_re);
    return f;
}

#endif
