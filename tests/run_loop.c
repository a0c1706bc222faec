/* Runs one kernel of a build over standard input: run_loop 0|1 TYPE (tanhshrink or its derivative;
 * a type's place in targets.h), elements in the machine's own byte order. For builds that
 * Python cannot load. */
#include <stdio.h>
#include <stdlib.h>
#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#endif

#include "loop.h"

extern const tanhshrink_kernels TANHSHRINK_KERNELS;

int main(int argc, char **argv)
{
    static union {
        char bytes[1 << 16];
        long double aligned;
    } buffer;
#ifdef _WIN32
    _setmode(0, _O_BINARY);
    _setmode(1, _O_BINARY);
#endif
    int type = argc == 3 ? atoi(argv[2]) : -1;
    if (type < 0 || type >= TANHSHRINK_TYPES)
        return 2;
    tanhshrink_kernel kernel = atoi(argv[1]) ? TANHSHRINK_KERNELS.tanhshrink_grad[type]
                                             : TANHSHRINK_KERNELS.tanhshrink[type];
    char *args[2] = {buffer.bytes, buffer.bytes};
    ptrdiff_t steps[2] = {kernel.size, kernel.size}, count;
    size_t size = (size_t)kernel.size, most = sizeof buffer.bytes / size;
    while ((count = (ptrdiff_t)fread(buffer.bytes, size, most, stdin)) > 0) {
        tanhshrink_loop(args, &count, steps, &kernel);
        fwrite(buffer.bytes, size, (size_t)count, stdout);
    }
    return 0;
}
