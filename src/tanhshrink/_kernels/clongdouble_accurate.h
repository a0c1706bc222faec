/* z - tanh(z) and tanh(z)^2 for complex long double, in multiple precision: for what the formulas
 * in pairs leave, next to curves where a part vanishes.
 *
 * With u = 2a, v = 2b, C(x) = cosh x - 1, S(x) = sinh(x) / x - 1 and D = cosh u + cos v:
 *
 *     f  = (a (C(u) + C(iv) - 2 S(u)) + i b (C(u) + C(iv) - 2 S(iv))) / D
 *     f' = (sinh(u)^2 - sin(v)^2 + 2 i sinh(u) sin(v)) / D^2
 *
 * in which nothing cancels but where a part of the result vanishes. There a sum is at least about
 * 2^-128 (IEEE quad: 2^-226) of its terms, as there are so many z in an octave, and they are good
 * to 2^-240 (2^-368). */
#ifndef TANHSHRINK_CLONGDOUBLE_ACCURATE_H
#define TANHSHRINK_CLONGDOUBLE_ACCURATE_H

#include "clongdouble_reduce.h"

/* cosh x - 1 and sinh(x) / x - 1, or cos x - 1 and sin(x) / x - 1 */
typedef struct {
    mp_float c, s;
} clongdouble_less_one;

/* The same for x = 2 sqrt(|w|) once or more: w is x^2, or -x^2 for the circular functions. The
 * Taylor series for an x halved until it is below 1/64, and then
 *     C(2x) = 2 C(x) (C(x) + 2), S(2x) = S(x) + C(x) + S(x) C(x) */
TANHSHRINK_NOINLINE clongdouble_less_one clongdouble_less_one_of(mp_float w)
{
    int halvings = w.exponent > -12 ? (w.exponent + 13) / 2 : 0;
    w.exponent -= 2 * halvings;
    /* term = w^n / (2n + 1)! */
    mp_float two = mp_from(2), term = mp_divide_small(w, 6);
    clongdouble_less_one sum = {mp_divide_small(w, 2), term};
    for (uint32_t n = 2; !mp_is_zero(w) && term.exponent > sum.s.exponent - MP_BITS; n++) {
        term = mp_divide_small(mp_multiply(term, w), 2 * n * (2 * n + 1));
        sum.s = mp_add(sum.s, term);
        sum.c = mp_add(sum.c, mp_multiply_small(term, 2 * n + 1));
    }
    for (int i = 0; i < halvings; i++) {
        sum.s = mp_add(mp_add(sum.s, sum.c), mp_multiply(sum.s, sum.c));
        sum.c = mp_scale(mp_multiply(sum.c, mp_add(sum.c, two)), 1);
    }
    return sum;
}

/* f(a + ib), or with `derivative` f'(a + ib), for finite a, b >= 0 not both 0 */
TANHSHRINK_NOINLINE void clongdouble_accurate(long double a, long double b, int derivative,
                                              long double out[2])
{
    mp_float mp_a = mp_from(a < 8192 ? a : 8192), mp_b = mp_from(b), two = mp_from(2);
    mp_float u = mp_scale(mp_a, 1), v = mp_scale(mp_b, 1), r = v;
    int reduced = b >= 0.5L, quadrant = 0;
    if (reduced) { /* v = k pi + r */
        mp_float pi = mp_normalize(longdouble_pi, MP_LIMBS, 2);
        r = mp_multiply(clongdouble_quadrants(mp_b, &quadrant), pi);
    }
    int odd = quadrant & 1;
    clongdouble_less_one hyperbolic = clongdouble_less_one_of(mp_multiply(u, u));
    clongdouble_less_one circular = clongdouble_less_one_of(mp_negate(mp_multiply(r, r)));
    mp_float sinh_u = mp_add(u, mp_multiply(u, hyperbolic.s));
    mp_float sin_v = mp_add(r, mp_multiply(r, circular.s));
    mp_float cos_v_and_1 = mp_add(two, circular.c), re, im;
    if (odd) {
        sin_v = mp_negate(sin_v);
        cos_v_and_1 = mp_negate(circular.c);
    }
    mp_float reciprocal = mp_reciprocal(mp_add(hyperbolic.c, cos_v_and_1));
    if (derivative) {
        mp_float difference = mp_add(sinh_u, mp_negate(sin_v)), sum = mp_add(sinh_u, sin_v);
        if (!reduced) /* (u - v) + (u S(u) - v S(iv)) */
            difference = mp_add(mp_add(u, mp_negate(v)),
                                mp_add(mp_multiply(u, hyperbolic.s),
                                       mp_negate(mp_multiply(v, circular.s))));
        reciprocal = mp_multiply(reciprocal, reciprocal);
        re = mp_multiply(mp_multiply(sum, difference), reciprocal);
        im = mp_scale(mp_multiply(mp_multiply(sinh_u, sin_v), reciprocal), 1);
    } else {
        mp_float c = mp_add(hyperbolic.c, circular.c);
        if (odd) {
            re = mp_add(mp_a, mp_negate(mp_multiply(sinh_u, reciprocal)));
        } else {
            re = mp_add(c, mp_scale(mp_negate(hyperbolic.s), 1));
            re = mp_multiply(mp_multiply(mp_a, re), reciprocal);
        }
        if (reduced) {
            im = mp_add(mp_b, mp_negate(mp_multiply(sin_v, reciprocal)));
        } else {
            im = mp_add(c, mp_scale(mp_negate(circular.s), 1));
            im = mp_multiply(mp_multiply(mp_b, im), reciprocal);
        }
    }
    out[0] = a == 0 && !derivative ? -0.0L : mp_round(re); /* Re f is -a tan(b)^2 for a small a */
    out[1] = mp_round(im);
}

#endif
