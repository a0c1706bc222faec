/* z - tanh(z) and tanh(z)^2 in complex64: the block functions.
 *
 * One vector loop for all, see complex64_fast.h.  Elements that it was not made for compute with
 * other numbers instead.  They are left to complex128's special values, parts of f next to where
 * they vanish to its kernel, and real numbers other than 0 to the float32 one. */
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

/* How an element is computed, and whether its angle is large: as bits */
enum { C64_ELSEWHERE = 1, C64_NEAR_ROOT = 2, C64_REAL = 4, C64_LARGE = 8 };

/* Elements in the first quadrant, what c64_reduce makes of them, and results */
typedef struct {
    TANHSHRINK_ALIGN(64) double a[C64_BLOCK];
    TANHSHRINK_ALIGN(64) double b[C64_BLOCK];
    TANHSHRINK_ALIGN(64) double quadrant[C64_BLOCK];
    TANHSHRINK_ALIGN(64) double rest[C64_BLOCK];
    TANHSHRINK_ALIGN(64) double re[C64_BLOCK];
    TANHSHRINK_ALIGN(64) double im[C64_BLOCK];
    TANHSHRINK_ALIGN(64) uint64_t doubtful[C64_BLOCK]; /* 1 or 0 */
} c64_numbers;

TANHSHRINK_INLINE void c64_load(const float *z, c64_numbers *all, ptrdiff_t n, ptrdiff_t padded)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        all->a[i] = fabs(f64_from_f32(z[2 * i]));
        all->b[i] = fabs(f64_from_f32(z[2 * i + 1]));
    }
    for (ptrdiff_t i = n; i < padded; i++)
        all->a[i] = all->b[i] = 1;
}

/* Returns all bits that occur. */
TANHSHRINK_INLINE uint64_t c64_sort(c64_numbers *all, uint64_t *method, ptrdiff_t n, int derivative)
{
    uint64_t any = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        double a = all->a[i], b = all->b[i], rest;
        uint64_t usual = f64_below(b, REDUCED_END), large = f64_below(b, HUGE_VAL) & ~usual;
        double quadrant = c64_reduce(f64_choose(usual, b, 0), &rest);
        uint64_t whole_turns = ((f64_bits(quadrant) & 3) - 1) >> 63;
        uint64_t near_root = derivative ? f64_below(b, 0.25)
                                        : f64_below(fabs(rest), 0.5) & whole_turns & usual;
        near_root &= f64_below(a, 0.25);
        uint64_t real = (f64_bits(b) - 1) >> 63;
        uint64_t of = C64_ELSEWHERE + near_root;
        of = (of & (real - 1)) | real * C64_REAL | large * C64_LARGE;
        all->quadrant[i] = quadrant;
        all->rest[i] = rest;
        method[i] = of;
        any |= of;
    }
    return any;
}

/* Lists the elements with a bit; index has room for one more. */
TANHSHRINK_INLINE ptrdiff_t c64_list(const uint64_t *bits, ptrdiff_t n, uint64_t bit,
                                     ptrdiff_t *index)
{
    ptrdiff_t count = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        index[count] = i;
        count += (bits[i] & bit) != 0;
    }
    return count;
}

TANHSHRINK_INLINE void c64_loop(c64_numbers *of, ptrdiff_t n, int near_root, int derivative)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        double a = of->a[i], b = of->b[i], rest = of->rest[i], re, im;
        if (near_root)
            of->doubtful[i] = c64_near_root(a, b, derivative ? b : rest / 2, &re, &im, derivative);
        else
            of->doubtful[i] = c64_elsewhere(a, b, of->quadrant[i], rest, &re, &im, derivative);
        of->re[i] = re;
        of->im[i] = im;
    }
}

TANHSHRINK_INLINE ptrdiff_t c64_padded(ptrdiff_t n) { return (n + LANES - 1) / LANES * LANES; }

/* Those in a list are gathered, computed and scattered; to fill the last vector, the first one is
 * repeated.  Or all of them, in place. */
TANHSHRINK_INLINE void c64_compute(c64_numbers *all, ptrdiff_t n, const ptrdiff_t *index,
                                   ptrdiff_t count, int in_place, int near_root, int derivative)
{
    c64_numbers part, *of = all;
    ptrdiff_t padded = c64_padded(in_place ? n : count);
    if (!in_place) {
        of = &part;
        for (ptrdiff_t j = 0; j < padded; j++) {
            ptrdiff_t i = index[j < count ? j : 0];
            part.a[j] = all->a[i];
            part.b[j] = all->b[i];
            part.quadrant[j] = all->quadrant[i];
            part.rest[j] = all->rest[i];
        }
    }
    c64_loop(of, padded, near_root, derivative);
    if (!in_place)
        for (ptrdiff_t j = 0; j < count; j++) {
            all->re[index[j]] = part.re[j];
            all->im[index[j]] = part.im[j];
            all->doubtful[index[j]] = part.doubtful[j];
        }
}

/* On the real axis the real part is the real function, bit for bit. */
TANHSHRINK_INLINE void c64_real(const float *z, c64_numbers *all, const ptrdiff_t *index,
                                ptrdiff_t count, int derivative)
{
    TANHSHRINK_ALIGN(64) float x[C64_BLOCK];
    TANHSHRINK_ALIGN(64) float f[C64_BLOCK];
    ptrdiff_t padded = c64_padded(count);
    for (ptrdiff_t j = 0; j < padded; j++)
        x[j] = z[2 * index[j < count ? j : 0]];
    if (derivative)
        tanhshrink_grad_f32_block(x, f, padded);
    else
        tanhshrink_f32_block(x, f, padded);
    for (ptrdiff_t j = 0; j < count; j++) {
        double re = f64_from_f32(f[j]);
        all->re[index[j]] = derivative ? re : fabs(re);
        all->im[index[j]] = 0;
        all->doubtful[index[j]] = 0;
    }
}

/* By the complex128 kernel, those in a list */
TANHSHRINK_NOINLINE void c64_again(const float *z, float *out, const ptrdiff_t *index, ptrdiff_t n,
                                   int derivative)
{
    TANHSHRINK_ALIGN(64) double z128[2 * C128_BLOCK];
    TANHSHRINK_ALIGN(64) double out128[2 * C128_BLOCK];
    for (ptrdiff_t start = 0; start < n; start += C128_BLOCK, index += C128_BLOCK) {
        ptrdiff_t count = n - start < C128_BLOCK ? n - start : C128_BLOCK;
        for (ptrdiff_t j = 0; j < 2 * count; j++)
            z128[j] = f64_from_f32(z[2 * index[j / 2] + j % 2]);
        if (derivative)
            tanhshrink_grad_c128_block(z128, out128, count);
        else
            tanhshrink_c128_block(z128, out128, count);
        for (ptrdiff_t j = 0; j < 2 * count; j++)
            out[2 * index[j / 2] + j % 2] = f32_from_f64(out128[j]);
    }
}

TANHSHRINK_INLINE void c64_block(const float *z, float *out, ptrdiff_t n, int derivative)
{
    c64_numbers all;
    TANHSHRINK_ALIGN(64) uint64_t method[C64_BLOCK];
    ptrdiff_t index[C64_BLOCK + 1], near_root[C64_BLOCK + 1], real[C64_BLOCK + 1];
    c64_load(z, &all, n, c64_padded(n));
    uint64_t any = c64_sort(&all, method, c64_padded(n), derivative), any_doubtful = 0;
    ptrdiff_t large_count = any & C64_LARGE ? c64_list(method, n, C64_LARGE, index) : 0;
    for (ptrdiff_t j = 0; j < large_count; j++)
        all.quadrant[index[j]] = c64_reduce_large(all.b[index[j]], &all.rest[index[j]]);
    ptrdiff_t near_root_count = any & C64_NEAR_ROOT ? c64_list(method, n, C64_NEAR_ROOT, near_root) : 0;
    ptrdiff_t real_count = any & C64_REAL ? c64_list(method, n, C64_REAL, real) : 0;
    ptrdiff_t elsewhere_count = n - near_root_count - real_count;
    if (elsewhere_count > 0) {
        int in_place = 2 * elsewhere_count > n;
        ptrdiff_t count = in_place ? n : c64_list(method, n, C64_ELSEWHERE, index);
        c64_compute(&all, n, index, count, in_place, 0, derivative);
    }
    if (near_root_count > 0)
        c64_compute(&all, n, near_root, near_root_count, near_root_count == n, 1, derivative);
    if (real_count > 0)
        c64_real(z, &all, real, real_count, derivative);
    for (ptrdiff_t i = 0; i < n; i++) {
        uint32_t x_sign = f32_bits(z[2 * i]) & F32_SIGN, y_sign = f32_bits(z[2 * i + 1]) & F32_SIGN;
        float re = f32_from_f64(all.re[i]), im = f32_from_f64(all.im[i]);
        any_doubtful |= all.doubtful[i];
        out[2 * i] = f32_from_bits(f32_bits(re) ^ (derivative ? 0 : x_sign));
        out[2 * i + 1] = f32_from_bits(f32_bits(im) ^ (derivative ? x_sign ^ y_sign : y_sign));
    }
    if (any_doubtful)
        c64_again(z, out, index, c64_list(all.doubtful, n, 1, index), derivative);
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
