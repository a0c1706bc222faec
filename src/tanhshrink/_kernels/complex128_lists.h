/* The elements of a block of complex128, sorted by method. */
#ifndef TANHSHRINK_COMPLEX128_LISTS_H
#define TANHSHRINK_COMPLEX128_LISTS_H

#include "complex128_axes.h"
#include "complex128_root.h"
#include "float64_fast.h"

enum { C128_ZERO, C128_REAL, C128_FAR, C128_SMALL, C128_SERIES, C128_RAY, C128_TANH,
       C128_ROOT, C128_AXIS_SERIES, C128_IMAGINARY, C128_NEAR_REAL, C128_ROOT_DOUBTFUL,
       C128_DOUBTFUL, C128_LAST, C128_NOT_FINITE };
#define C128_METHODS 15

/* Up to a whole vector: what is left over by vectors would be computed one by one. */
TANHSHRINK_INLINE ptrdiff_t whole_vectors(ptrdiff_t n) { return (n + LANES - 1) / LANES * LANES; }

/* The elements of a block, by method.  If nearly all need the same one, these are not listed but
 * the rest is: all are computed by it, and what it makes of the rest is overwritten by others. */
typedef struct {
    ptrdiff_t n;
    int first;      /* the first element's method, which comes first */
    int usual;      /* the same, or C128_METHODS if too few need it */
    int rest_count; /* of those that do not need it */
    uint8_t rest[C128_BLOCK];
    int accurate_count; /* of those that the fast tier left, or would have */
    int count[C128_METHODS];
    uint8_t index[C128_METHODS][C128_BLOCK + 1]; /* for c128_list */
} c128_lists;

/* The upper half of a double: its exponent, and 20 more bits, enough to compare it with any number
 * that has no more.  Integers of 32 bits become vectors on every target. */
TANHSHRINK_INLINE int32_t upper_half(double x) { return (int32_t)(f64_bits(x) >> 32); }

/* A factor of sqrt(3) shows as .73 to .85, times 2^20, in the upper half.  On the curves where a
 * part vanishes, for z that are not small, it is .70 to .87, and where the series is in doubt .67
 * to .91; the few from .86 on come to the other one after it. */
#define C128_SQRT_3 0xb8000     /* .72 */
#define C128_CURVES 0xa9000     /* .66 */
#define C128_SQRT_3_END 0xdc000 /* .86 */

/* On bits, which raises no flag whatever they mean, and without branches. */
TANHSHRINK_INLINE int32_t c128_method(double x, double y, double far, int32_t near_root,
                                      int any_on_axes, int derivative)
{
    int32_t a = upper_half(x), b = upper_half(y);
    int32_t larger = i32_select(a > b, a, b), smaller = i32_select(a > b, b, a);
    /* The bits of a double are about its logarithm to the base 2, times 2^52: here the parts of z
     * differ by a factor of about 1 or sqrt(3), and the other series would find it doubtful. */
    int32_t ratio = larger - smaller;
    int small = larger < upper_half(C128_SMALL_END);
    int32_t start = i32_select(small, C128_SQRT_3, C128_CURVES);
    int ray = derivative ? ratio < 1 << 14 : (ratio >= start) & (ratio < C128_SQRT_3_END);
    int32_t method = i32_select(small, C128_SMALL, C128_SERIES);
    method = i32_select(ray, C128_RAY, method);
    method = i32_select(larger < upper_half(C128_SERIES_END), method, C128_TANH);
    method = i32_select(near_root, C128_ROOT, method);
    if (any_on_axes) {
        int32_t of_axis = C128_IMAGINARY + (a > b); /* or C128_NEAR_REAL */
        of_axis = i32_select(larger < upper_half(C128_SERIES_END), C128_AXIS_SERIES, of_axis);
        method = i32_select(smaller < upper_half(C128_TINY), of_axis, method);
    }
    method = i32_select(a >= upper_half(far), C128_FAR, method);
    method = i32_select(larger >= upper_half(HUGE_VAL), C128_NOT_FINITE, method);
    int32_t a_zero = (int32_t)((f64_bits(x) - 1) >> 63);
    int32_t b_zero = (int32_t)((f64_bits(y) - 1) >> 63);
    method = i32_select(b_zero, C128_REAL, method);
    return method - (a_zero & b_zero); /* C128_ZERO comes before C128_REAL */
}

TANHSHRINK_INLINE void c128_sort(c128_lists *lists, const c128_numbers *z,
                                 const uint64_t *near_root, ptrdiff_t n, double far,
                                 int any_on_axes, int derivative)
{
    TANHSHRINK_ALIGN(64) int32_t method[C128_BLOCK];
    int32_t first_count = 0;
    int rest_count = 0;
    method[0] = C128_ZERO; /* compilers warn, as they do not know that n > 0 */
    for (ptrdiff_t i = 0; i < whole_vectors(n); i++) {
        int32_t root = derivative ? 0 : (int32_t)near_root[i];
        method[i] = c128_method(z->a[i], z->b[i], far, root, any_on_axes, derivative);
    }
    const int32_t first = method[0];
    for (ptrdiff_t i = 0; i < n; i++)
        first_count += method[i] == first;
    /* A block that is infinite or NaN comes here only in part, and such elements come last. */
    const int usual = 8 * first_count >= 7 * n && first != C128_NOT_FINITE;
    lists->n = n;
    lists->first = first;
    lists->usual = usual ? first : C128_METHODS;
    lists->accurate_count = 0;
    memset(lists->count, 0, sizeof lists->count);
    lists->count[first] = first_count;
    /* Without waiting for a count in memory, as the last loop does for a few */
    uint8_t *rest = lists->rest, *of_first = lists->index[first];
    if (!usual) {
        first_count = 0;
        for (ptrdiff_t i = 0; i < n; i++) {
            int is_rest = method[i] != first;
            rest[rest_count] = of_first[first_count] = (uint8_t)i;
            rest_count += is_rest;
            first_count += 1 - is_rest;
        }
    } else if (first_count < n) {
        for (ptrdiff_t i = 0; i < n; i++) {
            rest[rest_count] = (uint8_t)i;
            rest_count += method[i] != first;
        }
    }
    lists->rest_count = rest_count;
    for (int j = 0; j < rest_count; j++) {
        int32_t of = method[rest[j]];
        lists->index[of][lists->count[of]++] = rest[j];
    }
}

#endif
