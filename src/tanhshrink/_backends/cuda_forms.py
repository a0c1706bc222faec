"""What a thread of a GPU does, in CUDA: the forms of a kernel, for any of its dtypes."""

# W is what `compute` takes: a T, or two of 16 bits in a word. The last pack, which may be a part of
# one, goes through the same code, so that the compiler makes one copy of it. CuPy starts as many
# threads as there are packs, so none has to go on with a second i.
PACKED = """
    enum { PER_PACK = sizeof(uint4) / sizeof(T), WORDS = sizeof(uint4) / sizeof(W) };
    const T *from = reinterpret_cast<const T *>(&x[0]) + i * PER_PACK;
    T *to = reinterpret_cast<T *>(&y[0]) + i * PER_PACK, elements[PER_PACK] = {};
    ptrdiff_t left = x.size() - i * PER_PACK;
    uint4 pack;
    if (left >= PER_PACK)
        pack = *reinterpret_cast<const uint4 *>(from);
    else {
        #pragma unroll
        for (int j = 0; j < PER_PACK; j++)
            if (j < left)
                elements[j] = from[j];
        memcpy(&pack, elements, sizeof pack);
    }
    W words[WORDS];
    memcpy(words, &pack, sizeof pack);
    #pragma unroll
    for (int j = 0; j < WORDS; j++)
        words[j] = compute(words[j]);
    memcpy(&pack, words, sizeof pack);
    if (left >= PER_PACK)
        *reinterpret_cast<uint4 *>(to) = pack;
    else {
        memcpy(elements, &pack, sizeof pack);
        #pragma unroll
        for (int j = 0; j < PER_PACK; j++)
            if (j < left)
                to[j] = elements[j];
    }
    break;
"""
# CuPy gives each of the threads one i, so those that are fewer than the packs go on by themselves.
# They are too few to have as much on its way as the memory needs to be busy: hence the prefetch.
SHARED = """
    f64_kept kept = {};
    const double2 *from = reinterpret_cast<const double2 *>(&x[0]);
    double2 *to = reinterpret_cast<double2 *>(&y[0]);
    ptrdiff_t packs = x.size() / 2, step = _ind.size();
    #pragma unroll 1
    for (ptrdiff_t k = i; k < packs; k += step) {
        double2 pack = from[k], result;
        prefetch_to_l2(from + (k + 2 * step < packs ? k + 2 * step : k));
        f64_row first_row = shared_rows()[f64_row_number(pack.x)];
        f64_row second_row = shared_rows()[f64_row_number(pack.y)];
        bool first = NAME_f64_table(pack.x, first_row, &result.x);
        bool second = NAME_f64_table(pack.y, second_row, &result.y);
        bool all = __all_sync(__activemask(), first && second);
        if (!all) {
            first = first || f64_outside(pack.x, &result.x, DERIVATIVE);
            second = second || f64_outside(pack.y, &result.y, DERIVATIVE);
        }
        to[k] = result;
        if (!all) {
            f64_keep_back(&kept, !first, pack.x, &to[k].x, NAME_f64_accurate);
            f64_keep_back(&kept, !second, pack.y, &to[k].y, NAME_f64_accurate);
        }
    }
    f64_flush(&kept, NAME_f64_accurate);
    if (i == 0 && x.size() % 2)
        y[x.size() - 1] = compute(x[x.size() - 1]);
"""
# For fewer threads than elements. What only some elements need is put off, see warp_queue.h.
QUEUED = """
    const T *from = reinterpret_cast<const T *>(&x[0]);
    T *to = reinterpret_cast<T *>(&y[0]);
    ptrdiff_t lane = threadIdx.x % WARP_SIZE, start = i - lane, n = x.size(), step = _ind.size();
    const int last = complex_steps<T::value_type>();
    warp_queue queues[] = {warp_queue_of(0), warp_queue_of(1), warp_queue_of(2)};
    bool more;
    do {
        more = start < n;
        if (more) {
            ptrdiff_t k = start + lane;
            start += step;
            prefetch_to_l2(from + (k + step < n ? k + step : 0));
            warp_queue_put(&queues[0], k < n && !complex_step(1, from + k, to + k, DERIVATIVE), k);
        }
        #pragma unroll
        for (int j = 2; j <= last; j++) {
            warp_queue *queue = &queues[j - 2];
            if (queue->count >= (more ? WARP_SIZE : 1)) {
                ptrdiff_t k = warp_queue_take(queue);
                bool left = k >= 0 && !complex_step(j, from + k, to + k, DERIVATIVE);
                if (j < last)
                    warp_queue_put(queue + 1, left, k);
            }
            more = more || queue->count;
        }
    } while (more);
"""

COMPUTE = "reinterpret_cast<T &>(y) = compute(reinterpret_cast<const T &>(x));"

# Input parameters, output parameters, and what a thread does. `x` and `y` may be the same memory.
# T is the dtype in the parameters, and its C type in what a thread does.
FORMS = {
    "plain": ("T x", "T y", COMPUTE),
    "masked": ("T x, bool mask", "T y", f"if (mask) {COMPUTE}"),
    # For arrays of one dimension without gaps that start at a multiple of 16 bytes.
    "packed": ("raw T x", "raw T y", PACKED),
    # The same for float64, with its table in shared memory. A thread should get many elements.
    "shared": ("raw T x", "raw T y", SHARED),
    # For such arrays of complex128. The threads must be whole warps.
    "queued": ("raw T x", "raw T y", QUEUED),
}
