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
TANHSHRINK_INLINE void c128_list_for_fast(c128_work *work, c128_lists *lists, int method)
{
    for (int j = 0; method == lists->usual && j < lists->rest_count; j++)
        work->for_fast[lists->rest[j]] = 0;
    lists->count[method] = c128_list(lists, method, work->for_fast, lists->index[method]);
}

#endif
