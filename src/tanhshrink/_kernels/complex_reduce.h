/* Reduction of the angle 2b modulo pi/2. */
#ifndef TANHSHRINK_COMPLEX_REDUCE_H
#define TANHSHRINK_COMPLEX_REDUCE_H

#include "coefficients_complex.h"
#include "float64_accurate.h"

#define ROUND_TO_INTEGER 0x1.8p52 /* added and subtracted, leaves the nearest integer */

/* An angle: rest + quadrant pi/2, |rest| <= pi/4, quadrant modulo 4 */
typedef struct {
    f64_pair rest;
    uint64_t quadrant;
} reduced_angle;

#define REDUCED_END 0x1p+20 /* 1048576: from here on, reduce_large_angle */

/* 2b for 0 <= b < 2^20.  No such double is nearer to a multiple of pi/2 than 2^-62, except 0. */
TANHSHRINK_INLINE reduced_angle reduce_angle(double b)
{
    double angle = 2 * b;
    double shifted = angle * TWO_OVER_PI + ROUND_TO_INTEGER, k = shifted - ROUND_TO_INTEGER;
    /* k has 21 bits and each of the first three parts 32: the products are exact, and so is the
     * first difference, a multiple of 2^-53 less than 1. */
    f64_pair rest = exact_sum(angle - k * PI_2_1, -(k * PI_2_2));
    f64_pair next = exact_sum(rest.high, -(k * PI_2_3));
    reduced_angle reduced;
    reduced.rest = exact_sum_ordered(next.high, rest.low + (next.low - k * PI_2_4)); /* 2^-128 */
    reduced.quadrant = f64_bits(shifted) & 3;
    return reduced;
}

/* The four limbs of m times (the 256 bits of 2/pi after the first `skipped` bits of the table),
 * modulo 2^256, the most significant last. */
TANHSHRINK_INLINE void multiply_two_over_pi(uint64_t m, int skipped, uint64_t product[4])
{
    const uint64_t *words = two_over_pi + skipped / 64;
    int shift = skipped % 64;
    uint64_t carry = 0;
    for (int i = 0; i < 4; i++) {
        uint64_t bits = words[3 - i] << shift | words[4 - i] >> 1 >> (63 - shift), low;
        uint64_t high = multiply_high(m, bits, &low);
        product[i] = low + carry;
        carry = high + (product[i] < low);
    }
}

/* 2b = (quadrant + the sum of fraction[0..3]) pi/2 for 2^-8 <= b < infinity; returns the quadrant,
 * modulo 4.  After Payne and Hanek: of the bits of 2/pi only those matter whose product with b is
 * neither a multiple of 4 nor too small to be seen.
 *
 * The product is a quarter of 2b / (pi/2) modulo 4: its first two bits are the quadrant, the others
 * a fraction, given in chunks of 52 bits.  No double leaves a fraction below 2^-62, and the bits
 * cut off from 2/pi change it by 2^-200. */
TANHSHRINK_INLINE uint64_t angle_fraction(double b, double fraction[4])
{
    uint64_t significand = (f64_bits(b) & 0xfffffffffffff) | (uint64_t)1 << 52, product[4];
    int exponent = (int)(f64_bits(b) >> 52) - 1075; /* b = significand 2^exponent */
    multiply_two_over_pi(significand, exponent + 63, product);

    uint64_t negative = product[3] >> 61 & 1; /* above 1/2: count from the next quadrant */
    uint64_t quadrant = ((product[3] >> 62) + negative) & 3, carry = negative;
    for (int i = 0; i < 4; i++) { /* two's complement */
        product[i] = (product[i] ^ (0 - negative)) + carry;
        carry &= product[i] == 0;
    }
    const uint64_t mask = ((uint64_t)1 << 52) - 1;
    uint64_t chunk[4] = {product[3] >> 10, product[3] << 42 | product[2] >> 22,
                         product[2] << 30 | product[1] >> 34, product[1] << 18 | product[0] >> 46};
    double unit = 0x1p-52;
    for (int i = 0; i < 4; i++) {
        double number = (double)(int64_t)(chunk[i] & mask) * unit;
        fraction[i] = f64_flip_sign(number, negative << 63);
        unit *= 0x1p-52;
    }
    return quadrant;
}

/* 2b for 2^20 <= b < infinity; relative error of the rest 2^-102 */
TANHSHRINK_INLINE reduced_angle reduce_large_angle(double b)
{
    double fraction[4];
    reduced_angle reduced;
    reduced.quadrant = angle_fraction(b, fraction);
    f64_pair sum = exact_sum_ordered(fraction[0], fraction[1]);
    f64_pair next = exact_sum_ordered(sum.high, fraction[2]);
    sum = exact_sum_ordered(next.high, sum.low + (next.low + fraction[3]));
    reduced.rest = pair_normalize(pair_multiply(sum, pair(pi_2_parts[0], pi_2_parts[1])));
    return reduced;
}

#endif
