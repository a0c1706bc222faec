/* The kernels as handlers of XLA's foreign function interface, for arrays of jax on a CPU. */
#ifndef TANHSHRINK_XLA_HANDLER_H
#define TANHSHRINK_XLA_HANDLER_H

#include "targets.h"

/* A handler computes its only argument into its only result. The frame is an XLA_FFI_CallFrame, the
 * result an XLA_FFI_Error, NULL for success. */
typedef void *tanhshrink_xla_handler(void *frame);
tanhshrink_xla_handler tanhshrink_xla, tanhshrink_grad_xla;

/* The kernels that the handlers use; to be set before their first call. */
void tanhshrink_xla_set_kernels(const tanhshrink_kernels *kernels);

#endif
