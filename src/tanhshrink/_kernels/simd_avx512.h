/* Eight doubles at a time: the words in which float64_fast.h is written, for AVX-512. simd_scalar.h
 * says what each one means. */
#ifndef TANHSHRINK_SIMD_H
#define TANHSHRINK_SIMD_H

#include "contract.h"
#include <immintrin.h>

#define LANES 8
typedef __m512d vec;
typedef __mmask8 lanes;

TANHSHRINK_INLINE vec vec_load(const double *p) { return _mm512_loadu_pd(p); }
TANHSHRINK_INLINE void vec_store(double *p, vec a) { _mm512_storeu_pd(p, a); }
TANHSHRINK_INLINE vec vec_set(double a) { return _mm512_set1_pd(a); }
TANHSHRINK_INLINE vec vec_add(vec a, vec b) { return _mm512_add_pd(a, b); }
TANHSHRINK_INLINE vec vec_sub(vec a, vec b) { return _mm512_sub_pd(a, b); }
TANHSHRINK_INLINE vec vec_mul(vec a, vec b) { return _mm512_mul_pd(a, b); }
TANHSHRINK_INLINE vec vec_abs(vec a) { return _mm512_abs_pd(a); }
TANHSHRINK_INLINE vec vec_abs_at_most(vec a, double most)
{
    return _mm512_range_pd(a, _mm512_set1_pd(most), 0xa); /* the one nearer to 0, sign cleared */
}
TANHSHRINK_INLINE vec vec_copysign(vec a, vec sign)
{
    return _mm512_castsi512_pd(_mm512_ternarylogic_epi64(
        _mm512_set1_epi64((long long)F64_SIGN), _mm512_castpd_si512(sign), _mm512_castpd_si512(a),
        0xca)); /* where the first has a bit, the second, else the third */
}
TANHSHRINK_INLINE vec vec_muladd(vec a, vec b, vec c) { return _mm512_fmadd_pd(a, b, c); }
TANHSHRINK_INLINE vec vec_product_error(vec a, vec b, vec product)
{
    return _mm512_fmsub_pd(a, b, product);
}

TANHSHRINK_INLINE lanes vec_at_least(vec a, double bound)
{
    return _mm512_cmpge_epi64_mask(_mm512_castpd_si512(a),
                                   _mm512_set1_epi64((long long)f64_bits(bound)));
}
TANHSHRINK_INLINE lanes vec_differ(vec a, vec b)
{
    return _mm512_cmp_pd_mask(a, b, _CMP_NEQ_UQ);
}
TANHSHRINK_INLINE lanes lanes_andnot(lanes a, lanes b) { return (lanes)(a & ~b); }
TANHSHRINK_INLINE unsigned lanes_bits(lanes a) { return a; }
TANHSHRINK_INLINE vec vec_select(lanes a, vec yes, vec no)
{
    return _mm512_mask_blend_pd(a, no, yes);
}

TANHSHRINK_INLINE void vec_store_rows(uint64_t *rows, vec a, double first, int shift, int last)
{
    __m512i above_shift = _mm512_set1_epi64((long long)(~F64_SIGN >> shift << shift));
    __m512i row = _mm512_and_si512(_mm512_castpd_si512(a), above_shift);
    row = _mm512_sub_epi64(row, _mm512_set1_epi64((long long)f64_bits(first)));
    row = _mm512_min_epu32(row, _mm512_set1_epi64((long long)last << shift)); /* lower halves: 0 */
    _mm512_storeu_si512(rows, _mm512_srli_epi64(row, (unsigned)shift - 3));
}
/* An 8 x 8 transpose: pairs of rows, then 128-bit quarters, then halves. */
TANHSHRINK_INLINE void vec_load_columns(vec column[8], const double *table, const uint64_t *rows)
{
    vec pair[8];
    for (int i = 0; i < 4; i++) {
        vec even = _mm512_load_pd(table + rows[2 * i]);
        vec odd = _mm512_load_pd(table + rows[2 * i + 1]);
        pair[i] = _mm512_unpacklo_pd(even, odd);
        pair[4 + i] = _mm512_unpackhi_pd(even, odd);
    }
    for (int i = 0; i < 2; i++) { /* even columns, odd columns; of rows 0-3 and rows 4-7 */
        const vec *p = pair + 4 * i;
        vec columns04 = _mm512_shuffle_f64x2(p[0], p[1], 0x88);
        vec columns26 = _mm512_shuffle_f64x2(p[0], p[1], 0xdd);
        vec columns04_below = _mm512_shuffle_f64x2(p[2], p[3], 0x88);
        vec columns26_below = _mm512_shuffle_f64x2(p[2], p[3], 0xdd);
        column[0 + i] = _mm512_shuffle_f64x2(columns04, columns04_below, 0x88);
        column[4 + i] = _mm512_shuffle_f64x2(columns04, columns04_below, 0xdd);
        column[2 + i] = _mm512_shuffle_f64x2(columns26, columns26_below, 0x88);
        column[6 + i] = _mm512_shuffle_f64x2(columns26, columns26_below, 0xdd);
    }
}
TANHSHRINK_INLINE vec vec_second_of_pair(vec a)
{
    return _mm512_castsi512_pd(_mm512_slli_epi64(_mm512_castpd_si512(a), 32));
}

#endif
