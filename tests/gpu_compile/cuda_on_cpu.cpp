/* Runs a kernel that CuPy generated on the CPU, one thread after the other; of the queued form, the
 * threads of a block in turn, each until it waits for its warp. Compiled with
 *   SOURCE   the file of the kernel
 *   KERNEL   its name
 *   ELEMENT  the type of its elements in CuPy's arrays
 *   RESULT   that of its results
 *   PLAIN, MASKED, PACKED, SHARED or QUEUED: its form */
#include <assert.h>
#include <complex>
#include <functional>
#include <stddef.h>
#include <string.h>
#include <ucontext.h>

#define __device__
#define __host__
#define __global__
#define __forceinline__ inline
#define __shared__ static
static inline void __syncthreads(void) {}
static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
struct index3 {
    unsigned x;
};
static index3 blockIdx, threadIdx, blockDim, gridDim;
/* The other threads of the warp vote now this way, now that way: all that a thread sees of them. */
static unsigned votes;
static inline bool others(void) { return (votes = votes * 1664525 + 1013904223) >> 31; }
static inline unsigned __activemask(void) { return 1; }
static inline int __any_sync(unsigned, int condition) { return others() || condition; }
static inline int __all_sync(unsigned, int condition) { return others() && condition; }

enum { MOST_THREADS = 1024, STACK_BYTES = 1 << 16 };
static ucontext_t contexts[MOST_THREADS], caller;
static char stacks[MOST_THREADS][STACK_BYTES];
static bool finished[MOST_THREADS];
static unsigned ballots[2][MOST_THREADS / 32], ballots_of[MOST_THREADS];
static const std::function<void()> *kernel;

static void let_others_go_on(void)
{
    unsigned self = threadIdx.x, next = self;
    do
        next = (next + 1) % blockDim.x;
    while (next != self && finished[next]);
    threadIdx.x = next;
    if (!finished[next])
        swapcontext(&contexts[self], &contexts[next]);
    else
        setcontext(&caller);
}
static void __syncwarp(void) { let_others_go_on(); }
static unsigned __ballot_sync(unsigned, int condition)
{
    unsigned bit = 1u << threadIdx.x % 32;
    /* By turns, as some put their vote into the next ballot before others have seen this one. */
    unsigned *ballot = &ballots[ballots_of[threadIdx.x]++ % 2][threadIdx.x / 32];
    *ballot = condition ? *ballot | bit : *ballot & ~bit;
    let_others_go_on();
    return *ballot;
}
static void run_thread(void)
{
    (*kernel)();
    finished[threadIdx.x] = true;
    let_others_go_on();
}
static void run_block_in_turn(const std::function<void()> &function)
{
    kernel = &function;
    for (unsigned i = 0; i < blockDim.x; i++) {
        getcontext(&contexts[i]);
        contexts[i].uc_stack.ss_sp = stacks[i];
        contexts[i].uc_stack.ss_size = STACK_BYTES;
        makecontext(&contexts[i], run_thread, 0);
        finished[i] = false;
        ballots_of[i] = 0;
    }
    threadIdx.x = 0;
    swapcontext(&caller, &contexts[0]);
}

struct uint4 {
    unsigned x, y, z, w;
};
struct double2 {
    double x, y;
};
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
#if defined(SHARED) /* a single thread, which has the shared memory for itself */
    blockDim.x = gridDim.x = 1;
#elif defined(QUEUED)
    blockDim.x = QUEUED_BLOCK_SIZE;
    gridDim.x = (unsigned)(threads / QUEUED_BLOCK_SIZE);
    assert(threads % QUEUED_BLOCK_SIZE == 0);
#else
    blockDim.x = 128;
    gridDim.x = (unsigned)((threads + 127) / 128);
#endif
    for (blockIdx.x = 0; blockIdx.x < gridDim.x; blockIdx.x++) {
#ifdef QUEUED
        run_block_in_turn([&] { KERNEL(x_array, y_array, indexer); });
#else
        for (threadIdx.x = 0; threadIdx.x < blockDim.x; threadIdx.x++) {
#ifdef MASKED
            KERNEL(x_array, mask_array, y_array, indexer);
#else
            KERNEL(x_array, y_array, indexer);
#endif
        }
#endif
    }
}
