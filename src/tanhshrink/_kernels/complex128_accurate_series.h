/* z - tanh(z) in complex128 where a series is used, near 0 and i k pi: the accurate tier.
 *
 * With w = (z - i k pi)^2, f = i k pi + (z - i k pi) w (1/3 - 2/15 w + ...).  The coefficients are
 * real, so with p[j] = c[j] + 2 Re(w) p[j+1] - |w|^2 p[j+2] the sum is c[0] + w p[1] - |w|^2 p[2],
 * whose imaginary part is Im(w) p[1].
 *
 * Error 2^-99 of |z - i k pi|^3.  Parts that would keep less than 58 bits are left to
 * complex128_last.h. */
#ifndef TANHSHRINK_COMPLEX128_ACCURATE_SERIES_H
#define TANHSHRINK_COMPLEX128_ACCURATE_SERIES_H

#include "complex128_accurate.h"
#include "complex128_root.h"

/* Where |w| < 1/8, a term is at most 2^-4.3 of the one before: from the twelfth on, doubles do. */
#define ACCURATE_SERIES_PAIRS 12
#define ACCURATE_SERIES_TERMS ((int)(sizeof series_terms / sizeof series_terms[0])) /* 24 */

/* What depends on w, and p[j] and p[j+1] */
typedef struct {
    c128_pairs rest; /* Im(z - i k pi) */
    c128_pairs re_twice, norm;
    c128_pairs p, q;
} c128_accurate_sums;

TANHSHRINK_NOINLINE void c128_accurate_series_sums(const c128_work *work, c128_accurate_sums *sums,
                                                   ptrdiff_t n)
{
    for (ptrdiff_t j = 0; j < n; j++) {
        double b = work->z.b[j];
        f64_pair rest = pair_scale(reduce_angle(b).rest, 0.5);
        rest = pair_choose(f64_below(b, C128_SERIES_END), pair(b, 0), rest);
        f64_pair a2 = exact_square(work->z.a[j]), b2 = pair_square(rest);
        f64_pair re_twice = pair_scale(pair_add(a2, pair_negate(b2)), 2);
        f64_pair size = pair_add(a2, b2), norm = pair_square(size);
        double p = 0, q = 0;
        for (int k = ACCURATE_SERIES_TERMS - 1; k >= ACCURATE_SERIES_PAIRS; k--) {
            double next = (series_terms[k].high - norm.high * q) + re_twice.high * p;
            q = p;
            p = next;
        }
        pair_put(&sums->rest, j, rest);
        pair_put(&sums->re_twice, j, re_twice);
        pair_put(&sums->norm, j, norm);
        pair_put(&sums->p, j, pair(p, 0));
        pair_put(&sums->q, j, pair(q, 0));
    }
    for (int k = ACCURATE_SERIES_PAIRS - 1; k > 0; k--) {
        const f64_pair c = series_terms[k];
        for (ptrdiff_t j = 0; j < n; j++) {
            f64_pair p = pair_at(&sums->p, j);
            f64_pair rest = pair_multiply(pair_at(&sums->norm, j), pair_at(&sums->q, j));
            f64_pair next = pair_multiply(pair_at(&sums->re_twice, j), p);
            next = pair_add_ordered(c, pair_add(next, pair_negate(rest)));
            pair_put(&sums->q, j, p);
            pair_put(&sums->p, j, next);
        }
    }
}

TANHSHRINK_INLINE complex_pair complex_pair_multiply(complex_pair a, complex_pair b)
{
    complex_pair product;
    product.re = pair_add(pair_multiply(a.re, b.re), pair_negate(pair_multiply(a.im, b.im)));
    product.im = pair_add(pair_multiply(a.re, b.im), pair_multiply(a.im, b.re));
    return product;
}

TANHSHRINK_INLINE void c128_accurate_series_loop(c128_work *work, ptrdiff_t n)
{
    c128_accurate_sums sums;
    c128_accurate_series_sums(work, &sums, n);
    for (ptrdiff_t j = 0; j < n; j++) {
        double a = work->z.a[j], b = work->z.b[j];
        f64_pair rest = pair_at(&sums.rest, j), p = pair_at(&sums.p, j);
        double norm = a * a + rest.high * rest.high;
        /* Of a tiny z, z^3 w could underflow: 0 does as well.  The fast tier does not doubt it. */
        p = pair_choose(f64_below(norm, C128_SECOND_MATTERS), pair(0, 0), p);
        f64_pair w_re = pair_scale(pair_at(&sums.re_twice, j), 0.5);
        f64_pair w_im = pair_scale(pair_multiply_f64(rest, a), 2);
        f64_pair last = pair_multiply(pair_at(&sums.norm, j), pair_at(&sums.q, j));
        complex_pair sum = {pair_multiply(w_re, p), pair_multiply(w_im, p)}, z, w, f;
        sum.re = pair_add_ordered(series_terms[0], pair_add(sum.re, pair_negate(last)));
        z.re = pair(a, 0);
        z.im = rest;
        w.re = w_re;
        w.im = w_im;
        f = complex_pair_multiply(complex_pair_multiply(z, w), sum);
        f.re = c128_minus_zero(a, f.re);
        f.im = pair_add(pair_add_to(b, pair_negate(rest)), f.im);
        c128_store(work, j, f.re, f.im);
        double re = f64_absolute(f.re.high), im = f64_absolute(f.im.high);
        double surely = work->doubt * C128_SURELY;
        double ray_size = surely * c128_ray_size(norm, 0);
        double root_size = surely * c128_root_size(norm, rest.high);
        uint64_t near_zero = f64_below(b, C128_SERIES_END);
        uint64_t fast_would_doubt = (near_zero & c128_doubtful(re, a, im, b, ray_size)) |
                                    ((near_zero ^ 1) & f64_below(re, root_size * a));
        work->for_fast[j] = fast_would_doubt ^ 1;
        work->doubtful[j] = c128_doubtful(re, a, im, b, C128_VANISHING * norm) |
                            c128_needs_large_angle(a, b, 2 * rest.high);
    }
}

#endif
