/* Arrays of complex128 that lie next to a curve where a part of f or f' vanishes.
 *
 * There the fast tier is in doubt about nearly all elements: to ask it first would take longer than
 * the accurate tier alone.  So where it was in doubt about most elements of a block, the next one
 * goes to the accurate tier at once; but elements of which the fast tier might not be in doubt go
 * back to it, so that no result depends on its neighbours. */
#ifndef TANHSHRINK_COMPLEX128_CURVE_H
#define TANHSHRINK_COMPLEX128_CURVE_H

#include "complex128_gather.h"

/* The accurate tier's method for elements that the fast tier computes by another, or the same if
 * there is none */
TANHSHRINK_INLINE int c128_accurate_method(int method, int derivative)
{
    if (method == C128_TANH)
        return C128_DOUBTFUL;
    if (method == C128_SERIES || method == C128_RAY || method == C128_ROOT)
        return derivative ? C128_DOUBTFUL : C128_ROOT_DOUBTFUL;
    return method;
}

/* Of the elements of a method, which the accurate tier has computed, lists those of which the fast
 * tier might not be in doubt. */
TANHSHRINK_INLINE void c128_list_for_fast(const c128_work *work, c128_lists *lists, int method)
{
    const int usual = method == lists->usual;
    const ptrdiff_t n = usual ? lists->n : lists->count[method];
    uint8_t *index = lists->index[method];
    TANHSHRINK_ALIGN(64) uint64_t fast[C128_BLOCK];
    int count = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        fast[i] = work->fast_doubtful[i] ^ 1;
    for (int j = 0; usual && j < lists->rest_count; j++)
        fast[lists->rest[j]] = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        index[count] = usual ? (uint8_t)i : index[i];
        count += (int)fast[i];
    }
    lists->count[method] = count;
}

#endif
