/* The kernels of every function and type, for each CPU target. All targets give the same bits. */
#ifndef TANHSHRINK_TARGETS_H
#define TANHSHRINK_TARGETS_H

#include <stddef.h>

/* Most bytes that a kernel without large blocks is given at a time. */
#define TANHSHRINK_BLOCK_BYTES 2048

/* Computes n elements from x into out, which do not overlap. */
typedef void tanhshrink_block(const void *x, void *out, ptrdiff_t n);

typedef struct {
    ptrdiff_t size;        /* bytes of an element */
    ptrdiff_t multiple;    /* n must be a multiple of this */
    ptrdiff_t large_block; /* elements that it takes at a time, prefetching by itself, or 0 */
    tanhshrink_block *compute;
} tanhshrink_kernel;

/* A function's kernels, in the order in which a ufunc lists its loops; those of ml_dtypes are the
 * last: bfloat16, and complex numbers of two float16 and of two bfloat16. */
enum {
    TANHSHRINK_F16,
    TANHSHRINK_F32,
    TANHSHRINK_F64,
    TANHSHRINK_LONGDOUBLE,
    TANHSHRINK_C64,
    TANHSHRINK_C128,
    TANHSHRINK_CLONGDOUBLE,
    TANHSHRINK_BF16,
    TANHSHRINK_C32,
    TANHSHRINK_BC32,
    TANHSHRINK_TYPES
};
typedef struct {
    tanhshrink_kernel tanhshrink[TANHSHRINK_TYPES];      /* x - tanh(x) */
    tanhshrink_kernel tanhshrink_grad[TANHSHRINK_TYPES]; /* its derivative, tanh(x)^2 */
} tanhshrink_kernels;

typedef struct {
    const char *name;
    int (*available)(void); /* whether this CPU and operating system can run it */
    const tanhshrink_kernels *kernels;
} tanhshrink_target;

/* Fastest first; the last one, "baseline", is always available. */
extern const tanhshrink_target tanhshrink_targets[];
extern const int tanhshrink_target_count;

#endif
