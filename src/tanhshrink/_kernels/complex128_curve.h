/* Arrays of complex128 that lie next to a curve where a part of f or f' vanishes.
 *
 * There the fast tier is in doubt about nearly all elements: to ask it first would take longer than
 * the accurate tier alone.  So where it was in doubt about most elements of a block, the next one
 * goes to the accurate tier at once; but elements of which the fast tier might not be in doubt go
 * back to it, so that no result depends on its neighbours. */
#ifndef TANHSHRINK_COMPLEX128_CURVE_H
#define TANHSHRINK_COMPLEX128_CURVE_H

#include "complex128_lists.h"

/* Whether the fast tier would be in doubt, by results of the accurate tier.  The margin is far
 * wider than their difference, 2^-54 of the limit.  Next to the curve, |Im f'|/2 is (Re tanh z)^2
 * to 2^-7. */
TANHSHRINK_INLINE uint64_t c128_fast_would_doubt(const c128_work *work, ptrdiff_t j, int derivative)
{
    double re = f64_absolute(work->z.re[j]), im = f64_absolute(work->z.im[j]);
    double doubt = work->doubt * (1 - 0x1p-6);
    return derivative ? c128_grad_doubtful(re, im / 2, doubt)
                      : c128_shrink_doubtful(re, work->z.a[j], im, work->z.b[j], doubt);
}

/* After the accurate tier has computed elements whose usual method is C128_TANH: lists those of
 * which the fast tier might not be in doubt, and returns how many there are. */
TANHSHRINK_INLINE int c128_list_for_fast(c128_work *work, c128_lists *lists, int derivative)
{
    TANHSHRINK_ALIGN(64) uint64_t fast[C128_BLOCK];
    for (ptrdiff_t i = 0; i < lists->n; i++) {
        uint64_t doubt = c128_fast_would_doubt(work, i, derivative);
        fast[i] = doubt ^ 1;
        work->doubtful[i] &= doubt;
    }
    for (int j = 0; j < lists->rest_count; j++)
        fast[lists->rest[j]] = 0;
    return c128_list(fast, lists->n, lists->index[C128_TANH]);
}

#endif
