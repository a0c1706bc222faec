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

/* The four limbs of m times (the 256 bits of 2/pi in a row of the table), modulo 2^256, the most
 * significant last */
TANHSHRINK_INLINE void multiply_two_over_pi(uint64_t m, const uint64_t row[4], uint64_t product[4])
{
    uint64_t carry = 0;
    for (int i = 0; i < 4; i++) {
        uint64_t low, high = multiply_high(m, row[i], &low);
        product[i] = low + carry;
        carry = high + (product[i] < low);
    }
}

/* 2b = (quadrant + fraction) pi/2, quadrant modulo 4, for 2^-8 <= b < infinity, after Payne and
 * Hanek: of the bits of 2/pi only those matter whose product with b is neither a multiple of 4 nor
 * too small to be seen.
 *
 * That product is a quarter of 2b / (pi/2) modulo 4: its first two bits are the quadrant, the
 * others the fraction, given as four doubles in [2^52, 2^53) that hold 52 bits each.  No double
 * leaves a fraction within 2^-62 of 0 or 1, and the bits cut off from 2/pi change it by 2^-194. */
TANHSHRINK_INLINE uint64_t angle_chunks(double b, double chunk[4])
{
    const uint64_t mask = ((uint64_t)1 << 52) - 1, p52 = f64_bits(0x1p52);
    uint64_t significand = (f64_bits(b) & mask) | (uint64_t)1 << 52, product[4];
    unsigned skipped = (unsigned)(f64_bits(b) >> 52) - (1075 - 63); /* b = significand 2^.. */
    multiply_two_over_pi(significand << skipped % 8, two_over_pi_rows[skipped / 8], product);
    chunk[0] = f64_from_bits((product[3] >> 10 & mask) | p52);
    chunk[1] = f64_from_bits(((product[3] << 42 | product[2] >> 22) & mask) | p52);
    chunk[2] = f64_from_bits(((product[2] << 30 | product[1] >> 34) & mask) | p52);
    chunk[3] = f64_from_bits(((product[1] << 18 | product[0] >> 46) & mask) | p52);
    return product[3] >> 62;
}

/* The chunks as a sum of parts of the fraction, or of the fraction - 1 if that is nearer to 0; then
 * the quadrant changes, too.  All exact. */
TANHSHRINK_INLINE uint64_t angle_parts(uint64_t quadrant, const double chunk[4], double part[4])
{
    part[0] = (chunk[0] - 0x1p52) * 0x1p-52;
    part[1] = (chunk[1] - 0x1p52) * 0x1p-104;
    part[2] = (chunk[2] - 0x1p52) * 0x1p-156;
    part[3] = (chunk[3] - 0x1p52) * 0x1p-208;
    double shifted = part[0] + ROUND_TO_INTEGER;
    part[0] -= shifted - ROUND_TO_INTEGER;
    return (quadrant + f64_bits(shifted)) & 3;
}

/* 2b from its chunks; relative error of the rest 2^-102 */
TANHSHRINK_INLINE reduced_angle reduce_chunks(uint64_t quadrant, const double chunk[4])
{
    double part[4];
    reduced_angle reduced;
    reduced.quadrant = angle_parts(quadrant, chunk, part);
    f64_pair sum = exact_sum_ordered(part[0], part[1]); /* part[0] is 0 or at least 2^-52 */
    f64_pair next = exact_sum_ordered(sum.high, part[2]);
    sum = exact_sum_ordered(next.high, sum.low + (next.low + part[3]));
    reduced.rest = pair_normalize(pair_multiply(sum, pair(pi_2_parts[0], pi_2_parts[1])));
    return reduced;
}

/* 2b for 2^-8 <= b < infinity, with a relative error of 2^-102 */
TANHSHRINK_INLINE reduced_angle reduce_large_angle(double b)
{
    double chunk[4];
    uint64_t quadrant = angle_chunks(b, chunk);
    return reduce_chunks(quadrant, chunk);
}

#endif
