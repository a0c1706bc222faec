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
#define C128_BLOCK 128 /* most elements of a block */
#endif

#define C128_TINY 0x1p-200    /* 6.2e-61: a part below this is set to [2^-201, 2^-200) ... */
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
    return f64_below(part, C128_TINY) & f64_is_not_zero(part);
}

/* 1 if a part is tiny, and z not real */
TANHSHRINK_INLINE uint64_t c128_has_tiny(const c128_numbers *z, ptrdiff_t i)
{
    return (c128_is_tiny(z->a[i]) | c128_is_tiny(z->b[i])) & f64_is_not_zero(z->b[i]);
}

/* Whether any has a tiny part: mostly the first one has. */
TANHSHRINK_INLINE int c128_any_tiny(const c128_numbers *z, ptrdiff_t n)
{
    if (c128_has_tiny(z, 0))
        return 1;
    uint64_t any = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        any |= c128_has_tiny(z, i);
    return (int)any;
}

TANHSHRINK_INLINE int64_t c128_limit_exponent(int64_t exponent)
{
    uint64_t excess = (uint64_t)exponent - (uint64_t)C128_LEAST_EXPONENT;
    return (int64_t)(excess & ~(0 - (excess >> 63))) + C128_LEAST_EXPONENT;
}

/* Where both parts are small and one is tiny: z 2^-e with the larger part in [2^-80, 2^-79).
 * Returns whether any that is not real is still on an axis. */
TANHSHRINK_INLINE int c128_scale_both(c128_numbers *z, c128_exponents *exponents, ptrdiff_t n,
                                      int derivative)
{
    uint64_t any = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        double a = z->a[i], b = z->b[i];
        uint64_t a_smaller = f64_below(a, b), not_real = f64_is_not_zero(b);
        double smaller = f64_choose(a_smaller, a, b), larger = f64_choose(a_smaller, b, a);
        uint64_t both = f64_below(smaller, C128_TINY) & f64_below(larger, C128_MONOMIAL) & not_real;
        double normal = f64_choose(both, larger, 0x1p-80) * 0x1p500; /* not subnormal */
        int64_t e = (int64_t)(f64_bits(normal) >> 52) - (1023 - 80 + 500);
        double factor = f64_power(-e);
        z->a[i] = a * factor; /* exact */
        z->b[i] = b * factor;
        any |= f64_below(smaller * factor, C128_TINY) & not_real;
        int64_t re = 3 * e, im = 3 * e;
        if (derivative) {
            uint64_t diagonal = ((f64_bits(a) ^ f64_bits(b)) - 1) >> 63;
            re = 2 * e + (2 * e & -(int64_t)diagonal);
            im = 2 * e;
        }
        exponents->re[i] = c128_limit_exponent(re);
        exponents->im[i] = c128_limit_exponent(im);
    }
    return (int)any;
}

/* A part that is tiny next to the other one: times 2^-e, so that it is in [2^-201, 2^-200) */
TANHSHRINK_INLINE void c128_scale_one(c128_numbers *z, c128_exponents *exponents, ptrdiff_t n,
                                      int derivative)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        double a = z->a[i], b = z->b[i];
        uint64_t a_smaller = f64_below(a, b);
        double smaller = f64_choose(a_smaller, a, b);
        double seen = f64_choose(c128_is_tiny(smaller), smaller, 0x1p-201) * 0x1p600;
        int64_t e = (int64_t)(f64_bits(seen) >> 52) - (1023 + 600 - 201); /* not subnormal */
        int64_t of_a = e & -(int64_t)a_smaller, of_b = e - of_a;
        z->a[i] = a * f64_power(-of_a); /* exact */
        z->b[i] = b * f64_power(-of_b);
        exponents->re[i] += derivative ? 0 : of_a;
        exponents->im[i] += derivative ? e : of_b;
    }
}

/* Returns whether any that is not real is still on an axis. */
TANHSHRINK_INLINE int c128_scale_up(c128_numbers *z, c128_exponents *exponents, ptrdiff_t n,
                                    int derivative)
{
    uint64_t any_both = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        any_both |= f64_below(z->a[i], C128_MONOMIAL) & f64_below(z->b[i], C128_MONOMIAL);
    if (!any_both) { /* no exponent is below -873 */
        memset(exponents, 0, sizeof *exponents);
        c128_scale_one(z, exponents, n, derivative);
        return 1;
    }
    if (!c128_scale_both(z, exponents, n, derivative))
        return 0;
    c128_scale_one(z, exponents, n, derivative);
    for (ptrdiff_t i = 0; i < n; i++) {
        exponents->re[i] = c128_limit_exponent(exponents->re[i]);
        exponents->im[i] = c128_limit_exponent(exponents->im[i]);
    }
    return 1;
}

/* The least part that is a normal number when multiplied by 2^exponent */
TANHSHRINK_INLINE double c128_least_normal(int64_t exponent)
{
    return f64_from_bits((uint64_t)(1 - exponent) << 52);
}

/* 1 if part 2^exponent is neither normal nor 0 */
TANHSHRINK_INLINE uint64_t c128_is_subnormal(double part, int64_t exponent)
{
    double size = fabs(part);
    return f64_below(size, c128_least_normal(exponent)) & f64_is_not_zero(size);
}

/* (part + low) 2^exponent, rounded once, into the subnormal numbers too.  There the least normal
 * number is added: the last places of the sum are a subnormal number. */
TANHSHRINK_INLINE double c128_scaled(double part, double low, int64_t exponent)
{
    double least_normal = c128_least_normal(exponent);
    uint64_t subnormal = f64_below(fabs(part), least_normal);
    double shift = copysign(least_normal, part);
    f64_pair sum = exact_sum_ordered(shift, f64_choose(subnormal, part, 0));
    uint64_t places = f64_bits(sum.high + (sum.low + low)) - f64_bits(shift);
    double normal = f64_choose(subnormal, 0, part) * f64_power(exponent);
    return f64_choose(subnormal, f64_from_bits(places | (f64_bits(part) & F64_SIGN)), normal);
}

TANHSHRINK_INLINE void c128_scale_down(c128_numbers *z, const c128_exponents *exponents,
                                       ptrdiff_t n)
{
    uint64_t any_subnormal = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        any_subnormal |= c128_is_subnormal(z->re[i], exponents->re[i]) |
                         c128_is_subnormal(z->im[i], exponents->im[i]);
    if (any_subnormal) {
        for (ptrdiff_t i = 0; i < n; i++) {
            z->re[i] = c128_scaled(z->re[i], z->re_low[i], exponents->re[i]);
            z->im[i] = c128_scaled(z->im[i], z->im_low[i], exponents->im[i]);
        }
        underflow();
    } else {
        for (ptrdiff_t i = 0; i < n; i++) {
            z->re[i] *= f64_power(exponents->re[i]);
            z->im[i] *= f64_power(exponents->im[i]);
        }
    }
}

#endif
