/* x - tanh(x) and its derivative tanh(x)^2 in double: the accurate tier, for the one element in a
 * thousand that the fast tier cannot decide.
 *
 * No pair of doubles is wide enough: there are x whose result lies 2^-52 ulp from the midpoint of
 * two doubles.  So everything is fixed point, in integers of three 64-bit limbs, and is rounded
 * once.  Integers raise no floating-point flag either.
 *
 *   tiny |x|        x^3/3, or x^2, is below 2^-1075 and rounds to 0
 *   |x| < 1/8       x^3, or x^2, times a Taylor series in x^2
 *   1/8 <= |x|      a polynomial of degree 27 on each of 34 intervals
 *
 * Relative error before rounding, for |x| < 1/8 and above: x - tanh(x) below 2^-132.2 and 2^-130.6,
 * tanh(x)^2 below 2^-131.5 in both; the sums stand beside the code, and tools/float64_accurate.py,
 * which makes the tables, checks them.
 *
 * Correctly rounded: proved for |x| < 2^-80, the derivative for |x| < 2^-53 (see fixed_series). For
 * the 2^58.4 (2^57.9) larger x there is no proof that none lies within that error of a midpoint; if
 * the bits of the results are as good as random, the chance that one does is 2^-18 (2^-19).
 * Tested against MPFR on the hard cases in tests/data, ties among them, 7 (2.7) million x, all
 * binades included, and the borders of intervals. */
#ifndef TANHSHRINK_FLOAT64_ACCURATE_H
#define TANHSHRINK_FLOAT64_ACCURATE_H

#include "contract.h"

#include "coefficients_float64_accurate.h"

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

/* f(x), one of the two functions, for x = significand 2^(exponent - 52) in [1/8, 21),
 * significand >= 2^52.
 *
 * Unit 2^-146.  Horner's rule: 27 products are rounded down, and what each loses is then multiplied
 * by powers of s < 1: less than 27 units in all.  Relative to f, with the error of the fit:
 *   x - tanh(x) in [1/8, 1/4), f > 2^-10.6:   27 * 2^-146 / 2^-10.6 + 2^-137.1 (fit) < 2^-130.6
 *   above, f > 2^-7.7:                        27 * 2^-146 / 2^-7.7  + 2^-134.1 (fit) < 2^-132.9
 *   tanh(x)^2 in [1/8, 1), f > 2^-6.1:        27 * 2^-146 / 2^-6.1  + 2^-140.8 (fit) < 2^-135.1
 *   above, f > 2^-0.8:                        27 * 2^-146 / 2^-0.8  + 2^-132.9 (fit) < 2^-132.8 */
TANHSHRINK_INLINE fixed192 fixed_polynomial(const f64_accurate_row *rows, uint64_t significand,
                                            int exponent)
{
    /* u = x + 1 in units of 2^-55, exact.  Its exponent and leading four bits name the interval;
     * the bits after those, as a fraction s of 64 bits, say how far into the interval x lies. */
    uint64_t u = (significand << (exponent + 3)) + ((uint64_t)1 << 55);
    int bits = bit_length(u >> 8) + 8; /* 56 to 60 */
    const f64_accurate_row *row = &rows[8 * (bits - 56) + (int)(u >> (bits - 4)) - 9];
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

/* f(x) = x^power q(z) for x = significand 2^(exponent - 52) < 1/8, significand >= 2^52.
 *
 * z = 16 x^2 < 1/4 in units of 2^-128, q in units of 2^-180.  Relative to q, for x - tanh(x), with
 * power = 3, q > 0.331, |q'| <= 2/15 / 16, and for tanh(x)^2, with power = 2, q > 0.989,
 * |q'| <= 2/3 / 16:
 *   the series is cut                                            2^-133.3   2^-132.5
 *   z is rounded down by less than 2^-128                        2^-133.3   2^-132.5
 *   products, three units a step; rounding of the coefficients   2^-172     2^-173
 *   products by the significand                                  2^-173     2^-177
 * Sum: below 2^-132.2 and 2^-131.5.
 *
 * Ties: x^3/3 (x = 3 m 2^k) or x^2 (x = m 2^k) can be a midpoint.  The true value, x^3/3 - 2/15 x^5
 * + ... or x^2 - 2/3 x^4 + ..., lies just below it.  So does f here: the first coefficient is less
 * than 1/3 or 1, the sum of the other terms is not positive, and products are rounded down.
 * Proof of correct rounding, M = significand:
 *   x - tanh(x), x < 2^-80: M^3/3 either is a midpoint or is at least 1/3 away from one, relatively
 *   2^-159.  There degree = 0, and the error is below 0.4 x^2 + 2^-173 < 2^-160.
 *   tanh(x)^2, x < 2^-53: in units in which x^2 is M^2 < 2^106, every midpoint is an integer.  The
 *   true value and f lie between M^2 - 2/3 x^2 M^2 - 2^-131.5 M^2 > M^2 - 1 and M^2. */
TANHSHRINK_INLINE fixed192 fixed_series(const uint64_t (*series)[3], int power,
                                        uint64_t significand, int exponent)
{
    fixed192 f = {{0, 0, 0}, power * (exponent + 1) - 180};
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
        fixed_add(f.limb, 3, series[j]);
        uint64_t lower[3] = {f.limb[0], f.limb[1], f.limb[2]};
        fixed_multiply(lower, 3, z0);
        fixed_multiply(f.limb, 3, z1);
        uint64_t carried[3] = {lower[1], lower[2], 0 - (lower[2] >> 63)};
        fixed_add(f.limb, 3, carried);
    }
    fixed_add(f.limb, 3, series[0]);
    for (int i = 0; i < power; i++)
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

/* The bits of |f(x)|, f one of the two functions, for 0 < |x| < 21. */
TANHSHRINK_INLINE uint64_t f64_accurate(const f64_accurate_row *rows, const uint64_t (*series)[3],
                                        int power, double x)
{
    uint64_t magnitude = f64_bits(x) & ~F64_SIGN, result = 0;
    int exponent = (int)(magnitude >> 52) - 1023;
    uint64_t significand = (magnitude & 0xfffffffffffff) | (uint64_t)1 << 52;
    if (exponent >= -3)
        result = fixed_round(fixed_polynomial(rows, significand, exponent));
    else if (power * exponent >= -1076)
        result = fixed_round(fixed_series(series, power, significand, exponent));

    if (result >> 52 == 0) { /* zero or subnormal: raise UNDERFLOW, as IEEE-754 wants */
        volatile double tiny = 0x1p-1022;
        tiny = tiny * tiny;
    }
    return result;
}

/* x - tanh(x), correctly rounded, for 0 < |x| < 21. */
TANHSHRINK_NOINLINE double tanhshrink_f64_accurate(double x)
{
    uint64_t magnitude = f64_accurate(f64_accurate_rows, f64_accurate_series, 3, x);
    return f64_from_bits(magnitude | (f64_bits(x) & F64_SIGN));
}

/* tanh(x)^2, correctly rounded, for 0 < |x| < 21. */
TANHSHRINK_NOINLINE double tanhshrink_grad_f64_accurate(double x)
{
    return f64_from_bits(f64_accurate(f64_accurate_grad_rows, f64_accurate_grad_series, 2, x));
}

#endif
