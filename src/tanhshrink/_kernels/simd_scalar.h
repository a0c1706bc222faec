/* One double at a time: the words in which float64_fast.h is written, for every machine. */
#ifndef TANHSHRINK_SIMD_H
#define TANHSHRINK_SIMD_H

#include "contract.h"

#define LANES 1
typedef double vec;
typedef int lanes; /* which lanes a condition holds in: 0 or 1 */

TANHSHRINK_INLINE vec vec_load(const double *p) { return *p; }
TANHSHRINK_INLINE void vec_store(double *p, vec a) { *p = a; }
TANHSHRINK_INLINE vec vec_set(double a) { return a; }
TANHSHRINK_INLINE vec vec_add(vec a, vec b) { return a + b; }
TANHSHRINK_INLINE vec vec_sub(vec a, vec b) { return a - b; }
TANHSHRINK_INLINE vec vec_mul(vec a, vec b) { return a * b; }
TANHSHRINK_INLINE vec vec_abs(vec a) { return f64_from_bits(f64_bits(a) & ~F64_SIGN); }
/* |a|, but if that is larger or NaN, `most` or hardly more. A quiet NaN raises no flag. */
TANHSHRINK_INLINE vec vec_abs_at_most(vec a, double most)
{
    uint64_t magnitude = f64_bits(a) & ~F64_SIGN;
    return f64_from_bits(magnitude < f64_bits(most) ? magnitude : f64_bits(most));
}
TANHSHRINK_INLINE vec vec_copysign(vec a, vec sign)
{
    return f64_from_bits((f64_bits(a) & ~F64_SIGN) | (f64_bits(sign) & F64_SIGN));
}

#if TANHSHRINK_HAS_FMA
/* a * b + c, rounded once here; a caller must not rely on that */
TANHSHRINK_INLINE vec vec_muladd(vec a, vec b, vec c) { return fma(a, b, c); }
/* a * b - product where product = round(a * b): exact */
TANHSHRINK_INLINE vec vec_product_error(vec a, vec b, vec product) { return fma(a, b, -product); }
#else
TANHSHRINK_INLINE vec vec_muladd(vec a, vec b, vec c) { return a * b + c; }
/* Dekker's product. Both factors are cut after 26 bits, so every partial product fits in 53, except
 * the smallest, which loses at most 2^-53 of 2^-52 of the product. */
TANHSHRINK_INLINE vec vec_product_error(vec a, vec b, vec product)
{
    double a_high = f64_from_bits(f64_bits(a) & 0xfffffffff8000000u), a_low = a - a_high;
    double b_high = f64_from_bits(f64_bits(b) & 0xfffffffff8000000u), b_low = b - b_high;
    return (((a_high * b_high - product) + a_high * b_low) + a_low * b_high) + a_low * b_low;
}
#endif

/* a >= bound for a, bound >= 0, by their bits: NaN counts as large and raises no flag. */
TANHSHRINK_INLINE lanes vec_at_least(vec a, double bound) { return f64_bits(a) >= f64_bits(bound); }
TANHSHRINK_INLINE lanes vec_differ(vec a, vec b) { return a != b; }
TANHSHRINK_INLINE lanes lanes_andnot(lanes a, lanes b) { return a & !b; }
TANHSHRINK_INLINE unsigned lanes_bits(lanes a) { return (unsigned)a; }
TANHSHRINK_INLINE vec vec_select(lanes a, vec yes, vec no) { return a ? yes : no; }

/* The row of a table for each lane: the bits of |a| above `shift`, less those of `first`, but
 * `last` if that is larger or negative. Times 8, as the index of the first of its 8 doubles. */
TANHSHRINK_INLINE void vec_store_rows(uint64_t *rows, vec a, double first, int shift, int last)
{
    uint64_t row = (f64_bits(vec_abs(a)) - f64_bits(first)) >> shift;
    *rows = (row < (uint64_t)last ? row : (uint64_t)last) << 3;
}
/* Turns LANES rows of a table into 8 columns. */
TANHSHRINK_INLINE void vec_load_columns(vec column[8], const double *table, const uint64_t *rows)
{
    for (int j = 0; j < 8; j++)
        column[j] = table[rows[0] + (uint64_t)j];
}
/* The second number of a pair word: its lower 32 bits are the upper half of a double. */
TANHSHRINK_INLINE vec vec_second_of_pair(vec a) { return f64_from_bits(f64_bits(a) << 32); }

#endif
