/* Most rows of a table of float64_fast.h in the memory that the threads of a GPU's block share.
 *
 * The threads of a warp need 32 different rows.  The first-level cache looks one up after the
 * other: about 29 cycles for each of the four 16-byte loads of a row.  An H200 leaves about 31 for
 * a whole warp at the speed of its memory.  Shared memory serves eight such loads in one cycle if
 * they fall into different eighths of its 128-byte lines: 32 of them in about 10 on average.
 *
 * A row is half a line, so the same part of all rows would fall into two eighths only.  Therefore
 * the parts are swapped in one of four ways, by the row's number. */
#ifndef TANHSHRINK_SHARED_ROWS_H
#define TANHSHRINK_SHARED_ROWS_H

#include "simd_scalar.h"

#define SHARED_START 139 /* the row of 2^-7.8 */
#define SHARED_ROWS 768  /* 48 KiB, what every GPU has for each block */

TANHSHRINK_INLINE double2 *shared_parts(void)
{
    __shared__ double2 parts[SHARED_ROWS * 4];
    return parts;
}

TANHSHRINK_INLINE uint32_t shared_part(uint32_t row, uint32_t part)
{
    return 4 * row + (part ^ (row >> 1 & 3));
}

/* Copies these rows of a table; every thread does its share. */
TANHSHRINK_INLINE void share_rows(const double (*table)[8])
{
    const double2 *from = (const double2 *)table[SHARED_START];
    for (uint32_t i = threadIdx.x; i < SHARED_ROWS * 4; i += blockDim.x)
        shared_parts()[shared_part(i / 4, i % 4)] = from[i];
    __syncthreads();
}

TANHSHRINK_INLINE void vec_load_columns(vec column[8], const double *table, const uint64_t *rows)
{
    uint32_t row = (uint32_t)(rows[0] >> 3) - SHARED_START;
    double2 parts[4];
    if (row < SHARED_ROWS)
        for (uint32_t i = 0; i < 4; i++)
            parts[i] = shared_parts()[shared_part(row, i)];
    else
        for (uint32_t i = 0; i < 4; i++)
            parts[i] = ((const double2 *)(table + rows[0]))[i];
    for (int i = 0; i < 4; i++) {
        column[2 * i] = parts[i].x;
        column[2 * i + 1] = parts[i].y;
    }
}

#endif
