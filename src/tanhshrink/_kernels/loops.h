/* The strided loops, written once. A target's file includes its simd_*.h, names its table of loops
 * by TANHSHRINK_LOOPS, and includes this; the compiler flags of that file do the rest. */
#include "float16.h"
#include "float32.h"
#include "float64_fast.h"
#include "targets.h"

/* Elements computed together. They are copied to the stack first, which costs next to nothing and
 * gives the kernels aligned, contiguous, separate arrays, whatever the strides and whatever part of x
 * the output overlaps. */
#define BLOCK F64_BLOCK
#define PADDING 16 /* the kernels may work on this many elements at once; divides BLOCK */

typedef void block_function(const void *x, void *out, ptrdiff_t n);

static void block_f16(const void *x, void *out, ptrdiff_t n)
{
    tanhshrink_f16_block((const uint16_t *)x, (uint16_t *)out, n);
}
static void block_bf16(const void *x, void *out, ptrdiff_t n)
{
    tanhshrink_bf16_block((const uint16_t *)x, (uint16_t *)out, n);
}
static void block_f32(const void *x, void *out, ptrdiff_t n)
{
    tanhshrink_f32_block((const float *)x, (float *)out, n);
}
static void block_f64(const void *x, void *out, ptrdiff_t n)
{
    tanhshrink_f64_block((const double *)x, (double *)out, n);
}

TANHSHRINK_INLINE void copy_strided(char *to, ptrdiff_t to_step, const char *from,
                                    ptrdiff_t from_step, ptrdiff_t n, ptrdiff_t size)
{
    if (to_step == size && from_step == size) {
        memcpy(to, from, (size_t)(n * size));
        return;
    }
    for (ptrdiff_t i = 0; i < n; i++)
        memcpy(to + i * to_step, from + i * from_step, (size_t)size);
}

/* size is a constant wherever this is inlined. */
TANHSHRINK_INLINE void loop(char **args, const ptrdiff_t *dimensions, const ptrdiff_t *steps,
                            ptrdiff_t size, block_function *compute)
{
    TANHSHRINK_ALIGN(64) char x[BLOCK * sizeof(double)];
    TANHSHRINK_ALIGN(64) char result[BLOCK * sizeof(double)];
    for (ptrdiff_t start = 0; start < dimensions[0]; start += BLOCK) {
        ptrdiff_t left = dimensions[0] - start, n = left < BLOCK ? left : BLOCK;
        ptrdiff_t padded = (n + PADDING - 1) / PADDING * PADDING;
        char *out = args[1] + start * steps[1];
        copy_strided(x, size, args[0] + start * steps[0], steps[0], n, size);
        if (n == padded && steps[1] == size) {
            compute(x, out, n);
        } else {
            memset(x + n * size, 0, (size_t)((padded - n) * size)); /* zeros raise no flag */
            compute(x, result, padded);
            copy_strided(out, steps[1], result, size, n, size);
        }
    }
}

static void loop_f16(char **args, const ptrdiff_t *dimensions, const ptrdiff_t *steps, void *data)
{
    (void)data;
    loop(args, dimensions, steps, sizeof(uint16_t), block_f16);
}
static void loop_bf16(char **args, const ptrdiff_t *dimensions, const ptrdiff_t *steps, void *data)
{
    (void)data;
    loop(args, dimensions, steps, sizeof(uint16_t), block_bf16);
}
static void loop_f32(char **args, const ptrdiff_t *dimensions, const ptrdiff_t *steps, void *data)
{
    (void)data;
    loop(args, dimensions, steps, sizeof(float), block_f32);
}
static void loop_f64(char **args, const ptrdiff_t *dimensions, const ptrdiff_t *steps, void *data)
{
    (void)data;
    loop(args, dimensions, steps, sizeof(double), block_f64);
}

const tanhshrink_loops TANHSHRINK_LOOPS = {{loop_f16, loop_f32, loop_f64}, loop_bf16};
