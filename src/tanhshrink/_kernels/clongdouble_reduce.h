/* Reduction of the imaginary part of a complex long double modulo pi/2. */
#ifndef TANHSHRINK_CLONGDOUBLE_REDUCE_H
#define TANHSHRINK_CLONGDOUBLE_REDUCE_H

#include "coefficients_longdouble.h"
#include "longdouble_pair.h"
#include "multiple_precision.h"

/* The multiple of pi/2 nearest to b has, as an integer, two halves of this many bits. */
#define CLONGDOUBLE_HALF ((long double)((uint64_t)1 << (LDBL_MANT_DIG / 2 - 2)))
#define CLONGDOUBLE_REDUCED_END (CLONGDOUBLE_HALF * CLONGDOUBLE_HALF) /* 2^60, quad: 2^108 */

/* b = (k + the result) pi/2, the result from -1/2 to 1/2; k modulo 4 in *quadrant. Payne and Hanek:
 * of the digits of 2/pi, those that make multiples of 2^32 are not looked at, nor those that are
 * too small. b >= 1/2. */
TANHSHRINK_NOINLINE mp_float clongdouble_quadrants(mp_float b, int *quadrant)
{
    enum { FACTOR = MP_INPUT_LIMBS + 1, FRACTION = MP_LIMBS + 2 * FACTOR };
    uint32_t factor[FACTOR], product[FACTOR + FRACTION + 1] = {0}, *fraction;
    int shift = b.exponent % 32, whole = b.exponent / 32;
    int first = whole > FACTOR ? whole - FACTOR : 0, count = FRACTION + 1 + whole - first - FACTOR;
    for (int i = 0; i < FACTOR; i++) {
        uint64_t two = (uint64_t)(i > 0 ? b.limb[i - 1] : 0) << 32;
        factor[i] = (uint32_t)((two | (i < MP_INPUT_LIMBS ? b.limb[i] : 0)) << shift >> 32);
    }
    for (int j = count - 1; j >= 0; j--) {
        uint64_t carry = 0;
        for (int i = FACTOR - 1; i >= 0; i--) {
            carry += (uint64_t)factor[i] * longdouble_two_over_pi[first + j] + product[i + j + 1];
            product[i + j + 1] = (uint32_t)carry;
            carry >>= 32;
        }
        product[j] = (uint32_t)carry;
    }
    fraction = product + FACTOR + count - FRACTION;
    int negative = (int)(fraction[0] >> 31);
    *quadrant = (int)((fraction[-1] + (uint32_t)negative) & 3);
    for (int i = 0; i < FRACTION; i++) /* 1 less the fraction, but for one unit */
        fraction[i] = negative ? ~fraction[i] : fraction[i];
    mp_float result = mp_normalize(fraction, FRACTION, 0);
    result.negative = negative;
    return result;
}

/* The leading bits of a number, from 2^-1000 to 1 in size */
TANHSHRINK_INLINE longdouble_pair longdouble_pair_from(mp_float a)
{
    longdouble_pair sum = longdouble_make_pair(0, 0);
    long double unit = ldexpl(1, a.exponent);
    for (int i = 0; i < 2 * MP_INPUT_LIMBS; i++) {
        unit *= 0x1p-32L;
        sum = longdouble_sum_ordered(sum.high, sum.low + unit * (long double)a.limb[i]);
    }
    return a.negative ? longdouble_pair_negate(sum) : sum;
}

TANHSHRINK_NOINLINE longdouble_pair clongdouble_reduce_large(long double b, int *quadrant)
{
    mp_float half_pi = mp_normalize(longdouble_pi, MP_LIMBS, 1);
    return longdouble_pair_from(mp_multiply(clongdouble_quadrants(mp_from(b), quadrant), half_pi));
}

/* b = k pi/2 + the result, at most a little more than pi/4 and good to 2^-15 of its last place;
 * k modulo 4 in *quadrant. No b < CLONGDOUBLE_REDUCED_END is nearer to a multiple than 2^-67 (IEEE
 * quad: 2^-118). */
TANHSHRINK_INLINE longdouble_pair clongdouble_reduce(long double b, int *quadrant)
{
    if (b >= CLONGDOUBLE_REDUCED_END)
        return clongdouble_reduce_large(b, quadrant);
    long double k = rintl(b * LONGDOUBLE_TWO_OVER_PI);
    long double k_high = 0, k_low = k;
    if (k >= CLONGDOUBLE_HALF) {
        k_high = rintl(k / CLONGDOUBLE_HALF) * CLONGDOUBLE_HALF;
        k_low = k - k_high;
    }
    longdouble_pair r = longdouble_make_pair(b, 0);
    for (int i = 0; i < LONGDOUBLE_HALF_PI_PARTS; i++) { /* these products are exact */
        if (k * longdouble_half_pi[i] < fabsl(r.high) * (LDBL_EPSILON * 0x1p-16L))
            break;
        if (k_high != 0)
            r = longdouble_add_pair(-k_high * longdouble_half_pi[i], r);
        r = longdouble_add_pair(-k_low * longdouble_half_pi[i], r);
    }
    *quadrant = (int)((int64_t)k_low & 3);
    return longdouble_sum(r.high, r.low);
}

#endif
