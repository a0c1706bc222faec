/* Computes complex128 numbers of standard input on a stack full of a given word: run_stack 0|1
 * (z - tanh(z), its derivative) word.  Prints two numbers for each, and the flags of each block. */
#include <fenv.h>
#include <stdio.h>
#include <stdlib.h>

#include "simd_scalar.h"

#include "complex128.h"

#define STACK_WORDS 30000 /* more than a block's loops need */

TANHSHRINK_NOINLINE void fill_stack(uint64_t word)
{
    volatile uint64_t stack[STACK_WORDS];
    for (int i = 0; i < STACK_WORDS; i++)
        stack[i] = word;
}

int main(int argc, char **argv)
{
    int derivative = argc == 3 && atoi(argv[1]) == 1;
    uint64_t word = argc == 3 ? strtoull(argv[2], 0, 0) : 0;
    static double z[2 * C128_BLOCK], out[2 * C128_BLOCK];
    size_t n;
    while ((n = fread(z, 2 * sizeof *z, C128_BLOCK, stdin)) > 0) {
        fill_stack(word);
        feclearexcept(FE_ALL_EXCEPT);
        if (derivative)
            tanhshrink_grad_c128_block(z, out, (ptrdiff_t)n);
        else
            tanhshrink_c128_block(z, out, (ptrdiff_t)n);
        int flags = fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW | FE_UNDERFLOW);
        fwrite(out, 2 * sizeof *out, n, stdout);
        fwrite(&flags, sizeof flags, 1, stdout);
    }
    return 0;
}
