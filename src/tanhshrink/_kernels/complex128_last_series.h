/* The last tier's reduced arguments and series, of some elements together: see complex128_last.h.
 *
 * G and S, there, come from c = cosh x - 1 and s = (sinh x)/x - 1, relative errors 2^-156. */
#ifndef TANHSHRINK_COMPLEX128_LAST_SERIES_H
#define TANHSHRINK_COMPLEX128_LAST_SERIES_H

#include "complex128_scale.h"
#include "complex_reduce.h"
#include "triple_double.h"

/* So many are worked on together: a vector, which has 2 where LANES says 1, but on a GPU.  A lone
 * element takes as long. */
#define C128_LAST_GROUP (C128_BLOCK == 1 ? 1 : LANES == 1 ? 2 : LANES)

/* Of the series below, next to their sums for |x| < 1.25: terms from the ninth on are less than
 * 2^-54, so that pairs are enough, and from the fifteenth on 2^-107: doubles. */
#define LAST_TRIPLES 9
#define LAST_PAIRS 15
#define LAST_TERMS ((int)(sizeof inverse_factorials / sizeof inverse_factorials[0] / 2)) /* 21 */

typedef struct {
    TANHSHRINK_ALIGN(64) double high[2 * C128_LAST_GROUP];
    TANHSHRINK_ALIGN(64) double middle[2 * C128_LAST_GROUP];
    TANHSHRINK_ALIGN(64) double low[2 * C128_LAST_GROUP];
} c128_triples;

TANHSHRINK_INLINE f64_triple triple_at(const c128_triples *triples, ptrdiff_t j)
{
    return triple(triples->high[j], triples->middle[j], triples->low[j]);
}

TANHSHRINK_INLINE void triple_put(c128_triples *triples, ptrdiff_t j, f64_triple value)
{
    triples->high[j] = value.high;
    triples->middle[j] = value.middle;
    triples->low[j] = value.low;
}

/* A group of elements.  Of t = x^2 and what is made of it, those for x = a come first, then those
 * for x = ir. */
typedef struct {
    TANHSHRINK_ALIGN(64) double a[C128_LAST_GROUP];
    TANHSHRINK_ALIGN(64) double b[C128_LAST_GROUP];
    TANHSHRINK_ALIGN(64) uint64_t odd[C128_LAST_GROUP]; /* m modulo 2 */
    c128_triples angle, t;   /* r, x^2 */
    c128_triples cosh, sinh; /* G, S */
    TANHSHRINK_ALIGN(64) double re[C128_LAST_GROUP];
    TANHSHRINK_ALIGN(64) double re_low[C128_LAST_GROUP];
    TANHSHRINK_ALIGN(64) double im[C128_LAST_GROUP];
    TANHSHRINK_ALIGN(64) double im_low[C128_LAST_GROUP];
} c128_last;

/* r, to 2^-157, or 2^-146 next to multiples of pi/2, and t */
TANHSHRINK_NOINLINE void c128_last_reduce(c128_last *last)
{
    TANHSHRINK_ALIGN(64) double chunks[4][C128_LAST_GROUP];
    TANHSHRINK_ALIGN(64) uint64_t quadrant[C128_LAST_GROUP];
    for (ptrdiff_t j = 0; j < C128_LAST_GROUP; j++) {
        double chunk[4] = {0x1p52, 0x1p52, 0x1p52, 0x1p52};
        double b = last->b[j];
        quadrant[j] = f64_below(b, 0.75) ? 0 : angle_chunks(b / 2, chunk);
        for (int i = 0; i < 4; i++)
            chunks[i][j] = chunk[i];
    }
    for (ptrdiff_t j = 0; j < C128_LAST_GROUP; j++) {
        double chunk[4] = {chunks[0][j], chunks[1][j], chunks[2][j], chunks[3][j]}, part[4];
        last->odd[j] = angle_parts(quadrant[j], chunk, part) & 1;
        /* A part is a multiple of the last possible bit of the next one: all sums are exact. */
        f64_pair sum = exact_sum_ordered(part[0], part[1]);
        f64_pair rest = exact_sum_ordered(sum.low, part[2]);
        f64_triple angle = triple_normalize(sum.high, rest.high, rest.low + part[3]);
        angle = triple_multiply(angle, triple(pi_2_parts[0], pi_2_parts[1], pi_2_parts[2]));
        uint64_t reduced = f64_below(last->b[j], 0.75) ^ 1;
        angle.high = f64_choose(reduced, angle.high, last->b[j]);
        /* Next to r, at least 2^-62 here, such an a is nothing, and its powers could underflow. */
        double a = f64_choose(f64_below(last->a[j], 0x1p-150), 0, last->a[j]);
        f64_pair a2 = exact_square(a);
        triple_put(&last->angle, j, angle);
        triple_put(&last->t, j, triple(a2.high, a2.low, 0));
        triple_put(&last->t, C128_LAST_GROUP + j, triple_negate(triple_multiply(angle, angle)));
    }
}

/* c + t sum, where c is larger than the rest */
TANHSHRINK_INLINE f64_triple triple_horner(const double c[3], f64_triple t, f64_triple sum)
{
    return triple_add_ordered(triple(c[0], c[1], c[2]), triple_multiply(t, sum));
}

TANHSHRINK_INLINE f64_triple pair_horner(const double c[3], f64_triple t, f64_triple sum)
{
    f64_pair product = pair_multiply(pair(t.high, t.middle), pair(sum.high, sum.middle));
    product = pair_add_ordered(pair(c[0], c[1]), product);
    return triple(product.high, product.low, 0);
}

/* G and S, from c = cosh x - 1 = t/2! + t^2/4! + ... and s = (sinh x)/x - 1 = t/3! + t^2/5! + ...
 * t is 0 or at least 2^-300, so no product underflows. */
TANHSHRINK_NOINLINE void c128_last_series(c128_last *last)
{
    for (ptrdiff_t j = 0; j < 2 * C128_LAST_GROUP; j++) {
        double t = last->t.high[j], c = 0, s = 0;
        for (int k = LAST_TERMS - 1; k >= LAST_PAIRS; k--) {
            c = inverse_factorials[2 * k][0] + t * c;
            s = inverse_factorials[2 * k + 1][0] + t * s;
        }
        triple_put(&last->cosh, j, triple_from(c));
        triple_put(&last->sinh, j, triple_from(s));
    }
    for (int k = LAST_PAIRS - 1; k >= LAST_TRIPLES; k--) {
        const double *c = inverse_factorials[2 * k], *s = inverse_factorials[2 * k + 1];
        for (ptrdiff_t j = 0; j < 2 * C128_LAST_GROUP; j++) {
            f64_triple t = triple_at(&last->t, j);
            triple_put(&last->cosh, j, pair_horner(c, t, triple_at(&last->cosh, j)));
            triple_put(&last->sinh, j, pair_horner(s, t, triple_at(&last->sinh, j)));
        }
    }
    for (int k = LAST_TRIPLES - 1; k >= 0; k--) {
        const double *c = inverse_factorials[2 * k], *s = inverse_factorials[2 * k + 1];
        for (ptrdiff_t j = 0; j < 2 * C128_LAST_GROUP; j++) {
            f64_triple t = triple_at(&last->t, j);
            triple_put(&last->cosh, j, triple_horner(c, t, triple_at(&last->cosh, j)));
            triple_put(&last->sinh, j, triple_horner(s, t, triple_at(&last->sinh, j)));
        }
    }
    for (ptrdiff_t j = 0; j < 2 * C128_LAST_GROUP; j++) {
        f64_triple t = triple_at(&last->t, j);
        f64_triple c = triple_multiply(t, triple_at(&last->cosh, j));
        f64_triple s = triple_multiply(t, triple_at(&last->sinh, j));
        triple_put(&last->cosh, j, triple_multiply(c, triple_add_ordered(triple_from(2), c)));
        s = triple_add(s, triple_multiply(c, triple_add_ordered(triple_from(1), s)));
        triple_put(&last->sinh, j, s);
    }
}

#endif
