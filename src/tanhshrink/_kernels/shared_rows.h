/* float64_gpu.h's table in the memory that the threads of a GPU's block share, and what
 * the threads that use it do together.
 *
 * The threads of a warp need 32 different rows.  The first-level cache looks one up after the
 * other, in about 29 cycles; an H200 leaves about 31 for a whole warp at the speed of its memory.
 * Shared memory serves eight threads in one cycle if their rows fall into different eighths of its
 * 128-byte lines: 32 of them in about 10 on average. */
#ifndef TANHSHRINK_SHARED_ROWS_H
#define TANHSHRINK_SHARED_ROWS_H

#include "float64_gpu.h"

TANHSHRINK_INLINE f64_row *shared_rows(void)
{
    __shared__ f64_row rows[F64_ROWS + 1]; /* 48 KiB, what every GPU has for each block */
    return rows;
}

/* Copies the table; every thread does its share. */
TANHSHRINK_INLINE void share_rows(void)
{
    for (uint32_t i = threadIdx.x; i <= F64_ROWS; i += blockDim.x)
        shared_rows()[i] = f64_rows[i];
    __syncthreads();
}

/* An element for the accurate tier; none if `to` is null.  The threads of a warp run together and
 * wait if one of them computes it.  So each keeps an element back, until one of them would have
 * two: then all those kept back are computed at once. */
typedef struct {
    double x, *to;
} f64_kept;

typedef double f64_function(double x);

TANHSHRINK_INLINE void f64_flush(f64_kept *kept, f64_function *accurate)
{
    if (kept->to)
        *kept->to = accurate(kept->x);
    kept->to = 0;
}

/* Keeps x back if it is undecided.  All active threads of a warp call this together. */
TANHSHRINK_INLINE void f64_keep_back(f64_kept *kept, int undecided, double x, double *to,
                                     f64_function *accurate)
{
    if (__any_sync(__activemask(), undecided && kept->to))
        f64_flush(kept, accurate);
    if (undecided) {
        kept->x = x;
        kept->to = to;
    }
}

#endif
