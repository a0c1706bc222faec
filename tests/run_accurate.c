/* Prints what the accurate tier knows before it rounds: run_accurate 0|1 (x - tanh(x), its
 * derivative). For each double of standard input, the three limbs and the exponent of the result,
 * as four 64-bit integers in the machine's byte order. */
#include <stdio.h>
#include <stdlib.h>

#include "float64_accurate.h"

int main(int argc, char **argv)
{
    int derivative = argc == 2 && atoi(argv[1]) == 1;
    double x;
    while (fread(&x, sizeof x, 1, stdin) == 1) {
        uint64_t magnitude = f64_bits(x);
        int exponent = (int)(magnitude >> 52) - 1023;
        uint64_t significand = (magnitude & 0xfffffffffffff) | (uint64_t)1 << 52;
        fixed192 f;
        if (exponent >= -3)
            f = fixed_polynomial(derivative ? f64_accurate_grad_rows : f64_accurate_rows,
                                 significand, exponent);
        else if (derivative)
            f = fixed_series(f64_accurate_grad_series, 2, significand, exponent);
        else
            f = fixed_series(f64_accurate_series, 3, significand, exponent);
        uint64_t words[4] = {f.limb[0], f.limb[1], f.limb[2], (uint64_t)(int64_t)f.exponent};
        fwrite(words, sizeof words, 1, stdout);
    }
    return 0;
}
