/* x - tanh(x) of consecutive positive float32 patterns, correctly rounded, by MPFR.
 *
 *     cc -O2 -o oracle_float32 oracle_float32.c -lmpfr -lgmp
 *     ./oracle_float32 FIRST COUNT > results
 *
 * writes COUNT results as 32-bit words in the byte order of this machine, every NaN as 0x7fc00000.
 * digest_float32.py compiles and drives it.
 *
 * Each result is proved: f(x) is enclosed between two numbers that round to the same float.
 *   x < 2^-11:   x^3/3 - 2x^5/15 < f(x) < x^3/3   (the series alternates, its terms decrease)
 *   x >= 16:     x - 1 < f(x) < x - 1 + 2^-40      (1 - tanh(x) < 2 exp(-2x) < 2^-45)
 *   otherwise, or where these two do not decide: tanh(x) rounded up by MPFR, to more and more bits.
 * It matters that f(x) is never equal to a bound.  Where x^3/3 or x - 1 is exactly half-way between
 * two floats, f(x) is on a known side of it; so each bound is moved towards f(x) before it is
 * rounded, by far less than its last place.  That jumps over no midpoint: a midpoint has at most 25
 * bits, and the bounds have 128. */
#include <mpfr.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_PRECISION = 128, COUNT_PER_WRITE = 4096 };
static const uint32_t NAN_BITS = 0x7fc00000u, INFINITY_BITS = 0x7f800000u;

static mpfr_t exact_x, lower, upper, term, inside;

/* Whether all of lower < f(x) < upper rounds to the same float, subnormal ones included. */
static int enclosure_decides(float *result)
{
    mpfr_set(inside, lower, MPFR_RNDN);              /* exact: inside has twice the bits */
    mpfr_nextabove(inside);
    *result = mpfr_get_flt(inside, MPFR_RNDN);
    mpfr_set(inside, upper, MPFR_RNDN);              /* exact */
    mpfr_nextbelow(inside);
    return *result == mpfr_get_flt(inside, MPFR_RNDN);
}

static void enclose_tiny(void)
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

static void enclose_large(void)
{
    mpfr_sub_ui(lower, exact_x, 1, MPFR_RNDD);
    mpfr_set_ui_2exp(term, 1, -40, MPFR_RNDN);
    mpfr_add(upper, lower, term, MPFR_RNDU);
}

/* MPFR rounds tanh(x) correctly, and never exactly: tanh of a rational number is irrational. */
static void enclose_by_tanh(void)
{
    mpfr_tanh(term, exact_x, MPFR_RNDU);
    mpfr_sub(lower, exact_x, term, MPFR_RNDD);
    mpfr_nextbelow(term);
    mpfr_sub(upper, exact_x, term, MPFR_RNDU);
}

static void set_precision(mpfr_prec_t precision)
{
    mpfr_set_prec(lower, precision);
    mpfr_set_prec(upper, precision);
    mpfr_set_prec(term, precision);
    mpfr_set_prec(inside, 2 * precision);
}

static float correctly_rounded(float x)
{
    float result;

    mpfr_set_flt(exact_x, x, MPFR_RNDN);
    if (x < 0x1p-11f || x >= 16.0f) {
        if (x < 0x1p-11f)
            enclose_tiny();
        else
            enclose_large();
        if (enclosure_decides(&result))
            return result;
    }
    enclose_by_tanh();
    if (enclosure_decides(&result))
        return result;

    mpfr_prec_t precision = FIRST_PRECISION;
    do {
        precision *= 2;
        set_precision(precision);
        enclose_by_tanh();
    } while (!enclosure_decides(&result));
    set_precision(FIRST_PRECISION);
    return result;
}

static uint32_t result_bits(uint32_t bits)
{
    float x;

    if (bits > INFINITY_BITS)
        return NAN_BITS;
    if (bits == INFINITY_BITS || bits == 0)
        return bits;
    memcpy(&x, &bits, sizeof x);
    x = correctly_rounded(x);
    memcpy(&bits, &x, sizeof x);
    return bits;
}

int main(int argc, char **argv)
{
    static uint32_t results[COUNT_PER_WRITE];

    if (argc != 3) {
        fprintf(stderr, "usage: %s FIRST COUNT\n", argv[0]);
        return 2;
    }
    uint64_t first = strtoull(argv[1], NULL, 0), end = first + strtoull(argv[2], NULL, 0);
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
            results[i] = result_bits((uint32_t)(first + i));
        if (fwrite(results, sizeof *results, count, stdout) != count) {
            perror("cannot write the results");
            return 1;
        }
        first += count;
    }
    return 0;
}
