/* What the threads of a GPU's warp put off, so that they compute it together.
 *
 * A warp takes the time of every path that one of its threads takes.  So a rare one is not taken at
 * once: the element waits until there are as many as threads. */
#ifndef TANHSHRINK_WARP_QUEUE_H
#define TANHSHRINK_WARP_QUEUE_H

#include "contract.h"

/* Indices of elements, and how many: the same in all threads of the warp. */
typedef struct {
    ptrdiff_t *indices;
    int count;
} warp_queue;

/* One of three empty queues of this warp.  When a warp's threads put more in, fewer than they are
 * may be waiting. */
TANHSHRINK_INLINE warp_queue warp_queue_of(int number)
{
    __shared__ ptrdiff_t indices[3][2 * QUEUED_BLOCK_SIZE];
    warp_queue queue = {indices[number] + threadIdx.x / WARP_SIZE * (2 * WARP_SIZE), 0};
    return queue;
}

/* Puts in the index of each thread whose condition is true.  All threads of a warp call this, and
 * the next one, together. */
TANHSHRINK_INLINE void warp_queue_put(warp_queue *queue, bool condition, ptrdiff_t index)
{
    unsigned all = __ballot_sync(0xffffffff, condition);
    unsigned before = all & ((1u << threadIdx.x % WARP_SIZE) - 1);
    if (condition)
        queue->indices[queue->count + __popc(before)] = index;
    queue->count += __popc(all);
}

/* Takes the last index for each thread, -1 for those for which none is left. */
TANHSHRINK_INLINE ptrdiff_t warp_queue_take(warp_queue *queue)
{
    int left = queue->count > WARP_SIZE ? queue->count - WARP_SIZE : 0;
    int mine = left + (int)(threadIdx.x % WARP_SIZE);
    __syncwarp();
    ptrdiff_t index = mine < queue->count ? queue->indices[mine] : -1;
    __syncwarp();
    queue->count = left;
    return index;
}

#endif
