/* z - tanh(z) and tanh(z)^2 in complex128 where no series and no table is needed: special values,
 * real numbers, and large ones.
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
 * The last one is not decided here.  Zeros have the signs that make f odd and f' even, and both
 * conjugate-symmetric; Annex G of C99 says the same of tanh.  (-+0 because Re f is -x tan(y)^2.) */
#ifndef TANHSHRINK_COMPLEX128_SPECIAL_H
#define TANHSHRINK_COMPLEX128_SPECIAL_H

#include "complex128_fast.h"
#include "float64_fast.h"

#define C128_SHRINK_FAR 22.0 /* exp(-44) is 2^-63.5 */

/* Where Re f' is 1, Im f' may be subnormal: it is computed times 2^200 exp(2a) and scaled. */
#define C128_GRAD_FAR 100.0 /* exp(-200) is 2^-288.5 */
#define C128_FAR_EXPONENT 200

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

/* For x >= 0, or NaN: a signalling one is invalid.  No comparison, with which a loop would not
 * become vectors. */
TANHSHRINK_INLINE double quiet_nan(double x) { return x + 0.0; }

/* A number with the sign of sin 2b if a is infinite, else any */
TANHSHRINK_INLINE double c128_sine_sign(double a, double b)
{
    uint64_t a_infinite = ((f64_bits(a) ^ f64_bits(HUGE_VAL)) - 1) >> 63;
    /* One branch, which few b need: a may be infinite or NaN at random. */
    if (!(a_infinite & f64_below(1, b) & f64_below(b, HUGE_VAL)))
        return 1;
    reduced_angle angle = f64_below(b, REDUCED_END) ? reduce_angle(b) : reduce_large_angle(b);
    double sine_sign = angle.quadrant & 1 ? 1 : angle.rest.high;
    return angle.quadrant & 2 ? -sine_sign : sine_sign;
}

/* Where a or b is infinite or NaN, and b is not 0 */
TANHSHRINK_INLINE void c128_not_finite_loop(c128_work *work, ptrdiff_t n, int derivative)
{
    for (ptrdiff_t j = 0; j < n; j++)
        work->z.im[j] = derivative ? c128_sine_sign(work->z.a[j], work->z.b[j]) : 1;
    for (ptrdiff_t j = 0; j < n; j++) {
        double re = 0, im = work->z.im[j];
        complex_special(quiet_nan(work->z.a[j]), quiet_nan(work->z.b[j]), &re, &im, derivative);
        work->z.re[j] = re;
        work->z.im[j] = im;
        work->doubtful[j] = 0;
    }
}

TANHSHRINK_INLINE void c128_zero_loop(c128_work *work, ptrdiff_t n)
{
    for (ptrdiff_t j = 0; j < n; j++) {
        work->z.re[j] = work->z.re_low[j] = work->z.im[j] = work->z.im_low[j] = 0;
        work->doubtful[j] = 0;
    }
}

TANHSHRINK_INLINE void c128_real_loop(c128_work *work, ptrdiff_t n, int derivative)
{
    c128_zero_loop(work, n);
    if (derivative)
        tanhshrink_grad_f64_block(work->z.a, work->z.re, n);
    else
        tanhshrink_f64_block(work->z.a, work->z.re, n);
}

/* a >= C128_SHRINK_FAR */
TANHSHRINK_INLINE void c128_shrink_far_loop(c128_work *work, ptrdiff_t n)
{
    c128_zero_loop(work, n);
    for (ptrdiff_t j = 0; j < n; j++) {
        work->z.re[j] = work->z.a[j] - 1;
        work->z.im[j] = work->z.b[j];
    }
}

/* tanh(z)^2 for a >= C128_GRAD_FAR: 1 + 4 i exp(-2a) sin 2b.  From a = 400 on the imaginary part is
 * less than half the smallest number, so that it is 0 as there. */
TANHSHRINK_NOINLINE void c128_grad_far_loop(c128_work *work, ptrdiff_t n)
{
    c128_pairs sine, unused;
    c128_reduced power;
    for (ptrdiff_t j = 0; j < n; j++)
        work->z.a[j] = f64_choose(f64_below(work->z.a[j], 400), work->z.a[j], 400);
    c128_sine_cosine_fast(&work->z, &sine, &unused, n);
    c128_reduce_powers(&work->z, &power, n);
    for (ptrdiff_t j = 0; j < n; j++) {
        f64_pair s, c, h = pair_at(&power.rest, j);
        sinh_cosh_rest(h, &s, &c);
        f64_pair down = pair(power.row[j][2], power.row[j][3]);
        down = pair_cut(pair_scale(down, 8 * f64_power(-C128_FAR_EXPONENT)));
        f64_pair exp_rest = pair_add_ordered(pair(1, 0), pair_add(c, pair_negate(s)));
        f64_pair im = pair_multiply_cut(down, pair_cut(exp_rest));
        im = pair_multiply_cut(pair_cut(im), pair_cut(pair_at(&sine, j)));
        c128_store(work, j, pair(1, 0), im);
        work->exponent[j] = C128_FAR_EXPONENT - (int64_t)((power.index[j] & 0xffffff) >> 6);
        work->doubtful[j] = 0;
    }
}

#endif
