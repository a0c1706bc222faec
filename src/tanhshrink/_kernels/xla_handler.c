#include "xla_handler.h"
#include "xla_interface.h"
#include "xla_threads.h"

static const tanhshrink_kernels *xla_kernels;

void tanhshrink_xla_set_kernels(const tanhshrink_kernels *kernels)
{
    xla_kernels = kernels;
}

static const tanhshrink_kernel *find_kernel(const tanhshrink_kernel *kernels, int dtype)
{
    switch (dtype) {
    case XLA_F16:
        return &kernels[TANHSHRINK_F16];
    case XLA_BF16:
        return &kernels[TANHSHRINK_BF16];
    case XLA_F32:
        return &kernels[TANHSHRINK_F32];
    case XLA_F64:
        return &kernels[TANHSHRINK_F64];
    case XLA_C64:
        return &kernels[TANHSHRINK_C64];
    case XLA_C128:
        return &kernels[TANHSHRINK_C128];
    default:
        return NULL;
    }
}

static void *handle(xla_frame *frame, const tanhshrink_kernel *kernels)
{
    xla_extension *extension = frame->extensions;
    if (extension != NULL && extension->type == XLA_METADATA) {
        xla_version *version = &((xla_metadata_extension *)extension)->metadata->version;
        const xla_api *api = frame->api;
        version->major = XLA_MAJOR;
        version->minor = XLA_MINOR;
        /* An older XLA has all that is used here, too. */
        if (api != NULL && api->version.major == XLA_MAJOR && api->version.minor < XLA_MINOR)
            version->minor = api->version.minor;
        return NULL;
    }

    const xla_buffer *x = frame->arguments.buffers[0], *out = frame->results.buffers[0];
    const tanhshrink_kernel *kernel = find_kernel(kernels, x->dtype);
    if (kernel == NULL || out->dtype != x->dtype) {
        xla_error error = {sizeof(xla_error), NULL, "tanhshrink: no kernel for this dtype",
                           XLA_INVALID_ARGUMENT};
        return frame->api->create_error(&error);
    }
    ptrdiff_t n = 1;
    for (int64_t i = 0; i < x->rank; i++)
        n *= (ptrdiff_t)x->dims[i];
    tanhshrink_xla_compute(frame, kernel, (const char *)x->data, (char *)out->data, n);
    return NULL;
}

void *tanhshrink_xla(void *frame)
{
    return handle((xla_frame *)frame, xla_kernels->tanhshrink);
}

void *tanhshrink_grad_xla(void *frame)
{
    return handle((xla_frame *)frame, xla_kernels->tanhshrink_grad);
}
