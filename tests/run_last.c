/* Prints what the last tier of complex128 knows before it rounds: run_last 0|1 (z - tanh(z), its
 * derivative).  For the real and imaginary parts of numbers on standard input, two doubles for each
 * part of each result.  Of one element at a time: that the others do not matter is tested, too. */
#include <stdio.h>
#include <stdlib.h>

#include "simd_scalar.h"

#include "complex128.h"

int main(int argc, char **argv)
{
    int derivative = argc == 2 && atoi(argv[1]) == 1;
    double part[2];
    while (fread(part, sizeof part, 1, stdin) == 1) {
        c128_numbers z;
        const uint8_t index = 0;
        z.a[0] = part[0];
        z.b[0] = part[1];
        c128_last_tier(&z, &index, 1, derivative);
        double result[4] = {z.re[0], z.re_low[0], z.im[0], z.im_low[0]};
        fwrite(result, sizeof result, 1, stdout);
    }
    return 0;
}
