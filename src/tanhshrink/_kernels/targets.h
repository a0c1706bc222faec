/* The CPU targets: the same loops for different instruction sets. All give the same bits. */
#ifndef TANHSHRINK_TARGETS_H
#define TANHSHRINK_TARGETS_H

#include <stddef.h>

/* The signature of a ufunc's inner loop: args[0] + i * steps[0] is the input's element i,
 * args[1] + i * steps[1] the output's, 0 <= i < dimensions[0]. */
typedef void tanhshrink_loop(char **args, const ptrdiff_t *dimensions, const ptrdiff_t *steps,
                             void *data);

typedef struct {
    tanhshrink_loop *builtin[3]; /* float16, float32, float64 */
    tanhshrink_loop *bfloat16;
} tanhshrink_loops;

typedef struct {
    const char *name;
    int (*available)(void); /* whether this CPU and operating system can run it */
    const tanhshrink_loops *loops;
} tanhshrink_target;

/* Fastest first; the last one, "baseline", is always available. */
extern const tanhshrink_target tanhshrink_targets[];
extern const int tanhshrink_target_count;

#endif
