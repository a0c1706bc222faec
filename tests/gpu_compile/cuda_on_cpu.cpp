/* Runs a kernel that CuPy generated on the CPU, one thread after the other. Compiled with
 *   SOURCE   the file of the kernel
 *   KERNEL   its name
 *   ELEMENT  the type of its elements in CuPy's arrays
 *   RESULT   that of its results
 *   PLAIN, MASKED, PACKED, SHARED or QUEUED: its form */
#include <assert.h>
#include <complex>
#include <stddef.h>
#include <string.h>

#define __device__
#define __host__
#define __global__
#define __forceinline__ inline
#define __shared__ static
static inline void __syncthreads(void) {}
static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
/* The other threads of the warp vote now this way, now that way: all that a thread sees of them. */
static unsigned votes;
static inline bool others(void) { return (votes = votes * 1664525 + 1013904223) >> 31; }
static inline unsigned __activemask(void) { return 1; }
static inline int __any_sync(unsigned, int condition) { return others() || condition; }
static inline int __all_sync(unsigned, int condition) { return others() && condition; }
static inline unsigned __ballot_sync(unsigned, int condition) { return condition != 0; }
static inline void __syncwarp(void) {}
struct uint4 {
    unsigned x, y, z, w;
};
struct double2 {
    double x, y;
};
struct index3 {
    unsigned x;
};
static index3 blockIdx, threadIdx, blockDim, gridDim;
namespace thrust { using std::complex; }
using thrust::complex;
#include "cupy/carray.cuh"
class float16 { unsigned short bits; };
class bfloat16 { unsigned short bits; };
#include SOURCE

/* Rows and columns; steps from one to the next in bytes; how many threads CuPy is asked for. */
struct layout {
    ptrdiff_t shape[2], x_steps[2], mask_steps[2], y_steps[2], threads;
};

extern "C" void run(void *x, void *mask, void *y, const layout *l, int error)
{
    ELEMENT *from = (ELEMENT *)x;
    RESULT *to = (RESULT *)y;
    estimate_error = error;
    const ptrdiff_t n = l->shape[0] * l->shape[1];
#if defined(PACKED) || defined(SHARED) || defined(QUEUED)
    const ptrdiff_t threads = l->threads;
    CArray<ELEMENT, 1, true, false> x_array(from, {n});
    CArray<RESULT, 1, true, false> y_array(to, {n});
    CIndexer<1, false> indexer({threads});
#else
    const ptrdiff_t threads = n;
    CArray<ELEMENT, 2, false, false> x_array(from, l->shape, l->x_steps);
    CArray<RESULT, 2, false, false> y_array(to, l->shape, l->y_steps);
    CIndexer<2, false> indexer(l->shape);
#endif
#ifdef MASKED
    CArray<bool, 2, false, false> mask_array((bool *)mask, l->shape, l->mask_steps);
#else
    (void)mask;
#endif
#if defined(SHARED) || defined(QUEUED) /* a single thread, which has the shared memory for itself */
    blockDim.x = gridDim.x = 1;
#else
    blockDim.x = 128;
    gridDim.x = (unsigned)((threads + 127) / 128);
#endif
    for (blockIdx.x = 0; blockIdx.x < gridDim.x; blockIdx.x++)
        for (threadIdx.x = 0; threadIdx.x < blockDim.x; threadIdx.x++) {
#ifdef MASKED
            KERNEL(x_array, mask_array, y_array, indexer);
#else
            KERNEL(x_array, y_array, indexer);
#endif
        }
}
