/* What is used of the C interface of XLA's foreign functions, version 0.x: a stable binary
 * interface, so XLA is not needed to build this. XLA asks for the version first, when a handler is
 * registered, and refuses what it does not support. Functions that return void * return an
 * XLA_FFI_Error, NULL for success. */
#ifndef TANHSHRINK_XLA_INTERFACE_H
#define TANHSHRINK_XLA_INTERFACE_H

#include <stddef.h>
#include <stdint.h>

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
    void *error;
} xla_destroy_error;

typedef struct {
    size_t struct_size;
    xla_extension *extensions;
    void *context;
    void (*task)(void *data);
    void *data;
} xla_schedule;

typedef struct {
    size_t struct_size;
    xla_extension *extensions;
    void *context;
    int64_t *count;
} xla_count_threads;

typedef struct {
    size_t struct_size;
    xla_extension *extensions;
    void *future;
} xla_future;

typedef struct {
    size_t struct_size;
    xla_extension *extensions;
    xla_version version;
    const void *internal;
    void *(*create_error)(xla_error *);
    void *get_message;
    void (*destroy_error)(xla_destroy_error *);
    void *others[8];
    void *(*schedule)(xla_schedule *);
    void *(*count_threads)(xla_count_threads *);
    void *(*create_future)(xla_future *);
    void *(*set_available)(xla_future *);
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
    int64_t size;
    const int *types;
    void *names, *values;
} xla_attributes;

typedef struct {
    size_t struct_size;
    xla_extension *extensions;
    const xla_api *api;
    void *context;
    int stage;
    xla_buffers arguments;
    xla_buffers results;
    xla_attributes attributes;
    void *future; /* if set, the results are there when it is available */
} xla_frame;

#endif
