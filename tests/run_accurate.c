/* Prints what the accurate tier knows before it rounds: for each double of standard input, the
 * three limbs and the exponent of f(x), as four 64-bit integers in the machine's byte order. */
#include <stdio.h>

#include "float64_accurate.h"

int main(void)
{
    double x;
    while (fread(&x, sizeof x, 1, stdin) == 1) {
        uint64_t magnitude = f64_bits(x);
        int exponent = (int)(magnitude >> 52) - 1023;
        uint64_t significand = (magnitude & 0xfffffffffffff) | (uint64_t)1 << 52;
        fixed192 f = exponent >= -3 ? tanhshrink_f64_polynomial(significand, exponent)
                                    : tanhshrink_f64_series(significand, exponent);
        uint64_t words[4] = {f.limb[0], f.limb[1], f.limb[2], (uint64_t)(int64_t)f.exponent};
        fwrite(words, sizeof words, 1, stdout);
    }
    return 0;
}
