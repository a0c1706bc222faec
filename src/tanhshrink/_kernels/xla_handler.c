#include "xla_handler.h"
#include "loop.h"

#include <stdint.h>

/* What is used here of the C interface of XLA's foreign functions, version 0.x: a stable binary
 * interface, so XLA is not needed to build this. XLA asks for the version first, when a handler is
 * registered, and refuses what it does not support. */
enum { XLA_MAJOR = 0, XLA_MINOR = 3, XLA_METADATA = 1, XLA_INVALID_ARGUMENT = 3 };
enum { XLA_F16 = 10, XLA_F32 = 11, XLA_F64 = 12, XLA_C64 = 15, XLA_BF16 = 16, XLA_C128 = 18 };

typedef struct xla_extension {
    size_t struct_size;
    int type;
    struct xla_extension *next;
} xla_extension;

typedef struct {
    size_t struct_size;
    xla_extension *extensions;
    int major, minor;
} xla_version;

typedef struct {
    size_t struct_size;
    xla_version version;
} xla_metadata;

typedef struct {
    xla_extension base;
    xla_metadata *metadata;
} xla_metadata_extension;

typedef struct {
    size_t struct_size;
    xla_extension *extensions;
    const char *message;
    int code;
} xla_error;

typedef struct {
    size_t struct_size;
    xla_extension *extensions;
    xla_version version;
    const void *internal;
    void *(*create_error)(xla_error *);
} xla_api;

typedef struct {
    size_t struct_size;
    xla_extension *extensions;
    int dtype;
    void *data;
    int64_t rank;
    const int64_t *dims;
} xla_buffer;

typedef struct {
    size_t struct_size;
    xla_extension *extensions;
    int64_t size;
    const int *types;
    xla_buffer **buffers;
} xla_buffers;

typedef struct {
    size_t struct_size;
    xla_extension *extensions;
    const xla_api *api;
    void *context;
    int stage;
    xla_buffers arguments;
    xla_buffers results;
} xla_frame;

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

static void *handle(const xla_frame *frame, const tanhshrink_kernel *kernels)
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
    char *args[2] = {(char *)x->data, (char *)out->data};
    ptrdiff_t steps[2] = {kernel->size, kernel->size};
    tanhshrink_loop(args, &n, steps, (void *)kernel);
    return NULL;
}

void *tanhshrink_xla(void *frame)
{
    return handle((const xla_frame *)frame, xla_kernels->tanhshrink);
}

void *tanhshrink_grad_xla(void *frame)
{
    return handle((const xla_frame *)frame, xla_kernels->tanhshrink_grad);
}
