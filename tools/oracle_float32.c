/* x - tanh(x) or its derivative tanh(x)^2 of consecutive positive float32 patterns, correctly
 * rounded, by MPFR.
 *
 *     cc -O2 -o oracle_float32 oracle_float32.c -lmpfr -lgmp
 *     ./oracle_float32 tanhshrink|tanhshrink_grad FIRST COUNT > results
 *
 * writes COUNT results as 32-bit words in the byte order of this machine, every NaN as 0x7fc00000.
 * digest_float32.py compiles and drives it.
 *
 * Each result is proved: it is enclosed between two numbers that round to the same float.
 *   x < 2^-11:  x^3/3 - 2x^5/15 < x - tanh(x) < x^3/3
 *               x^2 - 2x^4/3 < tanh(x)^2 < x^2       (the series alternate, their terms decrease)
 *   x >= 16:    x - 1 < x - tanh(x) < x - 1 + 2^-40  (1 - tanh(x) < 2 exp(-2x) < 2^-45)
 *               1 - 2^-40 < tanh(x)^2 < 1
 *   otherwise, or where these do not decide: tanh(x) rounded up by MPFR, to more and more bits.
 * It matters that the result is never equal to a bound.  Where x^3/3, x - 1 or x^2 is exactly
 * half-way between two floats, the result is on a known side of it; so each bound is moved towards
 * the result before it is rounded, by far less than its last place.  That jumps over no midpoint: a
 * midpoint has at most 25 bits, and the bounds have 128. */
#include <math.h>
#include <mpfr.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_PRECISION = 128, COUNT_PER_WRITE = 4096 };
static const uint32_t NAN_BITS = 0x7fc00000u, INFINITY_BITS = 0x7f800000u;

static mpfr_t exact_x, lower, upper, term, inside;

/* How to enclose a function of exact_x between lower and upper. */
typedef struct {
    void (*tiny)(void);
    void (*large)(void);
    void (*by_tanh)(void);
    float at_infinity;
} enclosures;

/* Whether everything between lower and upper rounds to the same float, subnormal ones included. */
static int enclosure_decides(float *result)
{
    mpfr_set(inside, lower, MPFR_RNDN);              /* exact: inside has twice the bits */
    mpfr_nextabove(inside);
    *result = mpfr_get_flt(inside, MPFR_RNDN);
    mpfr_set(inside, upper, MPFR_RNDN);              /* exact */
    mpfr_nextbelow(inside);
    return *result == mpfr_get_flt(inside, MPFR_RNDN);
}

static void shrink_tiny(void)
{
    mpfr_sqr(term, exact_x, MPFR_RNDN);              /* exact: 48 bits */
    mpfr_mul(upper, term, exact_x, MPFR_RNDN);       /* exact: 72 bits */
    mpfr_mul(term, term, upper, MPFR_RNDN);          /* exact: 120 bits */
    mpfr_mul_2ui(term, term, 1, MPFR_RNDN);
    mpfr_div_ui(term, term, 15, MPFR_RNDU);          /* >= 2x^5/15 */
    mpfr_div_ui(lower, upper, 3, MPFR_RNDD);
    mpfr_sub(lower, lower, term, MPFR_RNDD);
    mpfr_div_ui(upper, upper, 3, MPFR_RNDU);
}

static void shrink_large(void)
{
    mpfr_sub_ui(lower, exact_x, 1, MPFR_RNDD);
    mpfr_set_ui_2exp(term, 1, -40, MPFR_RNDN);
    mpfr_add(upper, lower, term, MPFR_RNDU);
}

/* MPFR rounds tanh(x) correctly, and never exactly: tanh of a rational number is irrational. */
static void shrink_by_tanh(void)
{
    mpfr_tanh(term, exact_x, MPFR_RNDU);
    mpfr_sub(lower, exact_x, term, MPFR_RNDD);
    mpfr_nextbelow(term);
    mpfr_sub(upper, exact_x, term, MPFR_RNDU);
}

static void grad_tiny(void)
{
    mpfr_sqr(upper, exact_x, MPFR_RNDN);             /* exact: 48 bits */
    mpfr_sqr(term, upper, MPFR_RNDN);                /* exact: 96 bits */
    mpfr_mul_2ui(term, term, 1, MPFR_RNDN);
    mpfr_div_ui(term, term, 3, MPFR_RNDU);           /* >= 2x^4/3 */
    mpfr_sub(lower, upper, term, MPFR_RNDD);
}

static void grad_large(void)
{
    mpfr_set_ui(upper, 1, MPFR_RNDN);
    mpfr_set_ui_2exp(term, 1, -40, MPFR_RNDN);
    mpfr_sub(lower, upper, term, MPFR_RNDD);
}

static void grad_by_tanh(void)
{
    mpfr_tanh(term, exact_x, MPFR_RNDU);
    mpfr_sqr(upper, term, MPFR_RNDU);
    mpfr_nextbelow(term);
    mpfr_sqr(lower, term, MPFR_RNDD);
}

static const enclosures SHRINK = {shrink_tiny, shrink_large, shrink_by_tanh, INFINITY};
static const enclosures GRAD = {grad_tiny, grad_large, grad_by_tanh, 1.0f};

static void set_precision(mpfr_prec_t precision)
{
    mpfr_set_prec(lower, precision);
    mpfr_set_prec(upper, precision);
    mpfr_set_prec(term, precision);
    mpfr_set_prec(inside, 2 * precision);
}

static float correctly_rounded(const enclosures *enclose, float x)
{
    float result;

    mpfr_set_flt(exact_x, x, MPFR_RNDN);
    if (x < 0x1p-11f || x >= 16.0f) {
        if (x < 0x1p-11f)
            enclose->tiny();
        else
            enclose->large();
        if (enclosure_decides(&result))
            return result;
    }
    enclose->by_tanh();
    if (enclosure_decides(&result))
        return result;

    mpfr_prec_t precision = FIRST_PRECISION;
    do {
        precision *= 2;
        set_precision(precision);
        enclose->by_tanh();
    } while (!enclosure_decides(&result));
    set_precision(FIRST_PRECISION);
    return result;
}

static uint32_t result_bits(const enclosures *enclose, uint32_t bits)
{
    float x, result;

    if (bits > INFINITY_BITS)
        return NAN_BITS;
    if (bits == 0)
        return 0;
    memcpy(&x, &bits, sizeof x);
    result = bits == INFINITY_BITS ? enclose->at_infinity : correctly_rounded(enclose, x);
    memcpy(&bits, &result, sizeof result);
    return bits;
}

int main(int argc, char **argv)
{
    static uint32_t results[COUNT_PER_WRITE];

    const enclosures *enclose = NULL;
    if (argc == 4)
        enclose = strcmp(argv[1], "tanhshrink") == 0        ? &SHRINK
                  : strcmp(argv[1], "tanhshrink_grad") == 0 ? &GRAD
                                                            : NULL;
    if (enclose == NULL) {
        fprintf(stderr, "usage: %s tanhshrink|tanhshrink_grad FIRST COUNT\n", argv[0]);
        return 2;
    }
    uint64_t first = strtoull(argv[2], NULL, 0), end = first + strtoull(argv[3], NULL, 0);
    if (end > 0x80000000u) {
        fprintf(stderr, "%s: only patterns below 0x80000000, the positive ones\n", argv[0]);
        return 2;
    }

    mpfr_init2(exact_x, 24);
    mpfr_inits(lower, upper, term, inside, (mpfr_ptr)0);
    set_precision(FIRST_PRECISION);
    while (first < end) {
        size_t count = end - first < COUNT_PER_WRITE ? end - first : COUNT_PER_WRITE;
        for (size_t i = 0; i < count; i++)
            results[i] = result_bits(enclose, (uint32_t)(first + i));
        if (fwrite(results, sizeof *results, count, stdout) != count) {
            perror("cannot write the results");
            return 1;
        }
        first += count;
    }
    return 0;
}
