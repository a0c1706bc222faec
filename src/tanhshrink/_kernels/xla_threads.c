#include "xla_threads.h"
#include "loop.h"

static void compute(const tanhshrink_kernel *kernel, const char *x, char *out, ptrdiff_t n)
{
    char *args[2] = {(char *)x, out};
    ptrdiff_t steps[2] = {kernel->size, kernel->size};
    tanhshrink_loop(args, &n, steps, (void *)kernel);
}

#if defined(__STDC_NO_ATOMICS__)
void tanhshrink_xla_compute(xla_frame *frame, const tanhshrink_kernel *kernel, const char *x,
                            char *out, ptrdiff_t n)
{
    (void)frame;
    compute(kernel, x, out, n);
}
#else
#include <stdatomic.h>
#include <stdlib.h>

enum { GRAIN = 1 << 17 };     /* bytes for which another thread pays */
enum { PARTS_OF_THREAD = 4 }; /* on average: one that wakes late takes fewer */

/* Threads take one part after another, and nobody waits for another. Tasks may start late or, where
 * tasks of XLA that want this result hold all threads, not before it is there: so the thread that
 * schedules them computes too, alone if need be, and who finishes the last part says so. */
typedef struct {
    const xla_api *api;
    xla_future future;
    const tanhshrink_kernel *kernel;
    const char *x;
    char *out;
    ptrdiff_t n, part;     /* elements of the array, and of a part */
    atomic_ptrdiff_t next; /* the first element that nobody has taken */
    atomic_ptrdiff_t left; /* elements that are not computed yet */
    atomic_int users;      /* threads that have this or will; the last one frees it */
} shared_work;

static void take_parts(void *data)
{
    shared_work *work = (shared_work *)data;
    ptrdiff_t start;
    while ((start = atomic_fetch_add(&work->next, work->part)) < work->n) {
        ptrdiff_t rest = work->n - start, n = rest < work->part ? rest : work->part;
        ptrdiff_t offset = start * work->kernel->size;
        compute(work->kernel, work->x + offset, work->out + offset, n);
        if (atomic_fetch_sub(&work->left, n) == n)
            work->api->set_available(&work->future); /* fails only for another struct_size */
    }
    if (atomic_fetch_sub(&work->users, 1) == 1)
        free(work);
}

static int succeeds(const xla_api *api, void *error)
{
    xla_destroy_error arguments = {sizeof arguments, NULL, error};
    if (error != NULL)
        api->destroy_error(&arguments);
    return error == NULL;
}

/* As many threads as XLA has, the calling one among them, and this array is worth. */
static ptrdiff_t count_threads(const xla_frame *frame, ptrdiff_t bytes)
{
    const xla_api *api = frame->api;
    int64_t count = 1;
    xla_count_threads arguments = {sizeof arguments, NULL, frame->context, &count};
    /* Before version 0.1 other functions stood in the places of these. */
    if (bytes < 2 * GRAIN || api->version.minor < 1 || api->struct_size < sizeof *api ||
        !succeeds(api, api->count_threads(&arguments)))
        return 1;
    return count < bytes / GRAIN ? (ptrdiff_t)count : bytes / GRAIN;
}

void tanhshrink_xla_compute(xla_frame *frame, const tanhshrink_kernel *kernel, const char *x,
                            char *out, ptrdiff_t n)
{
    const xla_api *api = frame->api;
    xla_future future = {sizeof future, NULL, NULL};
    ptrdiff_t threads = count_threads(frame, n * kernel->size);
    shared_work *work = threads < 2 ? NULL : (shared_work *)malloc(sizeof *work);
    if (work == NULL || !succeeds(api, api->create_future(&future))) {
        free(work);
        compute(kernel, x, out, n);
        return;
    }
    ptrdiff_t block = TANHSHRINK_BLOCK_BYTES / kernel->size;
    ptrdiff_t part = n / (threads * PARTS_OF_THREAD * block) * block;
    shared_work start = {api, future, kernel, x, out, n, part, 0, n, 1};
    *work = start;
    frame->future = future.future;
    xla_schedule arguments = {sizeof arguments, NULL, frame->context, take_parts, work};
    while (--threads > 0 && atomic_load(&work->next) < n) {
        atomic_fetch_add(&work->users, 1);
        if (!succeeds(api, api->schedule(&arguments)))
            atomic_fetch_sub(&work->users, 1);
    }
    take_parts(work);
}
#endif
