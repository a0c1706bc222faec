/* x - tanh(x) in double: the accurate tier, for the one element in a thousand that the fast tier
 * cannot decide.
 *
 * No pair of doubles is wide enough: there are x whose result lies 2^-52 ulp from the midpoint of
 * two doubles.  So everything is fixed point, in integers of three 64-bit limbs, and is rounded
 * once.  Integers raise no floating-point flag either.
 *
 *   |x| < 2^-358          the result is below 2^-1075 and rounds to 0
 *   2^-358 <= |x| < 1/8   x^3 times the Taylor series of (x - tanh x) / x^3 in x^2
 *   1/8 <= |x| < 18.5     a polynomial of degree 26 on each of 33 intervals
 *
 * Relative error before rounding: below 2^-130.6, and below 2^-132.2 for |x| < 1/8; the sums stand
 * beside the code, and tools/float64_accurate.py, which makes the tables, checks them.
 *
 * Correctly rounded: proved for |x| < 2^-80 (see tanhshrink_f64_series).  For the 2^58.4 larger x
 * there is no proof that none lies within 2^-130.6 of a midpoint; if the bits of the results are
 * as good as random, the chance that one does is 2^-18.  Tested against MPFR on 20 229 hard cases
 * (ties of x^3/3 among them), 7 million x, all binades included, and the borders of intervals. */
#ifndef TANHSHRINK_FLOAT64_ACCURATE_H
#define TANHSHRINK_FLOAT64_ACCURATE_H

#include "coefficients_float64_accurate.h"
#include "contract.h"

#if defined(_MSC_VER) && defined(_M_X64) && !defined(TANHSHRINK_NO_INT128)
#include <intrin.h>
#endif

/* limb[2] limb[1] limb[0], the least significant last, times 2^exponent. */
typedef struct {
    uint64_t limb[3];
    int exponent;
} fixed192;

/* The upper half of a b; the lower one in *low. */
TANHSHRINK_INLINE uint64_t multiply_high(uint64_t a, uint64_t b, uint64_t *low)
{
#if defined(__SIZEOF_INT128__) && !defined(TANHSHRINK_NO_INT128)
    unsigned __int128 product = (unsigned __int128)a * b;
    *low = (uint64_t)product;
    return (uint64_t)(product >> 64);
#elif defined(_MSC_VER) && defined(_M_X64) && !defined(TANHSHRINK_NO_INT128)
    uint64_t high;
    *low = _umul128(a, b, &high);
    return high;
#else
    uint64_t a0 = a & 0xffffffff, a1 = a >> 32, b0 = b & 0xffffffff, b1 = b >> 32;
    uint64_t middle = a1 * b0 + (a0 * b0 >> 32);      /* no overflow: (2^32 - 1)^2 + 2^32 - 1 */
    uint64_t other = a0 * b1 + (middle & 0xffffffff); /* likewise */
    *low = a * b;
    return a1 * b1 + (middle >> 32) + (other >> 32);
#endif
}

/* a = a s / 2^64, rounded down, for a in two's complement: an error of less than one unit. */
TANHSHRINK_INLINE void fixed_multiply(uint64_t *a, int limbs, uint64_t s)
{
    uint64_t negative = 0 - (a[limbs - 1] >> 63), low;
    uint64_t high = multiply_high(a[0], s, &low);
    for (int i = 1; i < limbs; i++) {
        uint64_t next = multiply_high(a[i], s, &low);
        a[i - 1] = high + low;
        high = next + (a[i - 1] < low);
    }
    a[limbs - 1] = high - (s & negative); /* a negative a was taken for a + 2^(64 limbs) */
}

/* a = a + b */
TANHSHRINK_INLINE void fixed_add(uint64_t *a, int limbs, const uint64_t *b)
{
    uint64_t carry = 0;
    for (int i = 0; i < limbs; i++) {
        uint64_t sum = a[i] + carry;
        carry = sum < carry;
        a[i] = sum + b[i];
        carry += a[i] < b[i];
    }
}

/* Number of bits of 0 < n < 2^53: then the conversion is exact and raises no flag. */
TANHSHRINK_INLINE int bit_length(uint64_t n)
{
    return (int)(f64_bits((double)(int64_t)n) >> 52) - 1022;
}

/* f(x) = x - tanh(x) for x = significand 2^(exponent - 52) in [1/8, 18.5), significand >= 2^52.
 *
 * Unit 2^-146.  Horner's rule: 26 products are rounded down, and what each loses is then multiplied
 * by powers of s < 1: less than 26 units in all.  Relative to f, with the error of the fit:
 *   [1/8, 1/4), f > 2^-10.6:   26 * 2^-146 / 2^-10.6 + 2^-137.1 (fit) < 2^-130.6
 *   above, f > 2^-7.7:         26 * 2^-146 / 2^-7.7  + 2^-131.7 (fit) < 2^-131.3 */
TANHSHRINK_INLINE fixed192 tanhshrink_f64_polynomial(uint64_t significand, int exponent)
{
    /* u = x + 1 in units of 2^-55, exact.  Its exponent and leading four bits name the interval;
     * the bits after those, as a fraction s of 64 bits, say how far into the interval x lies. */
    uint64_t u = (significand << (exponent + 3)) + ((uint64_t)1 << 55);
    int bits = bit_length(u >> 8) + 8; /* 56 to 60 */
    const f64_accurate_row *row = &f64_accurate_rows[8 * (bits - 56) + (int)(u >> (bits - 4)) - 9];
    uint64_t s = u << (68 - bits);

    fixed192 f = {{0, 0, 0}, -146};
    for (int j = 0; j < F64_ACCURATE_TWO_LIMBS; j++) {
        fixed_multiply(f.limb, 2, s);
        fixed_add(f.limb, 2, row->two_limbs[j]);
    }
    f.limb[2] = 0 - (f.limb[1] >> 63);
    for (int j = 0; j < F64_ACCURATE_THREE_LIMBS; j++) {
        fixed_multiply(f.limb, 3, s);
        fixed_add(f.limb, 3, row->three_limbs[j]);
    }
    return f;
}

/* f(x) for x = significand 2^(exponent - 52) in [2^-358, 1/8), significand >= 2^52.
 *
 * f = x^3 q(z), z = 16 x^2 < 1/4 in units of 2^-128, q in units of 2^-182.  Relative to q > 0.331:
 *   the series is cut                                            2^-133.3
 *   z is rounded down, |q'| <= 2/15 / 16                         2^-128 * 2^-6.9 / 0.331 < 2^-133.3
 *   products, three units a step; rounding of the coefficients   2^-173
 *   three products by the significand                            2^-175
 * Sum: below 2^-132.2.
 *
 * Ties: x^3/3 can be a midpoint (x = 3 m 2^k).  The true value x^3/3 - 2/15 x^5 + ... lies just
 * below it.  So does f here: 1/3 is rounded down, the sum of the other terms is not positive, and
 * products are rounded down.
 * Proof for x < 2^-80: M^3/3, M the significand, either is a midpoint or is at least 1/3 away from
 * one, relatively 2^-159.  There degree = 0, and the error is below 0.4 x^2 + 2^-175 < 2^-161. */
TANHSHRINK_INLINE fixed192 tanhshrink_f64_series(uint64_t significand, int exponent)
{
    fixed192 f = {{0, 0, 0}, 3 * (exponent + 1) - 182};
    uint64_t s = significand << 11; /* x = s 2^-64 2^(exponent + 1) */
    int shift = -2 * (exponent + 1) - 4; /* z = s^2 2^-128 2^-shift < 2^-shift */
    int degree = 132 / (shift + 5); /* the next term is below 2^-132, for x^2 < 2^-(shift + 4) */

    uint64_t z0, z1 = multiply_high(s, s, &z0); /* degree > 0 only if shift < 128 */
    if (shift >= 64) {
        z0 = z1;
        z1 = 0;
    }
    z0 = z0 >> (shift & 63) | z1 << 1 << (~shift & 63); /* two steps: one by 64 is undefined */
    z1 >>= shift & 63;

    for (int j = degree; j > 0; j--) {
        fixed_add(f.limb, 3, f64_accurate_series[j]);
        uint64_t lower[3] = {f.limb[0], f.limb[1], f.limb[2]};
        fixed_multiply(lower, 3, z0);
        fixed_multiply(f.limb, 3, z1);
        uint64_t carried[3] = {lower[1], lower[2], 0 - (lower[2] >> 63)};
        fixed_add(f.limb, 3, carried);
    }
    fixed_add(f.limb, 3, f64_accurate_series[0]);
    for (int i = 0; i < 3; i++)
        fixed_multiply(f.limb, 3, s);
    return f;
}

/* The bits of the nearest double, for 2^-1076 <= f and 0 < limb[2] < 2^53.
 * f is never a midpoint (tanh x is transcendental), so the bit after the last one kept decides. */
TANHSHRINK_INLINE uint64_t fixed_round(fixed192 f)
{
    int bits = bit_length(f.limb[2]);
    uint64_t leading = f.limb[2] << (64 - bits) | f.limb[1] >> bits; /* 64 bits of f */
    int exponent = f.exponent + 128 + bits - 1;
    int lost = exponent < -1022 ? -1022 - exponent : 0; /* a subnormal has fewer bits; at most 54 */
    uint64_t significand = ((leading >> 10 >> lost) + 1) >> 1;
    /* The leading bit, or the carry into it, adds one to the exponent. */
    return significand + ((uint64_t)(exponent + lost + 1022) << 52);
}

/* x - tanh(x), correctly rounded, for 0 < |x| < 18.5. */
TANHSHRINK_NOINLINE double tanhshrink_f64_accurate(double x)
{
    uint64_t sign = f64_bits(x) & F64_SIGN, magnitude = f64_bits(x) ^ sign, result = 0;
    int exponent = (int)(magnitude >> 52) - 1023;
    uint64_t significand = (magnitude & 0xfffffffffffff) | (uint64_t)1 << 52;
    if (exponent >= -3)
        result = fixed_round(tanhshrink_f64_polynomial(significand, exponent));
    else if (exponent >= -358)
        result = fixed_round(tanhshrink_f64_series(significand, exponent));

    if (result >> 52 == 0) { /* zero or subnormal: raise UNDERFLOW, as IEEE-754 wants */
        volatile double tiny = 0x1p-1022;
        tiny = tiny * tiny;
    }
    return f64_from_bits(result | sign);
}

#endif
