/* Runs one loop of a build over standard input: run_loop 0|1|2|3 (float16, float32, float64,
 * bfloat16), elements in the machine's own byte order. For builds that Python cannot load. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "targets.h"

extern const tanhshrink_loops TANHSHRINK_LOOPS;

int main(int argc, char **argv)
{
    static const ptrdiff_t sizes[] = {2, 4, 8, 2};
    static union {
        char bytes[1 << 16];
        double aligned;
    } buffer;
    int type = argc == 2 ? atoi(argv[1]) : -1;
    if (type < 0 || type > 3)
        return 2;
    tanhshrink_loop *loop = type == 3 ? TANHSHRINK_LOOPS.bfloat16 : TANHSHRINK_LOOPS.builtin[type];
    char *args[2] = {buffer.bytes, buffer.bytes};
    ptrdiff_t steps[2] = {sizes[type], sizes[type]}, count;
    while ((count = (ptrdiff_t)fread(buffer.bytes, (size_t)sizes[type],
                                     sizeof buffer.bytes / (size_t)sizes[type], stdin)) > 0) {
        loop(args, &count, steps, NULL);
        fwrite(buffer.bytes, (size_t)sizes[type], (size_t)count, stdout);
    }
    return 0;
}
