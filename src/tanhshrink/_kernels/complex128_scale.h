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

#define F64_LEAST_NORMAL 0x1p-1022
#define C128_TINY 0x1p-200 /* 6.2e-61: a part below this is set to [2^-201, 2^-200) ... */
#define C128_TINY_EXPONENT (-200)
#define C128_MONOMIAL_EXPONENT (-80) /* ... and first both, if below 2^-80, by the same factor */

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

/* All bits set where it is negative, else none */
TANHSHRINK_INLINE int64_t c128_mask(int64_t i) { return (int64_t)(0 - ((uint64_t)i >> 63)); }

TANHSHRINK_INLINE int64_t c128_limit_exponent(int64_t exponent)
{
    int64_t excess = exponent - C128_LEAST_EXPONENT;
    return (excess & ~c128_mask(excess)) + C128_LEAST_EXPONENT;
}

/* A part x of z, times 2^up.  Up is 512 for subnormal numbers and 0, so that what follows meets no
 * subnormal number, for which some processors take 150 cycles. */
typedef struct {
    double number;
    int64_t up, exponent; /* the latter of x; for 0 it is less than that of any other */
} c128_raised;

TANHSHRINK_INLINE c128_raised c128_raise(double x, int any_subnormal)
{
    const double base = 0x1p-510; /* from here on, numbers are 2^512 times as far apart as from 0 */
    uint64_t subnormal = any_subnormal ? f64_below(x, F64_LEAST_NORMAL) : 0;
    double seen = f64_from_bits(f64_bits(f64_choose(subnormal, x, 0)) | f64_bits(base)) - base;
    c128_raised raised;
    raised.number = f64_choose(subnormal, seen, x);
    raised.up = 512 & -(int64_t)subnormal;
    raised.exponent = (int64_t)(f64_bits(raised.number) >> 52) - 1023 - raised.up;
    return raised;
}

/* Where both parts are small and one is tiny: z 2^-e with the larger part in [2^-80, 2^-79).  Then
 * a part that is tiny next to the other one: times 2^-rest, so that it is in [2^-201, 2^-200).
 * Returns whether any that is not real is still on an axis. */
TANHSHRINK_INLINE int c128_scale_up_loop(c128_numbers *z, c128_exponents *exponents, ptrdiff_t n,
                                         int any_subnormal, int derivative)
{
    int64_t any = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        c128_raised a = c128_raise(z->a[i], any_subnormal);
        c128_raised b = c128_raise(z->b[i], any_subnormal);
        int64_t diagonal = c128_mask((int64_t)((f64_bits(z->a[i]) ^ f64_bits(z->b[i])) - 1));
        int64_t real = (int64_t)(f64_bits(z->b[i]) - 1); /* negative if b is 0 */
        int64_t a_smaller = c128_mask(a.exponent - b.exponent);
        int64_t smaller = (a.exponent & a_smaller) | (b.exponent & ~a_smaller);
        int64_t larger = a.exponent + b.exponent - smaller;
        int64_t above_tiny = smaller - C128_TINY_EXPONENT;
        int64_t above_monomial = larger - C128_MONOMIAL_EXPONENT;
        int64_t e = above_monomial & c128_mask(above_tiny & above_monomial & ~real);
        above_tiny -= e;
        int64_t tiny = c128_mask(above_tiny & ~real), rest = (above_tiny + 1) & tiny;
        int64_t of_a = e + (rest & a_smaller), of_b = e + (rest & ~a_smaller);
        z->a[i] = a.number * f64_power(-of_a - a.up); /* exact */
        z->b[i] = b.number * f64_power(-of_b - b.up);
        any |= tiny;
        exponents->re[i] = c128_limit_exponent(2 * e + (derivative ? 2 * e & diagonal : of_a));
        exponents->im[i] = c128_limit_exponent(2 * e + (derivative ? rest : of_b));
    }
    return any != 0;
}

TANHSHRINK_INLINE int c128_scale_up(c128_numbers *z, c128_exponents *exponents, ptrdiff_t n,
                                    int derivative)
{
    uint64_t any_subnormal = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        any_subnormal |= f64_below(z->a[i], F64_LEAST_NORMAL) |
                         f64_below(z->b[i], F64_LEAST_NORMAL);
    if (any_subnormal)
        return c128_scale_up_loop(z, exponents, n, 1, derivative);
    return c128_scale_up_loop(z, exponents, n, 0, derivative);
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
