/* z - tanh(z) and tanh(z)^2 of a complex64 number: the formulas of complex128 in plain double, free
 * of branches, so that a loop over them becomes vectors.
 *
 * The parts of tanh(z) are good to 10 2^-53 of themselves; the most found is 9.6, next to poles.
 * Where the difference z - tanh(z) is taken, it is > 2^-9.6 |z|: the error is below 2^-40 of |f|,
 * 2^-17 of an eps.
 *
 * Where a part of f vanishes, its error is 9 2^-53 of that part of z; where Re f' does, which is a
 * difference of squares, 13 2^-53 of (Re tanh z)^2.  So it may be 5 and 7 ulp before the part is
 * so small that it is computed anew.  The largest found are 2.4 and 3.4 ulp, in 10^8 floats, among
 * them all b up to pi/2 next to where Im f vanishes.
 *
 * On the diagonal, and at angles of 30 and 60 degrees, a part of z^2 or z^3 nearly vanishes, but
 * not the next term of the series: what is doubtful is measured by that. */
#ifndef TANHSHRINK_COMPLEX64_FAST_H
#define TANHSHRINK_COMPLEX64_FAST_H

#include "complex128_special.h"

#define C64_SERIES_END 0x1p-4 /* the largest part of z, or z - i k pi, for the series */

#define C64_DOUBTFUL 0x1p-28 /* 3.7e-9: a part smaller than this, next to z's, is computed anew */

/* c[0] + c[1] w + ... of `terms` terms */
TANHSHRINK_INLINE double c64_polynomial(double w, const double *c, int terms)
{
    double sum = c[terms - 1];
    for (int j = terms - 2; j >= 0; j--)
        sum = sum * w + c[j];
    return sum;
}

/* 2b for b < 2^20: the rest, and a number whose last two bits are the quadrant.  The products and
 * the first difference are exact: relative error 2^-52, and k 2^-104 that is left out */
TANHSHRINK_INLINE double c64_reduce(double b, double *rest)
{
    double angle = 2 * b;
    double shifted = angle * TWO_OVER_PI + ROUND_TO_INTEGER, k = shifted - ROUND_TO_INTEGER;
    *rest = ((angle - k * PI_2_1) - k * PI_2_2) - k * PI_2_3;
    return shifted;
}

/* The same for floats b >= 2^20: their 24 bits times the first two parts of a row are exact, and no
 * float leaves less than 2^-32 of pi/2.  Relative error 2^-51 */
TANHSHRINK_INLINE double c64_reduce_large(double b, double *rest)
{
    const uint64_t first = f64_bits(REDUCED_END) >> 52;
    const double *row = c64_angle_rows[(f64_bits(b) >> 52) - first];
    double significand = f64_from_bits((f64_bits(b) & 0xfffffffffffff) | f64_bits(0x1p23));
    double product = significand * row[0], turns = (product + ROUND_TO_INTEGER) - ROUND_TO_INTEGER;
    product = (product - turns) + significand * row[1]; /* up to 5/8: rounded anew */
    double shifted = product + ROUND_TO_INTEGER;
    product -= shifted - ROUND_TO_INTEGER;
    *rest = (product + significand * row[2]) * (PI_2_1 + PI_2_2);
    return shifted + turns;
}

/* tanh(z) = (sinh 2a + i sin 2b) / (cosh 2a + cos 2b), and 1 over the denominator */
typedef struct {
    double sinh, sine, denominator, reciprocal;
} c64_quotient;

/* From 2b = quadrant pi/2 + rest.  sine_cosine and sinh_cosh in complex_tanh.h do the same.  The
 * polynomials are good to 2^-54, see tools/complex_tables.py. */
TANHSHRINK_INLINE c64_quotient c64_tanh(double a, double quadrant, double rest)
{
    c64_quotient tanh;
    double w = rest * rest;
    double s = rest + rest * (w * c64_polynomial(w, c64_sin, 6));
    double versine = -(w * c64_polynomial(w, c64_cos, 7));
    uint64_t odd = f64_bits(quadrant) & 1, sign = (f64_bits(quadrant) & 2) << 62;
    tanh.sine = f64_flip_sign(f64_choose(odd, 1 - versine, s), sign);
    double one_plus_cosine = f64_choose(odd, 1, 1 + f64_flip_sign(1, sign)) -
                             f64_flip_sign(f64_choose(odd, s, versine), sign);

    /* -3/8 log 2 < h < 5/8 log 2, as for n = 1 and h near -log(2)/2 cosh 2a - 1 would cancel. */
    double two_a = 2 * a, shifted = (two_a * INVERSE_LN2 - 0.125) + ROUND_TO_INTEGER;
    double n = shifted - ROUND_TO_INTEGER, h = (two_a - n * LN2_1) - n * LN2_2;
    w = h * h;
    s = h + h * (w * c64_polynomial(w, c64_sinh, 5));
    double c = w * c64_polynomial(w, c64_cosh, 6);
    double up = f64_from_bits((f64_bits(shifted) + 1022) << 52);
    double down = f64_from_bits((1022 - f64_bits(shifted)) << 52);
    tanh.sinh = (up - down) + ((up - down) * c + (up + down) * s);
    double cosh_minus_one = ((up - 1) + down) + ((up - down) * s + (up + down) * c);
    tanh.denominator = cosh_minus_one + one_plus_cosine;
    tanh.reciprocal = f64_reciprocal(tanh.denominator);
    return tanh;
}

/* z^3 (1/3 - 2/15 w + ...) or w (1 - 2/3 w + ...), w = z^2, where a, |b| < 1/16: what is left out
 * is below 2^-58.  If a and b are floats, their squares are exact, and a nearly vanishing part of
 * the first term is good to 2^-51 as well. */
TANHSHRINK_INLINE void c64_series(double a, double b, double *re, double *im, int derivative)
{
    double a2 = a * a, b2 = b * b;
    complex_f64 w = {(a - b) * (a + b), 2 * a * b};
    complex_f64 base = {a * (a2 - 3 * b2), b * (3 * a2 - b2)};
    /* Less 2^-100, which changes the sum by as much at most: powers of a tiny w would be subnormal,
     * and cost 50 cycles.  Negative, as w is where a is 0; so Re f becomes -0 there. */
    complex_f64 seen = {w.re - 0x1p-100, w.im};
    complex_f64 sum = derivative ? complex_polynomial(seen, grad_terms, 8)
                                 : complex_polynomial(seen, series_terms, 7);
    complex_f64 f = complex_f64_multiply(derivative ? w : base, sum);
    *re = f.re;
    *im = f.im;
}

/* z - tanh(z) or tanh(z)^2 for b - b_rest = 0, pi, 2 pi ..., where a, |b_rest| < 1/16.  Returns 1
 * if a part is doubtful. */
TANHSHRINK_INLINE uint64_t c64_near_root(double a, double b, double b_rest, double *re, double *im,
                                         int derivative)
{
    double root = b - b_rest;
    c64_series(a, b_rest, re, im, derivative);
    *im = derivative ? *im : root + *im;
    /* Measured by the second term of the series, or next to other roots by the first one: the
     * squares are not exact there. */
    double norm = a * a + b_rest * b_rest;
    double size = 8 * C64_DOUBTFUL * norm * (norm + (root < 1 ? root : 1));
    double re_size = f64_absolute(*re), im_size = f64_absolute(*im);
    return derivative ? f64_below(re_size, size)
                      : f64_below(re_size, size * a) | f64_below(im_size, size * b);
}

/* The same for finite z elsewhere, 2b = quadrant pi/2 + rest. */
TANHSHRINK_INLINE uint64_t c64_finite(double a, double b, double quadrant, double rest, double *re,
                                      double *im, int derivative)
{
    /* From here on tanh(z) is 1 to 2^-171 or 2^-49: the imaginary part is computed as there, so
     * that it is inexact, and raises underflow where it is subnormal or 0 as a float. */
    double far = derivative ? 60 : 18;
    c64_quotient tanh = c64_tanh(f64_choose(f64_below(a, far), a, far), quadrant, rest);
    double sinh = tanh.sinh, sine = tanh.sine, reciprocal = tanh.reciprocal;
    if (derivative) {
        double re_times = (sinh - sine) * (sinh + sine), square = reciprocal * reciprocal;
        *re = re_times * square;
        *im = 2 * sinh * sine * square;
        return f64_below(f64_absolute(re_times), C64_DOUBTFUL * (sinh * sinh));
    }
    double a_times = a * tanh.denominator, b_times = b * tanh.denominator;
    double re_times = sinh - a_times, im_times = b_times - sine;
    *re = -(re_times * reciprocal); /* a = 0: -0 */
    *im = im_times * reciprocal;
    return f64_below(f64_absolute(re_times), C64_DOUBTFUL * a_times) |
           f64_below(f64_absolute(im_times), C64_DOUBTFUL * b_times);
}

#endif
