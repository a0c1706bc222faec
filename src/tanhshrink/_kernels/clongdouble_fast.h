/* z - tanh(z) and tanh(z)^2 for complex long double in pairs of long doubles, and where that is in
 * doubt.
 *
 * The errors before rounding are below 2^-7 eps of the whole; where a part is so small that they
 * might be more than about an ulp of it, the result is marked as doubtful.
 *
 * Most methods are functions of their own: in one piece, gcc runs out of x87 registers. */
#ifndef TANHSHRINK_CLONGDOUBLE_FAST_H
#define TANHSHRINK_CLONGDOUBLE_FAST_H

#include "clongdouble_series.h"
#include "clongdouble_tanh.h"

/* 8.9e-16: of a pair that cancels to less than this, too few bits may be left. */
#define CLONGDOUBLE_CANCELLED 0x1p-50L

/* 6.2e-61: instead of a smaller part of z, this; then the part of the result that is proportional
 * to it is scaled. The other part of z is at least 2^-100, so that is right to 2^-200. */
#define CLONGDOUBLE_STAND_IN 0x1p-200L

/* f and tanh(z)^2 from tanh(z), or f and z^2 */
typedef struct {
    clongdouble_pair value;
    int doubtful; /* a part may be more than about an ulp wrong, or the whole 0.01 eps */
} clongdouble_result;

/* Raises UNDERFLOW where a part is subnormal: what was dropped of it may have been 0 by chance, or
 * too little to be seen. */
TANHSHRINK_INLINE long double clongdouble_with_flag(long double part)
{
    return fabsl(part) < LDBL_MIN ? part + part * LDBL_MIN : part;
}

/* pair / CLONGDOUBLE_STAND_IN tiny 2^-k, rounded */
TANHSHRINK_INLINE long double clongdouble_times_tiny(longdouble_pair pair, long double tiny, int k)
{
    int scale = tiny < 0x1p-8000L ? 8000 : 0;
    if (tiny == 0)
        return pair.high * tiny; /* for the sign */
    pair.high *= 1 / CLONGDOUBLE_STAND_IN;
    pair.low *= 1 / CLONGDOUBLE_STAND_IN;
    pair = longdouble_multiply_pair(scale ? tiny * 0x1p+8000L : tiny, pair);
    return clongdouble_with_flag(ldexpl(longdouble_pair_round(pair), -scale - k));
}

/* f(a + ib) for CLONGDOUBLE_FAR <= a < LONGDOUBLE_ONE_START. With e = exp(-2a), below 2^-11,
 *     1 - tanh(z) = 2 e (cos 2b + e - i sin 2b) / (1 + e (2 cos 2b + e)) */
TANHSHRINK_NOINLINE clongdouble_pair clongdouble_shrink_far(long double a, long double b)
{
    clongdouble_sin_cos angle = clongdouble_sin_cos_of(b);
    clongdouble_pair f;
    long double e = longdouble_exp_minus_twice(a), s = angle.sin.high, c = angle.cos.high;
    long double cos_2b = (c - s) * (c + s), factor = 2 * e / (1 + e * (2 * cos_2b + e));
    f.re = longdouble_make_pair(a - 1, factor * (cos_2b + e));
    f.im = longdouble_make_pair(b, -(factor * (2 * s * c)));
    return f;
}

/* Whether a part of f is less than `share` of a |z|^2 or b |z|^2, to which its errors are relative,
 * or so little that few bits are left. */
TANHSHRINK_INLINE int clongdouble_cancelled(clongdouble_pair f, long double a, long double b,
                                            long double norm, long double share)
{
    long double least = norm * (share + CLONGDOUBLE_CANCELLED);
    return fabsl(f.re.high) < a * least || fabsl(f.im.high) < b * least;
}

/* |z|^2, or less where it matters no more and could overflow */
TANHSHRINK_INLINE long double clongdouble_norm(long double a, long double b)
{
    b = b < CLONGDOUBLE_REDUCED_END ? b : CLONGDOUBLE_REDUCED_END;
    return a * a + b * b;
}

/* f(a + ib) near 0, where norm = |z|^2 is below CLONGDOUBLE_LONG_END. What is too coarse for a part
 * next to a curve of zeros gives way to the next method. */
TANHSHRINK_INLINE clongdouble_result clongdouble_shrink_small(long double a, long double b,
                                                              long double norm)
{
    clongdouble_result f = {{{0, 0}, {0, 0}}, 0};
    if (norm < CLONGDOUBLE_SHORT_END) {
        f.value = clongdouble_short_series(a, b, norm);
        if (!clongdouble_cancelled(f.value, a, b, norm, 4 * norm))
            return f;
    }
    f.value = clongdouble_long_series(a, b, norm);
    f.doubtful = clongdouble_cancelled(f.value, a, b, norm, 7 * norm * norm);
    return f;
}

/* f(a + ib) for b = k pi + rest, near i k pi: i k pi and the series of z - i k pi. Of the low part
 * of the rest only the product with the derivative counts: w - 2/3 w^2 for w = (z - i k pi)^2. */
TANHSHRINK_NOINLINE clongdouble_result clongdouble_shrink_near_root(long double a, long double b,
                                                                  longdouble_pair rest)
{
    long double r = fabsl(rest.high), low = rest.high < 0 ? -rest.low : rest.low;
    long double norm = a * a + r * r;
    clongdouble_result f = clongdouble_shrink_small(a, r, norm);
    /* The rest is good to 2^-15 of its last place, Re f so next to a times the norm. */
    f.doubtful |= fabsl(f.value.re.high) < 0x1p-8L * a * norm;
    longdouble_pair k_pi = longdouble_sum(b, -rest.high);
    k_pi.low -= rest.low;
    long double w_re = (a - r) * (a + r), w_im = 2 * a * r;
    f.value.re.low -= w_im * (1 - 4 * longdouble_series[0] * w_re) * low;
    f.value.im.low += w_re * low;
    if (rest.high < 0)
        f.value.im = longdouble_pair_negate(f.value.im);
    f.value.im = longdouble_pair_add(k_pi, f.value.im);
    return f;
}

/* f(a + ib) for a < CLONGDOUBLE_FAR, neither part below CLONGDOUBLE_STAND_IN */
TANHSHRINK_INLINE clongdouble_result clongdouble_shrink(long double a, long double b)
{
    clongdouble_result f;
    long double norm = clongdouble_norm(a, b);
    if (norm < CLONGDOUBLE_LONG_END)
        return clongdouble_shrink_small(a, b, norm);
    if (a * a < CLONGDOUBLE_SHORT_END && b < CLONGDOUBLE_REDUCED_END) {
        int quadrant;
        longdouble_pair rest = clongdouble_reduce(b, &quadrant);
        if (!(quadrant & 1) && a * a + rest.high * rest.high < CLONGDOUBLE_SHORT_END)
            return clongdouble_shrink_near_root(a, b, rest);
    }
    clongdouble_pair tanh = clongdouble_tanh(a, b);
    f.value.re = longdouble_subtract_pair(a, tanh.re);
    f.value.im = longdouble_subtract_pair(b, tanh.im);
    long double re = fabsl(f.value.re.high), im = fabsl(f.value.im.high);
    long double tanh_re = tanh.re.high, tanh_im = fabsl(tanh.im.high);
    /* tanh(z) is better for |z| < 1/2, and f is at least |z|^3 / 3 there */
    long double share = norm < 0.25L ? 0x1p-13L : 0x1p-11L;
    f.doubtful = re < share * tanh_re || im < share * tanh_im ||
                 (norm >= 0.25L && re + im < 0.03L * (tanh_re + tanh_im));
    return f;
}

/* t^2, doubtful where its real part is less than about `share` of it */
TANHSHRINK_INLINE clongdouble_result clongdouble_square_of(clongdouble_pair t, long double share)
{
    clongdouble_result result;
    longdouble_pair difference = longdouble_pair_add(t.re, longdouble_pair_negate(t.im));
    longdouble_pair sum = longdouble_pair_add(t.re, t.im);
    result.value.re = longdouble_pair_multiply(difference, sum);
    result.value.im = longdouble_pair_multiply(t.re, t.im);
    result.value.im.high *= 2;
    result.value.im.low *= 2;
    long double least = t.re.high * share;
    result.doubtful = fabsl(difference.high) < least || fabsl(sum.high) < least;
    return result;
}

/* tanh(a + ib)^2, neither part below CLONGDOUBLE_STAND_IN */
TANHSHRINK_NOINLINE clongdouble_result clongdouble_square(long double a, long double b)
{
    long double norm = clongdouble_norm(a, b);
    if (norm < CLONGDOUBLE_PLAIN_END) {
        clongdouble_pair t = clongdouble_plain_tanh(a, b, norm);
        clongdouble_result square = clongdouble_square_of(t, 4 * norm);
        if (!square.doubtful)
            return square;
    }
    clongdouble_pair t =
        norm < CLONGDOUBLE_SHORT_END ? clongdouble_series_tanh(a, b, norm) : clongdouble_tanh(a, b);
    return clongdouble_square_of(t, 0x1p-12L);
}

/* Im f'(a + ib) for a >= LONGDOUBLE_ONE_START, where f' is 1 + 8 i exp(-2a) sin b cos b */
TANHSHRINK_NOINLINE long double clongdouble_square_far(long double a, long double b)
{
    int k, tiny = b < CLONGDOUBLE_STAND_IN;
    clongdouble_sin_cos angle = clongdouble_sin_cos_of(tiny ? CLONGDOUBLE_STAND_IN : b);
    longdouble_pair e = clongdouble_exp_minus_twice(a < 8192 ? a : 8192, &k);
    e = longdouble_pair_multiply(longdouble_pair_multiply(angle.sin, angle.cos), e);
    return tiny ? clongdouble_times_tiny(e, b, k - 3)
                : clongdouble_with_flag(ldexpl(longdouble_pair_round(e), 3 - k));
}

#endif
