/* z - tanh(z) and tanh(z)^2 in complex64: the block functions.
 *
 *   y = 0                                 the float32 kernel
 *   f next to i k pi, f' next to 0        complex64_fast.h: a series
 *   elsewhere                             complex64_fast.h: tanh(z); special values, too
 *   a part of f next to where it is 0     once more, by the complex128 kernel
 *
 * Each is a straight loop over all elements of a block, or over those that need it. */
#ifndef TANHSHRINK_COMPLEX64_H
#define TANHSHRINK_COMPLEX64_H

#include "complex128.h"
#include "complex64_fast.h"
#include "float32.h"

#if defined(TANHSHRINK_CUDA)
#define C64_BLOCK 1
#else
#define C64_BLOCK 256 /* most elements a call works on */
#endif

/* How an element is computed, and whether b >= 2^20 or a part is infinite or NaN, as bits */
enum { C64_ELSEWHERE = 1, C64_NEAR_ROOT = 2, C64_REAL = 4, C64_LARGE = 8, C64_NOT_FINITE = 16 };

/* Elements in the first quadrant, later their results, and what c64_reduce makes of them */
typedef struct {
    TANHSHRINK_ALIGN(64) double a[C64_BLOCK];
    TANHSHRINK_ALIGN(64) double b[C64_BLOCK];
    TANHSHRINK_ALIGN(64) double quadrant[C64_BLOCK];
    TANHSHRINK_ALIGN(64) double rest[C64_BLOCK];
    TANHSHRINK_ALIGN(64) uint64_t method[C64_BLOCK];
    TANHSHRINK_ALIGN(64) uint64_t doubtful[C64_BLOCK]; /* 1 or 0 */
} c64_numbers;

/* 1 for f if 2b is a small rest and whole turns, for f' if b is small; and a is */
TANHSHRINK_INLINE uint64_t c64_is_near_root(double a, double b, double quadrant, double rest,
                                            int derivative)
{
    const uint64_t whole_turns = ((f64_bits(quadrant) & 3) - 1) >> 63;
    uint64_t b_near = f64_below(b, C64_SERIES_END);
    if (!derivative)
        b_near = f64_below(f64_absolute(rest), 2 * C64_SERIES_END) & whole_turns;
    return b_near & f64_below(a, C64_SERIES_END);
}

/* Returns the bits of all methods that occur. */
TANHSHRINK_INLINE uint64_t c64_load(c64_numbers *numbers, const float *z, ptrdiff_t n,
                                    int derivative)
{
    uint64_t any = 0, all_finite = 1;
    for (ptrdiff_t i = 0; i < n; i++) {
        numbers->a[i] = f64_absolute(f64_from_f32(z[2 * i]));
        numbers->b[i] = f64_absolute(f64_from_f32(z[2 * i + 1]));
    }
    for (ptrdiff_t i = n; i < whole_vectors(n); i++)
        numbers->a[i] = numbers->b[i] = 1;
    for (ptrdiff_t i = 0; i < whole_vectors(n); i++) {
        double a = numbers->a[i], b = numbers->b[i], rest;
        uint64_t usual = f64_below(b, REDUCED_END), real = (f64_bits(b) - 1) >> 63;
        double quadrant = c64_reduce(f64_choose(usual, b, 0), &rest);
        uint64_t near_root = usual & c64_is_near_root(a, b, quadrant, rest, derivative);
        uint64_t method = C64_ELSEWHERE + near_root;
        method = (method & (real - 1)) | real * C64_REAL;
        uint64_t b_finite = f64_below(b, HUGE_VAL);
        method |= (b_finite & ~usual) * C64_LARGE;
        numbers->quadrant[i] = quadrant;
        numbers->rest[i] = rest;
        numbers->method[i] = method;
        any |= method;
        all_finite &= b_finite & f64_below(a, HUGE_VAL);
    }
    return any | (all_finite ^ 1) * C64_NOT_FINITE;
}

/* Lists the elements with a bit; most vectors have none.  index has room for one more. */
TANHSHRINK_INLINE ptrdiff_t c64_list(const uint64_t *bits, ptrdiff_t n, uint64_t bit,
                                     ptrdiff_t *index)
{
    ptrdiff_t count = 0;
    for (ptrdiff_t start = 0; start < n; start += LANES) {
        uint64_t any = 0;
        for (ptrdiff_t i = start; i < start + LANES; i++)
            any |= bits[i];
        if (!(any & bit))
            continue;
        ptrdiff_t end = start + LANES < n ? start + LANES : n;
        for (ptrdiff_t i = start; i < end; i++) {
            index[count] = i;
            count += (bits[i] & bit) != 0;
        }
    }
    return count;
}

/* By the complex128 kernel, those in a list */
TANHSHRINK_NOINLINE void c64_again(const float *z, float *out, const ptrdiff_t *index, ptrdiff_t n,
                                   int derivative)
{
    TANHSHRINK_ALIGN(64) double z128[2 * C128_BLOCK];
    TANHSHRINK_ALIGN(64) double out128[2 * C128_BLOCK];
    for (ptrdiff_t start = 0; start < n; start += C128_BLOCK, index += C128_BLOCK) {
        ptrdiff_t count = n - start < C128_BLOCK ? n - start : C128_BLOCK;
        for (ptrdiff_t j = 0; j < count; j++) {
            z128[2 * j] = f64_from_f32(z[2 * index[j]]);
            z128[2 * j + 1] = f64_from_f32(z[2 * index[j] + 1]);
        }
        if (derivative)
            c128_grad_block(z128, out128, count, C128_DOUBT_FOR_FLOATS, 0, 0);
        else
            c128_shrink_block(z128, out128, count, C128_DOUBT_FOR_FLOATS, 0, 0);
        for (ptrdiff_t j = 0; j < count; j++) {
            out[2 * index[j]] = f32_from_f64(out128[2 * j]);
            out[2 * index[j] + 1] = f32_from_f64(out128[2 * j + 1]);
        }
    }
}

/* Rounds the results and puts the signs back.  Returns whether any is doubtful. */
TANHSHRINK_INLINE int c64_put(const c64_numbers *numbers, const float *z, float *out, ptrdiff_t n,
                              int derivative)
{
    uint64_t any_doubtful = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        uint32_t x_sign = f32_bits(z[2 * i]) & F32_SIGN, y_sign = f32_bits(z[2 * i + 1]) & F32_SIGN;
        float re = f32_from_f64(numbers->a[i]), im = f32_from_f64(numbers->b[i]);
        out[2 * i] = f32_from_bits(f32_bits(re) ^ (derivative ? 0 : x_sign));
        out[2 * i + 1] = f32_from_bits(f32_bits(im) ^ (derivative ? x_sign ^ y_sign : y_sign));
        any_doubtful |= numbers->doubtful[i];
    }
    return (int)any_doubtful;
}

/* The same; what is doubtful is computed anew. */
TANHSHRINK_INLINE void c64_store(const c64_numbers *numbers, const float *z, float *out,
                                 ptrdiff_t n, int derivative)
{
    if (c64_put(numbers, z, out, n, derivative)) {
        ptrdiff_t index[C64_BLOCK + 1];
        c64_again(z, out, index, c64_list(numbers->doubtful, n, 1, index), derivative);
    }
}

TANHSHRINK_INLINE void c64_reduce_all_large(c64_numbers *numbers, ptrdiff_t n)
{
    ptrdiff_t index[C64_BLOCK + 1], count = c64_list(numbers->method, n, C64_LARGE, index);
    for (ptrdiff_t j = 0; j < count; j++) {
        ptrdiff_t i = index[j];
        numbers->quadrant[i] = c64_reduce_large(numbers->b[i], &numbers->rest[i]);
    }
}

/* Those not near a root.  What is computed of elements of other methods counts for nothing,
 * and is never doubtful. */
TANHSHRINK_INLINE void c64_elsewhere_loop(c64_numbers *numbers, ptrdiff_t n, int not_finite,
                                          int derivative)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        double a = numbers->a[i], b = numbers->b[i], re, im;
        uint64_t doubtful = numbers->method[i] & c64_finite(a, b, numbers->quadrant[i],
                                                            numbers->rest[i], &re, &im, derivative);
        if (not_finite)
            doubtful &= complex_special(a, b, &re, &im, derivative);
        numbers->a[i] = re;
        numbers->b[i] = im;
        numbers->doubtful[i] = doubtful;
    }
}

TANHSHRINK_INLINE void c64_near_root_loop(c64_numbers *numbers, ptrdiff_t n, int derivative)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        double a = numbers->a[i], b = numbers->b[i], re, im;
        double b_rest = derivative ? b : numbers->rest[i] / 2;
        numbers->doubtful[i] = c64_near_root(a, b, b_rest, &re, &im, derivative);
        numbers->a[i] = re;
        numbers->b[i] = im;
    }
}

/* By one of the two methods: those in a list, or without a list all n, as if it were for all. */
TANHSHRINK_INLINE void c64_compute(c64_numbers *numbers, uint64_t any, const float *z, float *out,
                                   ptrdiff_t n, const ptrdiff_t *index, ptrdiff_t count,
                                   int near_root, int derivative)
{
    c64_numbers listed;
    TANHSHRINK_ALIGN(64) float z_listed[2 * C64_BLOCK];
    TANHSHRINK_ALIGN(64) float out_listed[2 * C64_BLOCK];
    float *results = out;
    const int gathered = index && C64_BLOCK > 1; /* compilers do not see that of one none is */
    if (gathered) {
        for (ptrdiff_t j = 0; j < count; j++)
            memcpy(z_listed + 2 * j, z + 2 * index[j], 2 * sizeof *z);
        n = count;
        numbers = &listed;
        z = z_listed;
        results = out_listed;
        any = c64_load(numbers, z, n, derivative);
    }
    if (any & C64_LARGE && !near_root)
        c64_reduce_all_large(numbers, n);
    if (near_root)
        c64_near_root_loop(numbers, whole_vectors(n), derivative);
    else if (any & C64_NOT_FINITE) /* else nothing is spent on special values */
        c64_elsewhere_loop(numbers, whole_vectors(n), 1, derivative);
    else
        c64_elsewhere_loop(numbers, whole_vectors(n), 0, derivative);
    c64_store(numbers, z, results, n, derivative);
    if (gathered)
        for (ptrdiff_t j = 0; j < n; j++)
            memcpy(out + 2 * index[j], results + 2 * j, 2 * sizeof *out);
}

/* On the real axis the real part is the real function, bit for bit. */
TANHSHRINK_INLINE void c64_real(const float *z, float *out, const ptrdiff_t *index, ptrdiff_t n,
                                int derivative)
{
    TANHSHRINK_ALIGN(64) float x[C64_BLOCK];
    TANHSHRINK_ALIGN(64) float f[C64_BLOCK];
    for (ptrdiff_t j = 0; j < whole_vectors(n); j++)
        x[j] = z[2 * index[j < n ? j : 0]];
    if (derivative)
        tanhshrink_grad_f32_block(x, f, whole_vectors(n));
    else
        tanhshrink_f32_block(x, f, whole_vectors(n));
    for (ptrdiff_t j = 0; j < n; j++) {
        ptrdiff_t i = index[j];
        uint32_t sign = f32_bits(z[2 * i + 1]) ^ (derivative ? f32_bits(x[j]) : 0);
        out[2 * i] = f[j];
        out[2 * i + 1] = f32_from_bits(sign & F32_SIGN);
    }
}

TANHSHRINK_INLINE void c64_block(const float *z, float *out, ptrdiff_t n, int derivative)
{
    c64_numbers all;
    ptrdiff_t elsewhere[C64_BLOCK + 1], near_root[C64_BLOCK + 1], real[C64_BLOCK + 1];
    ptrdiff_t near_root_count = 0, real_count = 0;
    uint64_t any = c64_load(&all, z, n, derivative);
    if (any & C64_NEAR_ROOT)
        near_root_count = c64_list(all.method, n, C64_NEAR_ROOT, near_root);
    if (any & C64_REAL)
        real_count = c64_list(all.method, n, C64_REAL, real);
    ptrdiff_t count = n - near_root_count - real_count;
    if (count > 0) {
        const ptrdiff_t *index = 0;
        if (5 * count <= 3 * n) { /* else all are faster than to gather and scatter so many */
            c64_list(all.method, n, C64_ELSEWHERE, elsewhere);
            index = elsewhere;
        } else { /* next to a root, the error of what is computed in vain may be subnormal */
            for (ptrdiff_t j = 0; j < near_root_count; j++)
                all.a[near_root[j]] = all.b[near_root[j]] = 1;
        }
        c64_compute(&all, any, z, out, n, index, count, 0, derivative);
    }
    if (near_root_count > 0) {
        const ptrdiff_t *index = near_root_count < n ? near_root : 0;
        c64_compute(&all, any, z, out, n, index, near_root_count, 1, derivative);
    }
    if (real_count > 0)
        c64_real(z, out, real, real_count, derivative);
}

/* out[i] = z[i] - tanh(z[i]) for n <= C64_BLOCK complex elements; z and out do not overlap. */
TANHSHRINK_NOINLINE void tanhshrink_c64_block(const float *z, float *out, ptrdiff_t n)
{
    c64_block(z, out, n, 0);
}

/* out[i] = tanh(z[i])^2 for n <= C64_BLOCK complex elements; z and out do not overlap. */
TANHSHRINK_NOINLINE void tanhshrink_grad_c64_block(const float *z, float *out, ptrdiff_t n)
{
    c64_block(z, out, n, 1);
}

#endif
