/* The strided loop, written once. */
#ifndef TANHSHRINK_LOOP_H
#define TANHSHRINK_LOOP_H

#include "targets.h"

/* A ufunc's inner loop: element i of the input is at args[0] + i * steps[0], of the output at
 * args[1] + i * steps[1], 0 <= i < dimensions[0]. data is a const tanhshrink_kernel *. */
void tanhshrink_loop(char **args, const ptrdiff_t *dimensions, const ptrdiff_t *steps, void *data);

/* The same for types of one byte; data is a table of the 256 results. */
void tanhshrink_loop_table(char **args, const ptrdiff_t *dimensions, const ptrdiff_t *steps,
                           void *data);

#endif
