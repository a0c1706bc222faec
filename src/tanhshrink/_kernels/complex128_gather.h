/* The elements of a block of complex128 that need the same method: gathered, scattered, or left. */
#ifndef TANHSHRINK_COMPLEX128_GATHER_H
#define TANHSHRINK_COMPLEX128_GATHER_H

#include "complex128_lists.h"

/* Copies the elements that need a method.  Returns how many there are, including copies of the
 * first one: in the place of those that do not need the usual method, or to fill a vector. */
TANHSHRINK_INLINE ptrdiff_t c128_gather(const c128_lists *lists, int method, const c128_numbers *z,
                                        c128_work *work)
{
    if (method == lists->usual) {
        const size_t bytes = (size_t)whole_vectors(lists->n) * sizeof(double);
        memcpy(work->z.a, z->a, bytes);
        memcpy(work->z.b, z->b, bytes);
        for (int j = 0; j < lists->rest_count; j++) {
            work->z.a[lists->rest[j]] = z->a[0];
            work->z.b[lists->rest[j]] = z->b[0];
        }
        return whole_vectors(lists->n);
    }
    const uint8_t *index = lists->index[method];
    ptrdiff_t count = lists->count[method], padded = whole_vectors(count);
    for (ptrdiff_t j = 0; j < padded; j++) {
        ptrdiff_t i = index[j < count ? j : 0];
        work->z.a[j] = z->a[i];
        work->z.b[j] = z->b[i];
    }
    return padded;
}

/* Puts those elements of a method into a list, which may be its own, for which `is_listed` is 1.
 * Returns how many there are.  Writes one more at most. */
TANHSHRINK_INLINE int c128_list(const c128_lists *lists, int method, const uint64_t *is_listed,
                                uint8_t *index)
{
    const int usual = method == lists->usual;
    const ptrdiff_t n = usual ? lists->n : lists->count[method];
    int count = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        index[count] = usual ? (uint8_t)i : lists->index[method][i];
        count += (int)is_listed[i];
    }
    return count;
}

/* The low parts matter only where the results will be scaled. */
TANHSHRINK_INLINE void c128_scatter_usual(c128_work *work, c128_lists *lists, int if_doubtful,
                                          int scaled, c128_numbers *z)
{
    const size_t bytes = (size_t)lists->n * sizeof(double);
    uint64_t any_doubtful = 0;
    memcpy(z->re, work->z.re, bytes);
    memcpy(z->im, work->z.im, bytes);
    if (scaled) {
        memcpy(z->re_low, work->z.re_low, bytes);
        memcpy(z->im_low, work->z.im_low, bytes);
    }
    for (int j = 0; j < lists->rest_count; j++)
        work->doubtful[lists->rest[j]] = 0;
    for (ptrdiff_t i = 0; i < lists->n; i++)
        any_doubtful |= work->doubtful[i];
    if (any_doubtful) {
        uint8_t *end = lists->index[if_doubtful] + lists->count[if_doubtful];
        lists->count[if_doubtful] += c128_list(lists, lists->usual, work->doubtful, end);
    }
}

/* What is doubtful is put into the list of another method, too. */
TANHSHRINK_INLINE void c128_scatter(c128_work *work, c128_lists *lists, int method,
                                    int if_doubtful, int scaled, c128_numbers *z)
{
    if (method == lists->usual) {
        c128_scatter_usual(work, lists, if_doubtful, scaled, z);
        return;
    }
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

/* Elements that are left until those of several blocks are computed together, because a few of them
 * take as long as a whole vector */
typedef struct {
    ptrdiff_t start; /* of the present block */
    int count;
    ptrdiff_t index[C128_BLOCK];
} c128_left;

#define C128_MOST_LEFT (C128_BLOCK < 8 ? 1 : C128_BLOCK / 8) /* of a block */

TANHSHRINK_INLINE int c128_listed(const c128_lists *lists)
{
    int count = 0;
    for (int method = 0; method < C128_METHODS; method++)
        count += lists->count[method];
    return count;
}

/* Leaves all that are listed, C128_MOST_LEFT at most. */
TANHSHRINK_INLINE void c128_leave(c128_lists *lists, c128_left *left)
{
    for (int method = 0; method < C128_METHODS; method++)
        for (int j = 0; j < lists->count[method]; j++)
            left->index[left->count++] = left->start + lists->index[method][j];
    memset(lists->count, 0, sizeof lists->count);
}

#endif
