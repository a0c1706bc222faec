/*
 * The inner loop of hard_cases.py: in one block of consecutive doubles, find every one at which
 * f lies closer to a midpoint than a threshold, without looking at every one.
 *
 * With K counted from the block's centre and everything in ulp of f, the block is
 *     g(K) = g0 + g1 K + g2 K^2 + g3 K^3 + g4 K^4 + g5 K^5,
 * and only g modulo 1 matters: a midpoint is g = 1/2. The block is cut into pieces in which the
 * cubic term, counted from the piece's middle, is negligible; a piece is cut into segments of L
 * doubles. In a segment, k = 0 .. L-1,
 *     g = b + (p/q) k + e(k),    e(k) = s k + c k (k - L),
 * where p/q with q <= L is a convergent of the slope at the piece's middle, s the slope of the
 * segment's chord less p/q, and |c k (k - L)| <= |c| L^2/4. Let t = k p mod q. A hit needs
 *     t/q = 1/2 - b - e(k)  modulo 1, to within the threshold,
 * and e(k) stays in a known interval of length about 1/q. So only one or two t are possible. Each
 * is one residue class k = t p^-1 mod q, and in it s k is known to within |c| L^2/4. The few k
 * left are tested by evaluating b + k (a + c k). This is the linear model of Lefevre (1999), but
 * one convergent serves a whole piece, where his algorithm runs Euclid's in each segment.
 *
 * Compiled and called by hard_cases.py. Needs __int128 (gcc, clang).
 */
#include <math.h>
#include <stdint.h>

#define SLACK 0x1p-42 /* ulp: what all errors may reach; added to the threshold */

typedef unsigned __int128 fraction; /* of an ulp of f, modulo 1, in units of 2^-128 */

struct convergent {
    uint64_t q;
    uint64_t inverse; /* of p modulo q */
    double excess;    /* slope - p/q */
};

/* |x| < 64; the error is below 2^-120. */
static fraction fraction_from_double(double x)
{
    return (fraction)(__int128)(x * 0x1p120) << 8;
}

/* The last convergent p/q of slope/2^64 with q <= limit, by Euclid's algorithm. */
static struct convergent convergent_of(uint64_t slope, uint64_t limit)
{
    uint64_t q_before = 0, q = 1;           /* 1/0 and 0/1 */
    uint64_t rest_before = 0, rest = slope; /* |q slope - p 2^64|; the first one is 2^64 */
    int below = 1;                          /* is p/q <= slope/2^64? */
    struct convergent result;

    while (rest != 0) {
        /* One less, plus one: so the first division, of 2^64, fits. */
        uint64_t quotient = (rest_before - rest) / rest + 1;
        fraction q_next = (fraction)quotient * q + q_before;
        uint64_t rest_next = rest_before - quotient * rest;
        if (q_next > limit)
            break;
        q_before = q;
        q = (uint64_t)q_next;
        rest_before = rest;
        rest = rest_next;
        below = !below;
    }
    /* p q_before = 1 modulo q above the slope, -1 below it. */
    result.q = q;
    result.inverse = below ? q - q_before : q_before;
    result.excess = (below ? 0x1p-64 : -0x1p-64) * (double)rest / (double)q;
    return result;
}

struct plan {
    int64_t length;   /* of a segment */
    int64_t segments; /* in a piece */
    double error;     /* of all that is evaluated */
};

/* For a block of `span` doubles; left_out bounds the Taylor terms of degree 6 and more. */
static struct plan plan_of(double g2, const double *tail, double span, double left_out)
{
    const double g3 = fabs(tail[0]), g4 = fabs(tail[1]), g5 = fabs(tail[2]);
    const double bend = fabs(g2) + span * (3 * g3 + span * (6 * g4 + span * 10 * g5));
    const double cubic = g3 + span * (4 * g4 + span * 10 * g5);
    const double offset = span * span * span * (g3 + span * (g4 + span * g5));

    /* The cubic term reaches 2^-43 at the ends of a piece; L^3 bend = 2^-3 is fastest; and where
     * there is hardly a cubic term, the slope should not move far from the piece's convergent. */
    const double fastest = cbrt(0x1p-3 / (bend + 0x1p-150));
    const double piece = fmin(fmin(2 * cbrt(0x1p-43 / (cubic + 0x1p-150)), 32 * fastest), span);
    const double length = fmin(fastest, fmin(piece, 0x1p30));
    const double s = piece / 2;
    struct plan plan;

    plan.length = (int64_t)length;
    plan.segments = (int64_t)(piece / (double)plan.length);
    plan.error = left_out
        + s * s * s * (cubic + s * (g4 + 5 * span * g5 + s * g5)) /* degree 3 on in a piece */
        + 0x1p-45 * offset                 /* tails in double: 18 roundings, weights to 10 */
        + 0x1p-127 * span * span           /* g0, g1, g2 rounded to 2^-128 */
        + 0x1p-118 * (1 + s) * (1 + s)     /* tails rounded to 2^-120 */
        + 0x1p-62;                         /* the test of the upper 64 bits */
    if (offset > 32)
        plan.error = INFINITY; /* too much for fraction_from_double */
    return plan;
}

/*
 * exact: g0, g1, g2 modulo 1, each as high and low half; tail: g3, g4, g5; the block is
 * first <= K < end. Stores every K below the threshold, and a few up to 2 SLACK above it, in
 * found, in no order. Returns their number; -1 above capacity, -2 if the errors exceed SLACK.
 */
int64_t hard_cases_search_block(const uint64_t *exact, const double *tail, int64_t first,
                                int64_t end, double threshold, double left_out, int64_t *found,
                                int64_t capacity)
{
    const fraction g0 = (fraction)exact[0] << 64 | exact[1];
    const fraction g1 = (fraction)exact[2] << 64 | exact[3];
    const fraction g2 = (fraction)exact[4] << 64 | exact[5];
    const struct plan plan =
        plan_of((double)(__int128)g2 * 0x1p-128, tail, (double)(end - first), left_out);
    const int64_t length = plan.length;
    const int64_t piece = length * plan.segments;
    const double dlength = (double)length;
    const double window = threshold + SLACK;
    const uint64_t window_64 = (uint64_t)(window * 0x1p64) + 1;
    /* Beyond `window`: the slope's 64 bits err by 2^-64 a step, the doubles below by 2^-48. */
    const double reach = window + dlength * 0x1p-63 + 0x1p-46;
    int64_t hits = 0;

    if (!(plan.error <= SLACK))
        return -2;

    for (int64_t start = first; start < end; start += piece) {
        /* Taylor shift of the block's polynomial to the middle of the piece. */
        const int64_t middle = start + piece / 2;
        const double m = (double)middle;
        const fraction mf = (fraction)(__int128)middle;
        const double tail_b = m * m * m * (tail[0] + m * (tail[1] + m * tail[2]));
        const double tail_a = m * m * (3 * tail[0] + m * (4 * tail[1] + m * 5 * tail[2]));
        const double tail_c = m * (3 * tail[0] + m * (6 * tail[1] + m * 10 * tail[2]));
        const fraction b_middle = g0 + mf * (g1 + mf * g2) + fraction_from_double(tail_b);
        const fraction a_middle = g1 + 2 * mf * g2 + fraction_from_double(tail_a);
        const fraction c = g2 + fraction_from_double(tail_c);
        const double dc = (double)(__int128)c * 0x1p-128;
        const struct convergent near = convergent_of((uint64_t)(a_middle >> 64), (uint64_t)length);

        /* c k (k - L) lies between bend_low and bend_high. */
        const double bend = -dc * dlength * dlength / 4;
        const double bend_low = bend < 0 ? bend : 0;
        const double bend_high = bend > 0 ? bend : 0;

        for (int64_t from = start; from < start + piece; from += length) {
            const fraction shift = (fraction)(__int128)(from - middle);
            const fraction a = a_middle + 2 * shift * c;
            const fraction b = b_middle + shift * (a_middle + shift * c);
            const double s = near.excess + dc * (double)(2 * (from - middle) + length);
            const double rise = s * dlength;
            const double e_low = (rise < 0 ? rise : 0) + bend_low;
            const double e_high = (rise > 0 ? rise : 0) + bend_high;

            /* t/q runs over [low, low + width]: the integers t between q low and q high. */
            const double offset = e_high + reach;
            const double width = offset - e_low + reach;
            const uint64_t low = (uint64_t)((UINT64_C(1) << 63) - (uint64_t)(b >> 64)
                                            - (uint64_t)(fraction_from_double(offset) >> 64));
            const fraction q_low = (fraction)low * near.q;
            const fraction q_high = q_low + (fraction)(width * 0x1p64) * near.q;

            for (uint64_t t = (uint64_t)(q_low >> 64) + 1; t <= (uint64_t)(q_high >> 64); t++) {
                /* e(k) = e to within reach, so s k = e - bend to within reach. */
                const double past = (double)(((fraction)t << 64) - q_low) * 0x1p-64;
                const double e = offset - past / (double)near.q;
                const double sk_low = e - reach - bend_high;
                const double sk_high = e + reach - bend_low;
                double k_low = 0, k_high = dlength - 1;
                if ((rise < 0 ? -rise : rise) > sk_high - sk_low) {
                    const double k_1 = (s > 0 ? sk_low : sk_high) / s - 1;
                    const double k_2 = (s > 0 ? sk_high : sk_low) / s + 1;
                    k_low = k_1 > k_low ? k_1 : k_low;
                    k_high = k_2 < k_high ? k_2 : k_high;
                }
                /* The first k >= k_low in the class of t; q length keeps the sum positive. */
                const uint64_t k_0 = (uint64_t)k_low;
                const uint64_t up = t * near.inverse + near.q * (uint64_t)length - k_0;
                for (uint64_t k = k_0 + up % near.q; (double)k <= k_high; k += near.q) {
                    const uint64_t g = (uint64_t)((b + k * (a + k * c)) >> 64);
                    const int64_t index = from + (int64_t)k;
                    /* |g - 1/2| <= window, as one unsigned comparison. */
                    if (g - (UINT64_C(1) << 63) + window_64 <= 2 * window_64 && index < end) {
                        if (hits == capacity)
                            return -1;
                        found[hits++] = index;
                    }
                }
            }
        }
    }
    return hits;
}
