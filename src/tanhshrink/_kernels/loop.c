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

/* Asks for a block that will be read while the one in front of it is computed: the processor
 * foresees it too late, which costs half of the speed for arrays in memory. To ask for the output
 * at once does not pay. */
TANHSHRINK_INLINE void prefetch_next_block(const char *x)
{
    for (int offset = 0; offset < TANHSHRINK_BLOCK_BYTES; offset += 64)
        prefetch_line(x + offset, TANHSHRINK_BLOCK_BYTES);
}

/* Where the arrays are contiguous and do not overlap, a kernel is given the arrays themselves.
 * Elsewhere, and for a short block that is no multiple of what the kernel wants, elements go
 * through the stack, which costs little. */
TANHSHRINK_INLINE void loop(char **args, const ptrdiff_t *dimensions, const ptrdiff_t *steps,
                            const tanhshrink_kernel *kernel, ptrdiff_t size)
{
    TANHSHRINK_ALIGN(64) char x[TANHSHRINK_BLOCK_BYTES];
    TANHSHRINK_ALIGN(64) char result[TANHSHRINK_BLOCK_BYTES];
    const ptrdiff_t small_block = TANHSHRINK_BLOCK_BYTES / size;
    const uintptr_t bytes = (uintptr_t)(dimensions[0] * size);
    const uintptr_t distance = (uintptr_t)args[1] - (uintptr_t)args[0];
    const int contiguous = steps[0] == size && steps[1] == size;
    const int direct = contiguous && distance >= bytes && 0 - distance >= bytes;
    const int large = direct && kernel->large_block;
    const ptrdiff_t block = large ? kernel->large_block : small_block;
    const int prefetch = contiguous && !large && bytes >= PREFETCH_FROM;
    for (ptrdiff_t start = 0, n; start < dimensions[0]; start += n) {
        const char *in = args[0] + start * steps[0];
        char *out = args[1] + start * steps[1];
        ptrdiff_t left = dimensions[0] - start;
        n = left < block ? left : block;
        ptrdiff_t rest = n % kernel->multiple;
        if (prefetch && left >= 2 * block)
            prefetch_next_block(in);
        if (direct && (!rest || n > small_block)) {
            n -= rest;
            kernel->compute(in, out, n);
            continue;
        }
        copy_strided(x, size, in, steps[0], n, size);
        if (!rest && steps[1] == size) {
            kernel->compute(x, out, n);
        } else {
            ptrdiff_t padding = rest ? kernel->multiple - rest : 0;
            memset(x + n * size, 0, (size_t)(padding * size)); /* zeros raise no flag */
            kernel->compute(x, result, n + padding);
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
