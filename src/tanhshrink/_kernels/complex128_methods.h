/* What computes the elements of a block of complex128 that need the same method. */
#ifndef TANHSHRINK_COMPLEX128_METHODS_H
#define TANHSHRINK_COMPLEX128_METHODS_H

#include "complex128_accurate_series.h"
#include "complex128_curve.h"
#include "complex128_special.h"

TANHSHRINK_INLINE void c128_compute(int method, c128_work *work, ptrdiff_t n, int derivative)
{
    switch (method) {
    case C128_ZERO:
        c128_zero_loop(work, n);
        break;
    case C128_REAL:
        c128_real_loop(work, n, derivative);
        break;
    case C128_FAR:
        if (derivative)
            c128_grad_far_loop(work, n);
        else
            c128_shrink_far_loop(work, n);
        break;
    case C128_SMALL:
        c128_small_loop(work, n, derivative);
        break;
    case C128_SERIES:
        c128_series_loop(work, n, derivative);
        break;
    case C128_RAY:
        c128_ray_loop(work, n, derivative);
        break;
    case C128_TANH:
        c128_tanh_loop(work, n, derivative);
        break;
    case C128_ROOT:
        if (!derivative)
            c128_root_loop(work, n);
        break;
    case C128_AXIS_SERIES:
        c128_axis_series_loop(work, n, derivative);
        break;
    case C128_IMAGINARY:
        c128_imaginary_loop(work, n, derivative);
        break;
    case C128_NEAR_REAL:
        c128_near_real_loop(work, n, derivative);
        break;
    case C128_ROOT_DOUBTFUL:
        if (!derivative)
            c128_accurate_series_loop(work, n);
        break;
    case C128_DOUBTFUL:
        c128_accurate_loop(work, n, derivative);
        break;
    }
}

/* After c128_grad_far_loop, which leaves Im f' to be scaled */
TANHSHRINK_INLINE void c128_add_exponents(c128_work *work, const c128_lists *lists,
                                          c128_exponents *exponents)
{
    const int usual = lists->usual == C128_FAR;
    const ptrdiff_t count = usual ? lists->n : lists->count[C128_FAR];
    for (int j = 0; usual && j < lists->rest_count; j++)
        work->exponent[lists->rest[j]] = 0;
    for (ptrdiff_t j = 0; j < count; j++) {
        ptrdiff_t i = usual ? j : lists->index[C128_FAR][j];
        exponents->im[i] = c128_limit_exponent(exponents->im[i] + work->exponent[j]);
    }
}

/* Computes the elements of a method by it and hands on the doubtful ones; or by the accurate tier's
 * method, and leaves in the list those that it had better not compute. */
TANHSHRINK_INLINE void c128_run(int method, int by, c128_lists *lists, c128_work *work,
                                c128_numbers *z, c128_exponents *exponents, int scaled,
                                int derivative)
{
    int if_doubtful = C128_DOUBTFUL;
    if (by < C128_RAY)
        if_doubtful = C128_RAY;
    else if (!derivative && (by == C128_RAY || by == C128_ROOT))
        if_doubtful = C128_ROOT_DOUBTFUL;
    else if (by >= C128_ROOT_DOUBTFUL)
        if_doubtful = C128_LAST;
    ptrdiff_t n = c128_gather(lists, method, z, work);
    c128_compute(by, work, n, derivative);
    if (derivative && method == C128_FAR)
        c128_add_exponents(work, lists, exponents);
    for (ptrdiff_t j = 0; by != method && j < n; j++)
        work->doubtful[j] &= work->for_fast[j] ^ 1;
    c128_scatter(work, lists, method, if_doubtful, scaled, z);
    if (by >= C128_ROOT_DOUBTFUL)
        lists->accurate_count += lists->count[method];
    if (by != method) {
        c128_list_for_fast(work, lists, method);
        lists->accurate_count -= lists->count[method];
    } else {
        lists->count[method] = 0;
    }
    if (method == lists->usual)
        lists->usual = C128_METHODS;
}

#endif
