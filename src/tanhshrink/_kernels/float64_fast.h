/* x - tanh(x) and its derivative tanh(x)^2 in double: the fast tier, and the block functions that
 * tie the tiers together.
 *
 * Computed as it is written, x - tanh(x) cancels: at x = 2^-10 it loses 21 of 53 bits. A table does
 * not. In each of 906 rows (910 for the derivative) the function is a polynomial in t,
 * c0 + c1 t + ... + c7 t^7, c0 in two parts; the sum comes out as h + l with a relative error below
 * 2^-64.2 (2^-63.9); the largest measured, over 8000 points in each row: 2^-64.31 (2^-64.15). If
 * h + l rounds to the same double whichever way that error turns it, this is the correctly rounded
 * result. About one element in 1100 (900) fails the test and goes to the accurate tier, so the
 * whole is as exact as that tier.
 *
 *                                x - tanh(x)               tanh(x)^2
 *   0                            0                         0
 *   0 < |x| < 2^-250             accurate tier             accurate tier
 *   2^-250 <= |x| < 2^-10        x^3 (1/3 - ...)           x^2 (1 - ...)
 *   2^-10 <= |x| < 18.5, 19.5    table                     table
 *   above, inf, NaN              x - sign(x) (1 - 2^-53)   1, NaN
 *
 * The short series are summed in two doubles and pass the same kind of test. The table is looked up
 * for all elements; those that are not in it get its last row, fail the test and are settled when a
 * block is done, so that the loop over the table needs no selection.
 * Written over the words of simd_*.h: include one of those first. LANES elements go together. */
#ifndef TANHSHRINK_FLOAT64_FAST_H
#define TANHSHRINK_FLOAT64_FAST_H

#include "coefficients_float64_fast.h"
#include "float64_accurate.h"
#include "float64_series.h"

#define F64_BLOCK 1024               /* most elements a call works on; a multiple of every LANES */
#define F64_AHEAD (8 * LANES)        /* elements whose rows are known before they are needed */
#define F64_PREFETCH 4096            /* bytes from what is computed to what is asked for */
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
    double doubt;                       /* by what part of itself the test moves a low part */
    vec (*small)(vec x, vec *low);      /* for 2^-250 <= x < 2^-10 or x = 0 */
    vec (*special)(vec x, lanes large); /* for x = 0 and, where large, table_end <= |x| or NaN */
    double (*accurate)(double x);
    int odd; /* f(-x) = -f(x), else f(x) */
} f64_function;

/* Gives results the sign they need. */
TANHSHRINK_INLINE vec f64_signed(const f64_function *function, vec result, vec x)
{
    return function->odd ? vec_copysign(result, x) : result;
}

/* The sum c0 + c0_low + t (c1 + t p) for LANES elements. */
typedef struct {
    vec c0, c0_low, c1, t, p;
} f64_sum;

/* The numbers of the rows that f64_look_up reads. */
TANHSHRINK_INLINE void f64_store_rows(const f64_function *function, const double *x, uint64_t *rows)
{
    vec_store_rows(rows, vec_load(x), F64_TABLE_START, 52 - F64_ROW_BITS, function->last_row);
}

/* f(|x|) where x is in the table; elsewhere, with the last row, what fails every test.
 *
 * |t| <= 2^-7 x, but for rows near 18, where c2 is tiny. x - tanh(x) is at most like x^3, so t^2 c2
 * is at most 3 t^2/x^2 = 2^-12.4 of f: the rounding error of p is 2^-65.4 of f. With the fit's
 * 2^-65.1, that is 2^-64.2. tanh(x)^2 is at most like x^2, t^2 c2 at most 2^-14 of f, the error
 * 2^-67. With the fit's 2^-64.1, that is 2^-63.9. What else is rounded, here and in f64_sum_up, as
 * noted, adds nothing to these figures. */
TANHSHRINK_INLINE f64_sum f64_look_up(const f64_function *function, const double *x,
                                      const uint64_t *rows)
{
    vec c[8];
    vec_load_columns(c, function->rows, rows);
    vec c7 = vec_second_of_pair(c[7]), centre = vec_second_of_pair(c[6]);
    vec magnitude = vec_abs_at_most(vec_load(x), function->table_end);
    vec t = vec_sub(magnitude, centre); /* exact: the two are close, and the centre has 21 bits */
    vec t2 = vec_mul(t, t);
    vec p = vec_muladd(c7, t2, vec_muladd(c[7], t, c[5]));
    p = vec_muladd(p, t2, vec_muladd(c[4], t, c[3])); /* 2^-73 of f */
    p = vec_muladd(p, t, c[2]);                       /* 2^-65.4 or 2^-67, see above */
    f64_sum sum = {c[0], c[6], c[1], t, p};           /* c[6] is c0's low part */
    return sum;
}

/* Sums up as high + low, rounds and stores; returns a bit for each undecided element.
 *
 * An error of 2^-64.2 (2^-63.9) high can matter only where |low| is half an ulp of high, at least
 * 2^-54 high. There it is at most 2^-10.2 (2^-9.9) |low|; the test moves low by 2^-10.13 (2^-9.83)
 * |low|. */
TANHSHRINK_INLINE uint8_t f64_sum_up(const f64_function *function, const f64_sum *sum,
                                     const double *x, double *out)
{
    vec slope_low, high_low;
    vec slope = f64_muladd_with_error(sum->t, sum->p, sum->c1, &slope_low);
    vec high = f64_muladd_with_error(sum->t, slope, sum->c0, &high_low);
    vec low = vec_muladd(sum->t, slope_low, vec_add(high_low, sum->c0_low)); /* 2^-104 */
    vec up = vec_muladd(low, vec_set(1 + function->doubt), high);
    vec down = vec_muladd(low, vec_set(1 - function->doubt), high);
    vec_store(out, f64_signed(function, up, vec_load(x)));
    return (uint8_t)lanes_bits(vec_differ(up, down));
}

/* x - tanh(x), correctly rounded, for x = 0 and, in the lanes `large`, for |x| >= 18.5. */
TANHSHRINK_INLINE vec tanhshrink_f64_special(vec x, lanes large)
{
    vec one = vec_copysign(vec_set(F64_ALMOST_ONE), x);
    return vec_sub(x, vec_select(large, one, vec_set(0.0)));
}

/* tanh(x)^2, correctly rounded, for x = 0 and, in the lanes `large`, for |x| >= 19.41. */
TANHSHRINK_INLINE vec tanhshrink_grad_f64_special(vec x, lanes large)
{
    vec one = vec_select(large, vec_set(1.0), vec_set(0.0));
    return vec_select(vec_differ(x, x), vec_add(x, one), one); /* the sum is a quiet NaN */
}

/* Settles LANES elements of which the table left some undecided; `undecided` has a bit for each. */
TANHSHRINK_INLINE void f64_settle(const f64_function *function, const double *x, double *out,
                                  unsigned undecided)
{
    vec value = vec_load(x), magnitude = vec_abs(value);
    lanes large = vec_at_least(magnitude, function->table_end);
    lanes ordinary = lanes_andnot(vec_at_least(magnitude, 0x1p-1074), large); /* nor 0 */
    vec_store(out, vec_select(ordinary, vec_load(out), function->special(value, large)));
    undecided &= lanes_bits(ordinary);
    if (!undecided)
        return;

    lanes small = lanes_andnot(vec_at_least(magnitude, F64_SMALL_START),
                               vec_at_least(magnitude, F64_TABLE_START));
    /* The others compute with 0 instead, which raises no flag. */
    vec low, high = function->small(vec_select(small, magnitude, vec_set(0.0)), &low);
    vec down = vec_add(high, vec_muladd(high, vec_set(-0x1p-70), low));
    vec up = vec_add(high, vec_muladd(high, vec_set(0x1p-70), low));
    vec_store(out, vec_select(small, f64_signed(function, down, value), vec_load(out)));
    undecided &= ~lanes_bits(lanes_andnot(small, vec_differ(down, up)));
    for (int i = 0; undecided >> i; i++)
        if (undecided >> i & 1)
            out[i] = function->accurate(x[i]);
}

/* A row that is asked for as soon as its number is known comes late, and so does a sum that waits
 * for its row. Therefore the rows' numbers are computed for some vectors ahead, and each vector's
 * rows are looked up before the vector in front of it is summed up. */
TANHSHRINK_INLINE void f64_block(const f64_function *function, const double *x, double *out,
                                 ptrdiff_t n)
{
    TANHSHRINK_ALIGN(64) uint64_t rows[F64_AHEAD];
    uint8_t undecided[F64_BLOCK / LANES + 8];
    if (n <= 0)
        return;
    memset(undecided + n / LANES / 8 * 8, 0, 8); /* eight are asked at a time */

    for (ptrdiff_t i = 0; i < n && i < F64_AHEAD; i += LANES)
        f64_store_rows(function, x + i, rows + i);
    f64_sum sum = f64_look_up(function, x, rows);
    if (F64_AHEAD < n)
        f64_store_rows(function, x + F64_AHEAD, rows);
    for (ptrdiff_t i = LANES; i < n; i += LANES) {
        f64_sum next = f64_look_up(function, x + i, rows + i % F64_AHEAD);
        ptrdiff_t ahead = i + F64_AHEAD < n ? i + F64_AHEAD : 0;
        f64_store_rows(function, x + ahead, rows + i % F64_AHEAD);
        prefetch_line(x + i, F64_PREFETCH);
        prefetch_line(out + i, F64_PREFETCH);
        ptrdiff_t previous = i - LANES;
        undecided[previous / LANES] = f64_sum_up(function, &sum, x + previous, out + previous);
        sum = next;
    }
    const ptrdiff_t last = n - LANES;
    undecided[last / LANES] = f64_sum_up(function, &sum, x + last, out + last);

    for (ptrdiff_t i = 0; i < n; i += 8 * LANES) {
        uint64_t any;
        memcpy(&any, undecided + i / LANES, sizeof any);
        for (ptrdiff_t j = i; any && j < i + 8 * LANES; j += LANES)
            if (undecided[j / LANES])
                f64_settle(function, x + j, out + j, undecided[j / LANES]);
    }
}

/* out[i] = x[i] - tanh(x[i]), correctly rounded as far as the accurate tier is, for n <= F64_BLOCK
 * elements, a multiple of LANES. x and out do not overlap. */
TANHSHRINK_INLINE void tanhshrink_f64_block(const double *x, double *out, ptrdiff_t n)
{
    static const f64_function function = {
        f64_rows[0],          F64_ROWS,
        F64_TABLE_END,        0x1.d3p-11,
        tanhshrink_f64_small, tanhshrink_f64_special,
        tanhshrink_f64_accurate,
        1,
    };
    f64_block(&function, x, out, n);
}

/* out[i] = tanh(x[i])^2, otherwise the same. */
TANHSHRINK_INLINE void tanhshrink_grad_f64_block(const double *x, double *out, ptrdiff_t n)
{
    static const f64_function function = {
        f64_grad_rows[0],          F64_GRAD_ROWS,
        F64_GRAD_TABLE_END,        0x1.2p-10,
        tanhshrink_grad_f64_small, tanhshrink_grad_f64_special,
        tanhshrink_grad_f64_accurate,
        0,
    };
    f64_block(&function, x, out, n);
}

#endif
