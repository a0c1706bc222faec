/* Four doubles at a time: the words in which float64_fast.h is written, for AVX2 with FMA.
 * simd_scalar.h says what each one means. */
#ifndef TANHSHRINK_SIMD_H
#define TANHSHRINK_SIMD_H

#include "contract.h"
#include <immintrin.h>

#define LANES 4
typedef __m256d vec;
typedef __m256d lanes; /* all bits of a lane set, or none */

TANHSHRINK_INLINE vec vec_load(const double *p) { return _mm256_loadu_pd(p); }
TANHSHRINK_INLINE void vec_store(double *p, vec a) { _mm256_storeu_pd(p, a); }
TANHSHRINK_INLINE vec vec_set(double a) { return _mm256_set1_pd(a); }
TANHSHRINK_INLINE vec vec_add(vec a, vec b) { return _mm256_add_pd(a, b); }
TANHSHRINK_INLINE vec vec_sub(vec a, vec b) { return _mm256_sub_pd(a, b); }
TANHSHRINK_INLINE vec vec_mul(vec a, vec b) { return _mm256_mul_pd(a, b); }
TANHSHRINK_INLINE vec vec_abs(vec a) { return _mm256_andnot_pd(_mm256_set1_pd(-0.0), a); }
TANHSHRINK_INLINE vec vec_abs_at_most(vec a, double most)
{
    /* The halves are compared one by one; the lower ones are kept as they are. */
    __m256i upper = _mm256_set1_epi64x((long long)(f64_bits(most) | 0xffffffff));
    return _mm256_castsi256_pd(_mm256_min_epu32(_mm256_castpd_si256(vec_abs(a)), upper));
}
TANHSHRINK_INLINE vec vec_copysign(vec a, vec sign)
{
    vec bit = _mm256_set1_pd(-0.0);
    return _mm256_or_pd(_mm256_andnot_pd(bit, a), _mm256_and_pd(bit, sign));
}
TANHSHRINK_INLINE vec vec_muladd(vec a, vec b, vec c) { return _mm256_fmadd_pd(a, b, c); }
TANHSHRINK_INLINE vec vec_product_error(vec a, vec b, vec product)
{
    return _mm256_fmsub_pd(a, b, product);
}

TANHSHRINK_INLINE lanes vec_at_least(vec a, double bound)
{
    __m256i below = _mm256_set1_epi64x((long long)f64_bits(bound) - 1);
    return _mm256_castsi256_pd(_mm256_cmpgt_epi64(_mm256_castpd_si256(a), below));
}
TANHSHRINK_INLINE lanes vec_differ(vec a, vec b) { return _mm256_cmp_pd(a, b, _CMP_NEQ_UQ); }
TANHSHRINK_INLINE lanes lanes_andnot(lanes a, lanes b) { return _mm256_andnot_pd(b, a); }
TANHSHRINK_INLINE unsigned lanes_bits(lanes a) { return (unsigned)_mm256_movemask_pd(a); }
TANHSHRINK_INLINE vec vec_select(lanes a, vec yes, vec no) { return _mm256_blendv_pd(no, yes, a); }

TANHSHRINK_INLINE void vec_store_rows(uint64_t *rows, vec a, double first, int shift, int last)
{
    __m256i above_shift = _mm256_set1_epi64x((long long)(~F64_SIGN >> shift << shift));
    __m256i row = _mm256_and_si256(_mm256_castpd_si256(a), above_shift);
    row = _mm256_sub_epi64(row, _mm256_set1_epi64x((long long)f64_bits(first)));
    row = _mm256_min_epu32(row, _mm256_set1_epi64x((long long)last << shift)); /* lower halves: 0 */
    _mm256_storeu_si256((__m256i *)rows, _mm256_srli_epi64(row, shift - 3));
}
/* Two 4 x 4 transposes: halves of rows 0, 2 and of rows 1, 3 side by side, then interleaved. */
TANHSHRINK_INLINE void vec_load_columns(vec column[8], const double *table, const uint64_t *rows)
{
    const double *row[4] = {table + rows[0], table + rows[1], table + rows[2], table + rows[3]};
    for (int j = 0; j < 8; j += 2) {
        vec even = _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_load_pd(row[0] + j)),
                                        _mm_load_pd(row[2] + j), 1);
        vec odd = _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_load_pd(row[1] + j)),
                                       _mm_load_pd(row[3] + j), 1);
        column[j] = _mm256_unpacklo_pd(even, odd);
        column[j + 1] = _mm256_unpackhi_pd(even, odd);
    }
}
TANHSHRINK_INLINE vec vec_second_of_pair(vec a)
{
    return _mm256_castsi256_pd(_mm256_slli_epi64(_mm256_castpd_si256(a), 32));
}

#endif
