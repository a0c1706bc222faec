#include "loop.h"
#include "contract.h"
#include "float_mode.h"

#define PREFETCH_FROM (1 << 19) /* bytes; smaller arrays are likely to be in a cache already */

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

/* Asks for a block that will be read while another one is computed: the processor foresees it too
 * late, which costs half of the speed for arrays in memory. To ask for the output does not pay. */
TANHSHRINK_INLINE void prefetch_block(const char *x)
{
#if defined(__GNUC__)
    for (int offset = 0; offset < TANHSHRINK_BLOCK_BYTES; offset += 64)
        __builtin_prefetch(x + offset);
#else
    (void)x;
#endif
}

/* Elements go through the stack, which costs next to nothing and gives the kernels aligned,
 * contiguous, separate arrays, whatever the strides and whatever part of x the output overlaps. */
TANHSHRINK_INLINE void loop(char **args, const ptrdiff_t *dimensions, const ptrdiff_t *steps,
                            const tanhshrink_kernel *kernel, ptrdiff_t size)
{
    TANHSHRINK_ALIGN(64) char x[TANHSHRINK_BLOCK_BYTES];
    TANHSHRINK_ALIGN(64) char result[TANHSHRINK_BLOCK_BYTES];
    const ptrdiff_t block = TANHSHRINK_BLOCK_BYTES / size;
    const int contiguous = steps[0] == size && steps[1] == size;
    const int prefetch = contiguous && dimensions[0] * size >= PREFETCH_FROM;
    for (ptrdiff_t start = 0; start < dimensions[0]; start += block) {
        ptrdiff_t left = dimensions[0] - start, n = left < block ? left : block;
        ptrdiff_t padded = (n + kernel->multiple - 1) / kernel->multiple * kernel->multiple;
        char *out = args[1] + start * steps[1];
        if (prefetch && left >= 2 * block)
            prefetch_block(args[0] + (start + block) * size);
        copy_strided(x, size, args[0] + start * steps[0], steps[0], n, size);
        if (n == padded && steps[1] == size) {
            kernel->compute(x, out, n);
        } else {
            memset(x + n * size, 0, (size_t)((padded - n) * size)); /* zeros raise no flag */
            kernel->compute(x, result, padded);
            copy_strided(out, steps[1], result, size, n, size);
        }
    }
}

void tanhshrink_loop(char **args, const ptrdiff_t *dimensions, const ptrdiff_t *steps, void *data)
{
    const tanhshrink_kernel *kernel = (const tanhshrink_kernel *)data;
    float_mode mode = set_default_mode();
    switch (kernel->size) { /* a constant size makes the copies fast */
    case 2:
        loop(args, dimensions, steps, kernel, 2);
        break;
    case 4:
        loop(args, dimensions, steps, kernel, 4);
        break;
    case 8:
        loop(args, dimensions, steps, kernel, 8);
        break;
    case 16:
        loop(args, dimensions, steps, kernel, 16);
        break;
    default:
        loop(args, dimensions, steps, kernel, kernel->size);
    }
    restore_mode(&mode);
}

void tanhshrink_loop_table(char **args, const ptrdiff_t *dimensions, const ptrdiff_t *steps,
                           void *data)
{
    const unsigned char *table = (const unsigned char *)data;
    for (ptrdiff_t i = 0; i < dimensions[0]; i++) {
        unsigned char x = (unsigned char)args[0][i * steps[0]];
        args[1][i * steps[1]] = (char)table[x];
    }
}
