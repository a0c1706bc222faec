/* z - tanh(z) and tanh(z)^2 next to a curve where a part of them vanishes: the last tier.
 *
 * There a part of f may be 2^-60 of |f| and less, and of the accurate tier's 98 bits too few are
 * left.  This one has about 150, by the shortest formulas rather than the fastest:
 *
 *     z = z' + i m pi/2;  with w = z'^2, sinh z' = z' S(w), cosh z' = C(w) and
 *     z' cosh z' - sinh z' = z'^3 A(w):
 *
 *     m even    tanh z = z' S/C    z - tanh z = z'^3 A/C + i m pi/2
 *     m odd     tanh z = C/(z' S)
 *
 * All such curves have |z'| < 1.7, where 24 terms of a series are good to 2^-165.  */
#ifndef TANHSHRINK_COMPLEX128_LAST_H
#define TANHSHRINK_COMPLEX128_LAST_H

#include "complex_tanh.h"
#include "triple_double.h"

/* 1 + w/(d1 e1) (1 + w/(d2 e2) (...)) with dn = 2n + d, en = 2n + e */
TANHSHRINK_NOINLINE complex_triple series_last(complex_triple w, int d, int e)
{
    complex_triple one = {triple(1), triple(0)}, sum = one;
    for (int n = 24; n > 0; n--) {
        double divisor = (2 * n + d) * (2 * n + e);
        sum = complex_triple_multiply(sum, w);
        sum.re = triple_divide_integer(sum.re, divisor);
        sum.im = triple_divide_integer(sum.im, divisor);
        sum = complex_triple_add(one, sum);
    }
    return sum;
}

/* b = rest + m pi/2, |rest| <= pi/4.  Returns m modulo 4. */
TANHSHRINK_INLINE uint64_t reduce_last(double b, f64_triple *rest)
{
    double chunk[4], part[4];
    *rest = triple(b);
    if (b < 0.75)
        return 0;
    uint64_t quadrant = angle_chunks(b / 2, chunk);
    quadrant = angle_parts(quadrant, chunk, part);
    f64_triple pi_2 = {{pi_2_parts[0], pi_2_parts[1], pi_2_parts[2]}};
    *rest = triple_multiply(triple_sum(part, 4), pi_2);
    return quadrant;
}

/* tanh(z)^2 or z - tanh(z) in the first quadrant */
TANHSHRINK_NOINLINE complex_pair c128_last(double a, double b, int derivative)
{
    complex_triple z = {triple(a), triple(b)}, near = z, f, tanh;
    int odd = (int)(reduce_last(b, &near.im) & 1);
    complex_triple w = complex_triple_multiply(near, near);
    complex_triple c = series_last(w, -1, 0);
    complex_triple sinh = complex_triple_multiply(near, series_last(w, 0, 1));
    tanh = odd ? complex_triple_divide(c, sinh) : complex_triple_divide(sinh, c);
    if (derivative) {
        f = complex_triple_multiply(tanh, tanh);
        f.re = triple_multiply(triple_add(tanh.re, tanh.im),
                               triple_add(tanh.re, triple_negate(tanh.im)));
    } else if (odd) {
        f.re = triple_add(z.re, triple_negate(tanh.re));
        f.im = triple_add(z.im, triple_negate(tanh.im));
    } else {
        complex_triple cube = complex_triple_multiply(near, w);
        f = complex_triple_divide(complex_triple_multiply(cube, series_last(w, 0, 3)), c);
        f.re = triple_divide_integer(f.re, 3); /* A(0) = 1/3 */
        f.im = triple_divide_integer(f.im, 3);
        f.im = triple_add(triple_add(z.im, triple_negate(near.im)), f.im);
    }
    complex_pair rounded = {pair(f.re.part[0], f.re.part[1]), pair(f.im.part[0], f.im.part[1])};
    return rounded;
}

#endif
