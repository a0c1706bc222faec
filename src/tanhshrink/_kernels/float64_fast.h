/* x - tanh(x) and its derivative tanh(x)^2 in double: the fast tier, and the block functions that
 * tie the tiers together.
 *
 * Computed as it is written, x - tanh(x) cancels: at x = 2^-10 it loses 21 of 53 bits. A table does
 * not. In each of 906 rows (910 for the derivative) the function is a polynomial in t,
 * c0 + c1 t + ... + c7 t^7, c0 in two parts; the sum comes out as h + l with a relative error below
 * 2^-64.2 (2^-63.9); the largest measured, over 8000 points in each row: 2^-64.31 (2^-64.15). If
 * h + l rounds to the same double whichever way that error turns it, this is the correctly rounded
 * result. About one element in 900 fails the test and goes to the accurate tier, so the whole is as
 * exact as that tier.
 *
 *                                x - tanh(x)               tanh(x)^2
 *   0                            0                         0
 *   0 < |x| < 2^-250             accurate tier             accurate tier
 *   2^-250 <= |x| < 2^-10        x^3 (1/3 - ...)           x^2 (1 - ...)
 *   2^-10 <= |x| < 18.5, 19.5    table                     table
 *   above, inf, NaN              x - sign(x) (1 - 2^-53)   1, NaN
 *
 * The short series are summed in two doubles and pass the same kind of test.
 * Written over the words of simd_*.h: include one of those first. LANES elements go together. */
#ifndef TANHSHRINK_FLOAT64_FAST_H
#define TANHSHRINK_FLOAT64_FAST_H

#include "coefficients_float64_fast.h"
#include "float64_accurate.h"

#if defined(TANHSHRINK_CUDA)
#define F64_BLOCK 1
#else
#define F64_BLOCK 256 /* most elements a call works on; a multiple of every LANES */
#endif
#define F64_SMALL_START 0x1p-250     /* 5.5e-76: below, low parts could underflow */
#define F64_TABLE_START 0x1p-10      /* 0.000977: below, a short series is enough */
#define F64_TABLE_END 0x1.28p+4      /* 18.5: from here on 1 - tanh(x) < 2^-52.3 */
#define F64_GRAD_TABLE_END 0x1.38p+4 /* 19.5: from 19.41 on 1 - tanh(x)^2 < 2^-54 */

/* From 18.5 on 1 - tanh|x| is less than half an ulp of x - 1, but never 0. So it decides only where
 * x - 1 is a midpoint; to subtract a hair less than 1 decides the same way. */
#define F64_ALMOST_ONE 0x1.fffffffffffffp-1

/* What tells one function from the other. */
typedef struct {
    const double *rows; /* of 8 doubles each; the last one decides nothing */
    int last_row;
    double table_end;
    vec (*small)(vec x, vec *low); /* for 2^-250 <= x < 2^-10 or x = 0 */
    vec (*large)(vec x);           /* for table_end <= |x|, or NaN */
    double (*accurate)(double x);
    int odd; /* f(-x) = -f(x), else f(x) */
} f64_function;

/* c + a b as a rounded sum and its rounding error *low, itself rounded; for |a b| <= |c| / 2. */
TANHSHRINK_INLINE vec f64_muladd_with_error(vec a, vec b, vec c, vec *low)
{
#if TANHSHRINK_HAS_FMA
    vec high = vec_muladd(a, b, c);
    *low = vec_muladd(a, b, vec_sub(c, high)); /* c - high is exact */
#else
    vec product = vec_mul(a, b);
    vec high = vec_add(c, product);
    *low = vec_add(vec_sub(product, vec_sub(high, c)), vec_product_error(a, b, product));
#endif
    return high;
}

/* f(x) as high + *low for x in the table; with the last row, what fails every test.
 *
 * |t| <= 2^-7 x, but for rows near 18, where c2 is tiny. x - tanh(x) is at most like x^3, so t^2 c2 is at most 3 t^2/x^2 = 2^-12.4 of f:
 * the rounding error of p is 2^-65.4 of f. With the fit's 2^-65.1, that is 2^-64.2. tanh(x)^2 is at
 * most like x^2, t^2 c2 at most 2^-14 of f, the error 2^-67. With the fit's 2^-64.1, that is
 * 2^-63.9. What else is rounded, as noted, adds nothing to these figures. */
TANHSHRINK_INLINE vec f64_table(vec x, const double *table, const uint64_t *rows, vec *low)
{
    vec c[8], slope_low, high_low;
    vec_load_columns(c, table, rows);
    vec c7 = vec_second_of_pair(c[7]), centre = vec_second_of_pair(c[6]);
    vec t = vec_sub(x, centre); /* exact: the two are close, and the centre has 21 bits */
    vec t2 = vec_mul(t, t);
    vec p = vec_muladd(c7, t2, vec_muladd(c[7], t, c[5]));
    p = vec_muladd(p, t2, vec_muladd(c[4], t, c[3])); /* 2^-73 of f */
    p = vec_muladd(p, t, c[2]);                       /* 2^-65.4 or 2^-67, see above */
    vec slope = f64_muladd_with_error(t, p, c[1], &slope_low);
    vec high = f64_muladd_with_error(t, slope, c[0], &high_low);
    *low = vec_muladd(t, slope_low, vec_add(high_low, c[6])); /* 2^-104; c[6] is c0's low part */
    return high;
}

/* x - tanh(x) as high + *low for x = 0 or 2^-250 <= x < 2^-10.
 * x^3 (1/3 - 2/15 x^2 + 17/315 x^4 - 62/2835 x^6); the next term is below 2^-85 of f. */
TANHSHRINK_INLINE vec tanhshrink_f64_small(vec x, vec *low)
{
    vec y = vec_mul(x, x), y_low = vec_product_error(x, x, y);
    vec cube = vec_mul(y, x);
    vec cube_low = vec_muladd(y_low, x, vec_product_error(y, x, cube)); /* 2^-104 */
    vec p = vec_muladd(vec_set(-0x1.664f4882c10fap-6), y, vec_set(0x1.ba1ba1ba1ba1cp-5));
    p = vec_muladd(p, y, vec_set(-0x1.1111111111111p-3)); /* y p: 2^-73 of f */
    vec third_low, third = f64_muladd_with_error(y, p, vec_set(0x1.5555555555555p-2), &third_low);
    third_low = vec_add(third_low, vec_set(0x1.5555555555555p-56)); /* 1/3 has two parts, 2^-107 */
    vec high = vec_mul(cube, third);
    *low = vec_muladd(cube, third_low, vec_product_error(cube, third, high));
    *low = vec_muladd(cube_low, third, *low); /* 2^-104; sum of all: below 2^-72.9 */
    return high;
}

/* tanh(x)^2 as high + *low for x = 0 or 2^-250 <= x < 2^-10.
 * x^2 (1 - 2/3 x^2 + 17/45 x^4 - 62/315 x^6); the next term is below 2^-83 of f. */
TANHSHRINK_INLINE vec tanhshrink_grad_f64_small(vec x, vec *low)
{
    vec y = vec_mul(x, x), y_low = vec_product_error(x, x, y);
    vec p = vec_muladd(vec_set(-0x1.9319319319319p-3), y, vec_set(0x1.82d82d82d82d8p-2));
    p = vec_muladd(p, y, vec_set(-0x1.5555555555555p-1)); /* y p: 2^-73.2 of f; y_low p: 2^-73.5 */
    vec one_low, one = f64_muladd_with_error(y, p, vec_set(1.0), &one_low);
    vec high = vec_mul(y, one);
    *low = vec_muladd(y, one_low, vec_product_error(y, one, high));
    *low = vec_muladd(y_low, one, *low); /* 2^-104; sum of all: below 2^-72.3 */
    return high;
}

/* x - tanh(x), correctly rounded, for |x| >= 18.5, up to its sign. */
TANHSHRINK_INLINE vec tanhshrink_f64_large(vec x)
{
    return vec_sub(vec_abs(x), vec_set(F64_ALMOST_ONE));
}

/* tanh(x)^2, correctly rounded, for |x| >= 19.41. */
TANHSHRINK_INLINE vec tanhshrink_grad_f64_large(vec x)
{
    vec one = vec_set(1.0);
    return vec_select(vec_differ(x, x), vec_add(x, one), one); /* the sum is a quiet NaN */
}

/* Gives results the sign they need. */
TANHSHRINK_INLINE vec f64_signed(const f64_function *function, vec result, vec x)
{
    return function->odd ? vec_copysign(result, x) : result;
}

/* Settles LANES elements of which the table left some undecided; `undecided` has a bit for each. */
TANHSHRINK_INLINE void f64_settle(const f64_function *function, const double *x, double *out,
                                  unsigned undecided)
{
    vec value = vec_load(x), magnitude = vec_abs(value), low;
    lanes small = lanes_andnot(vec_at_least(magnitude, F64_SMALL_START),
                               vec_at_least(magnitude, F64_TABLE_START));
    lanes other = lanes_andnot(vec_at_least(magnitude, 0x1p-1074), small); /* not small, not 0 */
    /* The others compute with 0 instead, which raises no flag. */
    vec high = function->small(vec_select(small, magnitude, vec_set(0.0)), &low);
    vec down = vec_add(high, vec_muladd(high, vec_set(-0x1p-70), low));
    vec up = vec_add(high, vec_muladd(high, vec_set(0x1p-70), low));
    vec_store(out, vec_select(other, vec_load(out), f64_signed(function, down, value)));
    undecided &= lanes_bits(other) | lanes_bits(vec_differ(down, up));
    for (int i = 0; undecided >> i; i++)
        if (undecided >> i & 1)
            out[i] = function->accurate(x[i]);
}

TANHSHRINK_INLINE void f64_block(const f64_function *function, const double *x, double *out,
                                 ptrdiff_t n)
{
    TANHSHRINK_ALIGN(64) uint64_t rows[F64_BLOCK];
    uint8_t undecided[F64_BLOCK / LANES];

    /* First the row numbers of all: a row asked for as soon as its number is known comes late. */
    for (ptrdiff_t i = 0; i < n; i += LANES)
        vec_store_rows(rows + i, vec_abs(vec_load(x + i)), F64_TABLE_START, 52 - F64_ROW_BITS,
                       function->last_row);

    /* An error of 2^-63.9 high can matter only where |low| is half an ulp of high, at least
     * 2^-54 high. There it is at most 2^-9.9 |low|; the test moves low by 2^-9.83 |low|. */
    const vec more = vec_set(1 + 0x1.2p-10), less = vec_set(1 - 0x1.2p-10);
    for (ptrdiff_t i = 0; i < n; i += LANES) {
        vec value = vec_load(x + i), magnitude = vec_abs(value), low;
        lanes large = vec_at_least(magnitude, function->table_end);
        vec inside = vec_select(large, vec_set(1.0), magnitude);
        vec high = f64_table(inside, function->rows, rows + i, &low);
        vec up = vec_muladd(low, more, high), down = vec_muladd(low, less, high);
        vec result = vec_select(large, function->large(value), up);
        vec_store(out + i, f64_signed(function, result, value));
        undecided[i / LANES] = (uint8_t)lanes_bits(lanes_andnot(vec_differ(up, down), large));
    }

    for (ptrdiff_t i = 0; i < n; i += LANES)
        if (undecided[i / LANES])
            f64_settle(function, x + i, out + i, undecided[i / LANES]);
}

/* out[i] = x[i] - tanh(x[i]), correctly rounded as far as the accurate tier is, for n <= F64_BLOCK
 * elements, a multiple of LANES. x and out do not overlap. */
TANHSHRINK_INLINE void tanhshrink_f64_block(const double *x, double *out, ptrdiff_t n)
{
    static const f64_function function = {
        f64_rows[0],          F64_ROWS,
        F64_TABLE_END,        tanhshrink_f64_small,
        tanhshrink_f64_large, tanhshrink_f64_accurate,
        1,
    };
    f64_block(&function, x, out, n);
}

/* out[i] = tanh(x[i])^2, otherwise the same. */
TANHSHRINK_INLINE void tanhshrink_grad_f64_block(const double *x, double *out, ptrdiff_t n)
{
    static const f64_function function = {
        f64_grad_rows[0],          F64_GRAD_ROWS,
        F64_GRAD_TABLE_END,        tanhshrink_grad_f64_small,
        tanhshrink_grad_f64_large, tanhshrink_grad_f64_accurate,
        0,
    };
    f64_block(&function, x, out, n);
}

#endif
