/* The elements of a block of complex128, sorted by method: sort, gather, compute, scatter. */
#ifndef TANHSHRINK_COMPLEX128_LISTS_H
#define TANHSHRINK_COMPLEX128_LISTS_H

#include "complex128_axes.h"
#include "complex128_root.h"
#include "float64_fast.h"

enum { C128_ZERO, C128_REAL, C128_FAR, C128_SMALL, C128_SERIES, C128_RAY, C128_TANH,
       C128_ROOT, C128_AXIS_SERIES, C128_IMAGINARY, C128_NEAR_REAL, C128_DOUBTFUL, C128_LAST,
       C128_NOT_FINITE };
#define C128_METHODS 14

/* A factor of sqrt(3) shows as .73 to .85, times 2^52, in the bits. */
#define C128_SQRT_3 ((uint64_t)0xb8 << 44)       /* .72 */
#define C128_SQRT_3_WIDTH ((uint64_t)0x24 << 44) /* .14 */

/* The elements of a block, by method */
typedef struct {
    int count[C128_METHODS];
    uint8_t index[C128_METHODS][C128_BLOCK];
} c128_lists;

/* On bits, which raises no flag whatever they mean, and without branches. */
TANHSHRINK_INLINE int c128_method(double x, double y, double far, int near_root, int any_on_axes,
                                  int derivative)
{
    uint64_t a = f64_bits(x), b = f64_bits(y), larger = a > b ? a : b, smaller = a > b ? b : a;
    /* The bits of a double are about its logarithm to the base 2, times 2^52: here the parts of z
     * differ by a factor of about 1 or sqrt(3), and the other series would find it doubtful. */
    uint64_t ratio = larger - smaller;
    int ray = derivative ? ratio < (uint64_t)1 << 46 : ratio - C128_SQRT_3 < C128_SQRT_3_WIDTH;
    int method = larger < f64_bits(C128_SMALL_END) ? C128_SMALL : C128_SERIES;
    method = ray ? C128_RAY : method;
    method = larger < f64_bits(C128_SERIES_END) ? method : C128_TANH;
    method = near_root ? C128_ROOT : method;
    if (any_on_axes) {
        int of_axis = C128_IMAGINARY + (a > b); /* or C128_NEAR_REAL */
        of_axis = larger < f64_bits(C128_SERIES_END) ? C128_AXIS_SERIES : of_axis;
        method = smaller < f64_bits(C128_TINY) ? of_axis : method;
    }
    method = a >= f64_bits(far) ? C128_FAR : method;
    method = larger >= f64_bits(HUGE_VAL) ? C128_NOT_FINITE : method;
    method = b == 0 ? C128_REAL : method;
    return method - (larger == 0); /* C128_ZERO comes before C128_REAL */
}

TANHSHRINK_INLINE void c128_sort(c128_lists *lists, const c128_numbers *z,
                                 const uint64_t *near_root, ptrdiff_t n, double far,
                                 int any_near_root, int any_on_axes, int derivative)
{
    for (int method = 0; method < C128_METHODS; method++)
        lists->count[method] = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        int root = any_near_root ? (int)near_root[i] : 0;
        int method = c128_method(z->a[i], z->b[i], far, root, any_on_axes, derivative);
        lists->index[method][lists->count[method]++] = (uint8_t)i;
    }
}

/* Returns how many there are, including copies of the first one that fill the last vector: what is
 * left over by vectors would be computed one by one. */
TANHSHRINK_INLINE ptrdiff_t c128_gather(const c128_lists *lists, int method, const c128_numbers *z,
                                        c128_work *work)
{
    const uint8_t *index = lists->index[method];
    ptrdiff_t count = lists->count[method];
    ptrdiff_t padded = (count + LANES - 1) / LANES * LANES;
    for (ptrdiff_t j = 0; j < padded; j++) {
        ptrdiff_t i = index[j < count ? j : 0];
        work->z.a[j] = z->a[i];
        work->z.b[j] = z->b[i];
    }
    return padded;
}

/* What is doubtful is put into the list of another method, too.  The low parts matter only where
 * the results will be scaled. */
TANHSHRINK_INLINE void c128_scatter(const c128_work *work, c128_lists *lists, int method,
                                    int if_doubtful, int scaled, c128_numbers *z)
{
    const uint8_t *index = lists->index[method];
    uint8_t *doubtful = lists->index[if_doubtful];
    int doubtful_count = lists->count[if_doubtful];
    for (ptrdiff_t j = 0; j < lists->count[method]; j++) {
        z->re[index[j]] = work->z.re[j];
        z->im[index[j]] = work->z.im[j];
        if (scaled) {
            z->re_low[index[j]] = work->z.re_low[j];
            z->im_low[index[j]] = work->z.im_low[j];
        }
        doubtful[doubtful_count] = index[j];
        doubtful_count += (int)work->doubtful[j];
    }
    lists->count[if_doubtful] = doubtful_count;
}

#endif
