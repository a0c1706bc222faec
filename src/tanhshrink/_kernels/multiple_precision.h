/* Floating-point numbers of 256 bits (IEEE quad: 384), in 32-bit limbs: for the few complex long
 * doubles where two are not enough. Exponents never overflow, and only mp_round raises flags.
 * Every operation truncates: its error is below 2^-250 (2^-378) of the result, for a sum of the
 * larger operand. */
#ifndef TANHSHRINK_MULTIPLE_PRECISION_H
#define TANHSHRINK_MULTIPLE_PRECISION_H

#include "contract.h"

#define MP_INPUT_LIMBS (LDBL_MANT_DIG == 64 ? 2 : 4) /* a long double has no more */
#define MP_LIMBS (4 + 2 * MP_INPUT_LIMBS)            /* 8; quad: 12 */
#define MP_BITS (32 * MP_LIMBS)

/* +-0.limbs 2^exponent; limb[0] is the most significant and at least 2^31, unless it is 0 */
typedef struct {
    int negative;
    int32_t exponent;
    uint32_t limb[MP_LIMBS];
} mp_float;

/* The first MP_LIMBS of count limbs after leading zeros; count >= MP_LIMBS */
TANHSHRINK_NOINLINE mp_float mp_normalize(const uint32_t *limb, int count, int32_t exponent)
{
    mp_float result = {0, 0, {0}};
    int first = 0, shift = 0;
    while (first < count && limb[first] == 0)
        first++;
    if (first == count)
        return result;
    while (!(limb[first] << shift >> 31))
        shift++;
    uint64_t two = limb[first];
    for (int i = 0; i < MP_LIMBS; i++) {
        int next = first + i + 1;
        two = two << 32 | (next < count ? limb[next] : 0);
        result.limb[i] = (uint32_t)(two << shift >> 32);
    }
    result.exponent = exponent - 32 * first - shift;
    return result;
}

TANHSHRINK_INLINE int mp_is_zero(mp_float a) { return a.limb[0] == 0; }

TANHSHRINK_INLINE mp_float mp_negate(mp_float a)
{
    a.negative = !a.negative;
    return a;
}

/* a 2^n */
TANHSHRINK_INLINE mp_float mp_scale(mp_float a, int n)
{
    a.exponent += n;
    return a;
}

/* Exact, for a finite a */
TANHSHRINK_NOINLINE mp_float mp_from(long double a)
{
    mp_float result = {a < 0, 0, {0}};
    int exponent;
    long double rest = frexpl(fabsl(a), &exponent);
    for (int i = 0; i < MP_INPUT_LIMBS; i++) {
        rest *= 0x1p32L;
        result.limb[i] = (uint32_t)rest;
        rest -= (long double)result.limb[i];
    }
    result.exponent = exponent;
    return result;
}

/* To nearest, ties away from 0; into the subnormal numbers, too, for which underflow is raised */
TANHSHRINK_NOINLINE long double mp_round(mp_float a)
{
    int bits = a.exponent - (LDBL_MIN_EXP - LDBL_MANT_DIG); /* above the smallest number */
    bits = bits < LDBL_MANT_DIG ? bits : LDBL_MANT_DIG;
    long double sum = 0, unit = 1;
    if (mp_is_zero(a))
        return a.negative ? -0.0L : 0.0L;
    if (bits < LDBL_MANT_DIG) {
        volatile long double smallest = LDBL_MIN;
        smallest = smallest * smallest;
    }
    if (bits < 0)
        return a.negative ? -0.0L : 0.0L;
    for (int i = 0; i <= bits / 32; i++) {
        int dropped = 32 * (i + 1) - bits; /* of this limb */
        unit *= 0x1p-32L;
        uint64_t limb = a.limb[i];
        if (dropped > 0)
            limb = (limb + ((uint64_t)1 << (dropped - 1))) >> dropped << dropped;
        sum += (long double)limb * unit;
    }
    sum = ldexpl(sum, a.exponent);
    return a.negative ? -sum : sum;
}

/* Whether |a| < |b| */
TANHSHRINK_INLINE int mp_is_less(const mp_float *a, const mp_float *b)
{
    if (mp_is_zero(*a) || mp_is_zero(*b) || a->exponent == b->exponent) {
        int i = 0;
        while (i < MP_LIMBS - 1 && a->limb[i] == b->limb[i])
            i++;
        return a->limb[i] < b->limb[i];
    }
    return a->exponent < b->exponent;
}

TANHSHRINK_NOINLINE mp_float mp_add(mp_float a, mp_float b)
{
    if (mp_is_less(&a, &b)) {
        mp_float larger = b;
        b = a;
        a = larger;
    }
    int64_t distance = (int64_t)a.exponent - b.exponent;
    if (mp_is_zero(b) || distance > MP_BITS)
        return a;
    int skipped = (int)(distance / 32), shift = (int)(distance % 32);
    uint32_t sum[MP_LIMBS + 2] = {0}; /* a carry, and a guard */
    int64_t carry = 0;
    for (int i = MP_LIMBS; i >= 0; i--) {
        int j = i - skipped;
        uint64_t high = j > 0 ? b.limb[j - 1] : 0, low = j >= 0 && j < MP_LIMBS ? b.limb[j] : 0;
        int64_t limb = (int64_t)(uint32_t)((high << 32 | low) >> shift);
        carry += (i < MP_LIMBS ? a.limb[i] : 0) + (a.negative == b.negative ? limb : -limb);
        sum[i + 1] = (uint32_t)carry;
        carry >>= 32;
    }
    sum[0] = (uint32_t)carry;
    mp_float result = mp_normalize(sum, MP_LIMBS + 2, a.exponent + 32);
    result.negative = a.negative && !mp_is_zero(result);
    return result;
}

TANHSHRINK_NOINLINE mp_float mp_multiply(mp_float a, mp_float b)
{
    uint32_t product[2 * MP_LIMBS] = {0};
    for (int i = MP_LIMBS - 1; i >= 0; i--) {
        uint64_t carry = 0;
        for (int j = MP_LIMBS - 1; j >= 0; j--) {
            carry += (uint64_t)a.limb[i] * b.limb[j] + product[i + j + 1];
            product[i + j + 1] = (uint32_t)carry;
            carry >>= 32;
        }
        product[i] = (uint32_t)carry;
    }
    mp_float result = mp_normalize(product, 2 * MP_LIMBS, a.exponent + b.exponent);
    result.negative = a.negative != b.negative;
    return result;
}

TANHSHRINK_NOINLINE mp_float mp_multiply_small(mp_float a, uint32_t factor)
{
    uint32_t product[MP_LIMBS + 1];
    uint64_t carry = 0;
    for (int i = MP_LIMBS - 1; i >= 0; i--) {
        carry += (uint64_t)a.limb[i] * factor;
        product[i + 1] = (uint32_t)carry;
        carry >>= 32;
    }
    product[0] = (uint32_t)carry;
    mp_float result = mp_normalize(product, MP_LIMBS + 1, a.exponent + 32);
    result.negative = a.negative;
    return result;
}

TANHSHRINK_NOINLINE mp_float mp_divide_small(mp_float a, uint32_t divisor)
{
    uint32_t quotient[MP_LIMBS + 1];
    uint64_t rest = 0;
    for (int i = 0; i <= MP_LIMBS; i++) {
        rest = rest << 32 | (i < MP_LIMBS ? a.limb[i] : 0);
        quotient[i] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    mp_float result = mp_normalize(quotient, MP_LIMBS + 1, a.exponent);
    result.negative = a.negative;
    return result;
}

/* 1 / a by Newton's method: 50 bits, then 100, 200, 400. a is not 0. */
TANHSHRINK_NOINLINE mp_float mp_reciprocal(mp_float a)
{
    double leading = (double)a.limb[0] * 0x1p-32 + (double)a.limb[1] * 0x1p-64;
    mp_float one = mp_from(1), result = mp_scale(mp_from(1 / (long double)leading), -a.exponent);
    result.negative = a.negative;
    for (int i = 0; i < 3; i++) {
        mp_float rest = mp_add(one, mp_negate(mp_multiply(a, result)));
        result = mp_add(result, mp_multiply(result, rest));
    }
    return result;
}

#endif
