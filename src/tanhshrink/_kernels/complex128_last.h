/* z - tanh(z) and tanh(z)^2 next to a curve where a part of them vanishes: the last tier.
 *
 * There a part of f may be 2^-60 of |f| and less, and of the accurate tier's 98 bits too few are
 * left.  With z = a + ib and b = r + m pi/2, |r| <= pi/4, and
 *
 *     G(x) = (cosh 2x - 1)/2    S(x) = (sinh 2x)/2x - 1
 *     h = 1 + G(a) + G(ir) for an even m, G(a) - G(ir) for an odd one
 *     X = a (1 + S(a))          Y = r (1 + S(ir))
 *
 * tanh z is (X + iY)/h, (X - iY)/h for an odd m, and
 *
 *     Re f  = a (h - 1 - S(a))/h
 *     Im f  = r (h - 1 - S(ir))/h + m pi/2, or b + Y/h for an odd m
 *     Re f' = (X + Y) (X - Y)/h^2
 *     Im f' = 2 X Y/h^2, negative for an odd m
 *
 * Of these sums only those cancel that vanish, and 1 is not added before it would be subtracted.
 * So nothing else needs more than a pair, and for small z all errors are next to |z|^2, as f is:
 * 2^-155 of z's part for f, times |z|^2 if that is less, and of X^2 for f', in 3500 numbers nearest
 * to the curves, before the part is rounded to a pair.
 *
 * All elements left to this tier have a < 1.25: on the curves a is at most 1.2. */
#ifndef TANHSHRINK_COMPLEX128_LAST_H
#define TANHSHRINK_COMPLEX128_LAST_H

#include "complex128_fast.h"
#include "complex128_last_series.h"

/* h, or h - 1 for an even m */
TANHSHRINK_INLINE f64_triple c128_last_norm(const c128_last *last, ptrdiff_t j)
{
    f64_triple of_angle = triple_at(&last->cosh, C128_LAST_GROUP + j);
    of_angle = triple_flip_sign(of_angle, last->odd[j] << 63);
    return triple_add(triple_at(&last->cosh, j), of_angle);
}

TANHSHRINK_INLINE f64_pair c128_last_h(f64_triple norm, uint64_t odd)
{
    return pair_normalize(pair_add_to(f64_choose(odd, 0, 1), triple_round(norm)));
}

TANHSHRINK_INLINE void c128_last_store(c128_last *last, ptrdiff_t j, f64_pair re, f64_pair im)
{
    re = pair_normalize(re);
    im = pair_normalize(im);
    last->re[j] = re.high;
    last->re_low[j] = re.low;
    last->im[j] = im.high;
    last->im_low[j] = im.low;
}

TANHSHRINK_INLINE void c128_last_shrink(c128_last *last)
{
    for (ptrdiff_t j = 0; j < C128_LAST_GROUP; j++) {
        double a = last->a[j], b = last->b[j];
        uint64_t odd = last->odd[j], even = odd ^ 1;
        f64_triple angle = triple_at(&last->angle, j), norm = c128_last_norm(last, j);
        f64_triple one = triple_from(f64_choose(odd, 1, 0));
        f64_pair h = c128_last_h(norm, odd);
        double reciprocal = f64_reciprocal(h.high);

        f64_triple re = triple_add(one, triple_at(&last->sinh, j));
        re = triple_add(norm, triple_negate(re));
        f64_pair re_by_a = pair_divide(triple_round(re), h, reciprocal);

        /* r (h - 1 - S)/h and m pi/2; or r (1 + S)/h + b h/h and 0, but b where it is so large that
         * b h would overflow, and that Y/h, less than 2^62, may be a pair. */
        f64_triple im = triple_flip_sign(triple_at(&last->sinh, C128_LAST_GROUP + j), even << 63);
        im = triple_multiply(angle, triple_add(triple_choose(odd, one, norm), im));
        double b_seen = f64_choose(odd & f64_below(b, 0x1p64), b, 0);
        im = triple_add(im, triple_multiply_f64(norm, b_seen));
        f64_pair turns = triple_round(triple_add(triple_from(b), triple_negate(angle)));
        turns = pair_choose(odd, pair(b - b_seen, 0), turns);
        f64_pair im_f = pair_add(turns, pair_divide(triple_round(im), h, reciprocal));
        c128_last_store(last, j, c128_minus_zero(a, pair_multiply_f64(re_by_a, a)), im_f);
    }
}

TANHSHRINK_INLINE void c128_last_grad(c128_last *last)
{
    for (ptrdiff_t j = 0; j < C128_LAST_GROUP; j++) {
        f64_triple one = triple_from(1), x = triple_at(&last->sinh, j);
        f64_triple y = triple_at(&last->sinh, C128_LAST_GROUP + j);
        f64_pair h2 = pair_square(c128_last_h(c128_last_norm(last, j), last->odd[j]));
        double reciprocal = f64_reciprocal(h2.high);

        x = triple_multiply_f64(triple_add(one, x), last->a[j]);
        y = triple_multiply(triple_add(one, y), triple_at(&last->angle, j));
        f64_pair sum = triple_round(triple_add(x, y));
        f64_pair difference = triple_round(triple_add(x, triple_negate(y)));
        f64_pair im = pair_multiply(pair_scale(triple_round(x), 2), triple_round(y));
        im = pair_flip_sign(im, last->odd[j] << 63);
        c128_last_store(last, j, pair_divide(pair_multiply(sum, difference), h2, reciprocal),
                        pair_divide(im, h2, reciprocal));
    }
}

/* The elements of a list, in place */
TANHSHRINK_NOINLINE void c128_last_tier(c128_numbers *z, const uint8_t *index, ptrdiff_t n,
                                        int derivative)
{
    c128_last last;
    for (ptrdiff_t first = 0; first < n; first += C128_LAST_GROUP) {
        ptrdiff_t left = n - first, count = left < C128_LAST_GROUP ? left : C128_LAST_GROUP;
        for (ptrdiff_t j = 0; j < C128_LAST_GROUP; j++) {
            ptrdiff_t i = index[j < count ? first + j : first]; /* the first one fills the group */
            last.a[j] = z->a[i];
            last.b[j] = z->b[i];
        }
        c128_last_reduce(&last);
        c128_last_series(&last);
        if (derivative)
            c128_last_grad(&last);
        else
            c128_last_shrink(&last);
        for (ptrdiff_t j = 0; j < count; j++) {
            ptrdiff_t i = index[first + j];
            z->re[i] = last.re[j];
            z->re_low[i] = last.re_low[j];
            z->im[i] = last.im[j];
            z->im_low[i] = last.im_low[j];
        }
    }
}

#endif
