/* Arrays on the threads of XLA's own pool. */
#ifndef TANHSHRINK_XLA_THREADS_H
#define TANHSHRINK_XLA_THREADS_H

#include "targets.h"
#include "xla_interface.h"

/* Computes n elements from x into out. Where that pays, other threads help, and go on after the
 * return: the frame has a future then, up to which XLA keeps x and out. */
void tanhshrink_xla_compute(xla_frame *frame, const tanhshrink_kernel *kernel, const char *x,
                            char *out, ptrdiff_t n);

#endif
