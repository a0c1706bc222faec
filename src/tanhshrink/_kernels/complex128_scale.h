/* Complex numbers z = a + ib, a, b >= 0, with a tiny part, where products would underflow: z is
 * scaled before anything is computed, and the results are scaled back and rounded once.
 *
 * f and f' behave like monomials there, so a result needs no more than an exponent to go back:
 *
 *     both parts tiny    f = z^3/3 and f' = z^2, to 2^-160; where a = b, Re f' = 8/3 a^4
 *     one part           it is a factor of Re f or Im f, and of Im f'; else it does not matter */
#ifndef TANHSHRINK_COMPLEX128_SCALE_H
#define TANHSHRINK_COMPLEX128_SCALE_H

#include "double_double.h"

#if defined(TANHSHRINK_CUDA)
#define C128_BLOCK 1
#else
#define C128_BLOCK 128 /* most elements a call works on */
#endif

#define C128_TINY 0x1p-200    /* 6.2e-61: a part below this is raised to [2^-200, 2^-199) ... */
#define C128_MONOMIAL 0x1p-80 /* 8.3e-25: ... and first both, if below this, by the same factor */

/* A scale less than this makes everything zero. */
#define C128_LEAST_EXPONENT (-1000)

/* Elements and results: each part of these is the rounded value, and what rounding took away. */
typedef struct {
    TANHSHRINK_ALIGN(64) double a[C128_BLOCK];
    TANHSHRINK_ALIGN(64) double b[C128_BLOCK];
    TANHSHRINK_ALIGN(64) double re[C128_BLOCK];
    TANHSHRINK_ALIGN(64) double re_low[C128_BLOCK];
    TANHSHRINK_ALIGN(64) double im[C128_BLOCK];
    TANHSHRINK_ALIGN(64) double im_low[C128_BLOCK];
} c128_numbers;

/* The results are still to be multiplied by 2 to these powers, from C128_LEAST_EXPONENT to 0. */
typedef struct {
    TANHSHRINK_ALIGN(64) int64_t re[C128_BLOCK];
    TANHSHRINK_ALIGN(64) int64_t im[C128_BLOCK];
} c128_exponents;

/* 2^exponent for a normal number */
TANHSHRINK_INLINE double f64_power(int64_t exponent)
{
    return f64_from_bits((uint64_t)(exponent + 1023) << 52);
}

/* Raises the flag: volatile numbers keep compilers from computing in advance, or not at all. */
TANHSHRINK_INLINE void underflow(void)
{
    volatile double tiny = 0x1p-1022, zero = tiny * tiny;
    (void)zero;
}

TANHSHRINK_INLINE uint64_t c128_is_tiny(double part)
{
    return f64_below(part, C128_TINY) & ~((f64_bits(part) - 1) >> 63);
}

TANHSHRINK_INLINE int64_t c128_limit_exponent(int64_t exponent)
{
    uint64_t excess = (uint64_t)exponent - (uint64_t)C128_LEAST_EXPONENT;
    return (int64_t)(excess & ~(0 - (excess >> 63))) + C128_LEAST_EXPONENT;
}

/* x 2^-e for a tiny x, so that it becomes a number in [2^-200, 2^-199); returns e. */
TANHSHRINK_INLINE int64_t c128_raise(double *x)
{
    uint64_t tiny = c128_is_tiny(*x), bits = f64_bits(f64_choose(tiny, *x, 1) * 0x1p600);
    double raised = f64_from_bits((bits & 0xfffffffffffff) | f64_bits(C128_TINY));
    *x = f64_choose(tiny, raised, *x);
    return ((int64_t)(bits >> 52) - (1023 + 600 - 200)) & -(int64_t)tiny;
}

/* Not on the real axis, where the real functions are called, nor if a part is not finite. */
TANHSHRINK_INLINE void c128_scale_up(c128_numbers *z, c128_exponents *exponents, ptrdiff_t n,
                                     int derivative)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        double a = z->a[i], b = z->b[i], larger = f64_choose(f64_below(a, b), b, a);
        uint64_t complex = f64_below(larger, HUGE_VAL) & ~((f64_bits(b) - 1) >> 63);
        uint64_t tiny = complex & (c128_is_tiny(a) | c128_is_tiny(b));
        uint64_t both = tiny & f64_below(larger, C128_MONOMIAL);
        double normal = f64_choose(both & f64_below(larger, 0x1p-600), 0x1p500, 1);
        int64_t e = ((int64_t)(f64_bits(f64_choose(both, larger, 1) * normal) >> 52) - (1023 - 80));
        double factor = f64_power(-(e & -(int64_t)both)) * normal;
        int64_t together = 1023 - (int64_t)(f64_bits(factor) >> 52);
        a = f64_choose(tiny, f64_choose(tiny, a, 1) * factor, a);
        b = f64_choose(tiny, f64_choose(tiny, b, 1) * factor, b);
        double a_raised = f64_choose(complex, a, 1), b_raised = f64_choose(complex, b, 1);
        int64_t of_a = c128_raise(&a_raised), of_b = c128_raise(&b_raised);
        z->a[i] = f64_choose(complex, a_raised, a);
        z->b[i] = f64_choose(complex, b_raised, b);
        if (derivative) {
            uint64_t diagonal = ((f64_bits(a) ^ f64_bits(b)) - 1) >> 63;
            int64_t twice = 2 * together, four_times = twice + (twice & -(int64_t)diagonal);
            exponents->re[i] = c128_limit_exponent(four_times);
            exponents->im[i] = c128_limit_exponent(twice + of_a + of_b);
        } else {
            exponents->re[i] = c128_limit_exponent(3 * together + of_a);
            exponents->im[i] = c128_limit_exponent(3 * together + of_b);
        }
    }
}

/* (part + low) 2^exponent, rounded once, into the subnormal numbers too.  There the least normal
 * number is added and subtracted: the sum has the last place of a subnormal number.
 * *underflows becomes 1 if the result is subnormal and not 0, or is 0 and should not be. */
TANHSHRINK_INLINE double c128_scaled(double part, double low, int64_t exponent,
                                     uint64_t *underflows)
{
    double least_normal = f64_from_bits((uint64_t)(1 - exponent) << 52);
    uint64_t subnormal = f64_below(fabs(part), least_normal);
    double shift = copysign(least_normal, part);
    f64_pair sum = exact_sum_ordered(shift, f64_choose(subnormal, part, 0));
    double rounded = copysign((sum.high + (sum.low + low)) - shift, part);
    *underflows |= subnormal & ~((f64_bits(fabs(part)) - 1) >> 63);
    return f64_choose(subnormal, rounded, part) * f64_power(exponent);
}

TANHSHRINK_INLINE void c128_scale_down(c128_numbers *z, const c128_exponents *exponents,
                                       ptrdiff_t n)
{
    uint64_t underflows = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        z->re[i] = c128_scaled(z->re[i], z->re_low[i], exponents->re[i], &underflows);
        z->im[i] = c128_scaled(z->im[i], z->im_low[i], exponents->im[i], &underflows);
    }
    if (underflows)
        underflow();
}

#endif
