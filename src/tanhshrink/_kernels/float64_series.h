/* x - tanh(x) and its derivative tanh(x)^2 in double for small x, 0 or at least 2^-250: short
 * series, summed in two doubles. What the lines incur, relative to f, stands beside them for
 * x < 2^-10, of the CPU. Up to .00478, of a GPU, y is 2^4.6 times as large, and with it all of
 * these but 2^-104 and 2^-107; the sums are then below 2^-68.2 and 2^-67.6. The terms left out
 * are below 2^-81. Written over the words of simd_*.h: include one of those first. */
#ifndef TANHSHRINK_FLOAT64_SERIES_H
#define TANHSHRINK_FLOAT64_SERIES_H

#include "contract.h"

#define F64_SMALL_START 0x1p-250 /* 5.5e-76: below, low parts could underflow */

/* c + a b as a rounded sum and its rounding error *low, itself rounded; for |a b| <= |c| / 2. */
TANHSHRINK_INLINE vec f64_muladd_with_error(vec a, vec b, vec c, vec *low)
{
#if TANHSHRINK_HAS_FMA
    vec high = vec_muladd(a, b, c);
    *low = vec_muladd(a, b, vec_sub(c, high)); /* c - high is exact */
#else
    vec product = vec_mul(a, b);
    vec high = vec_add(c, product);
    *low = vec_add(vec_sub(product, vec_sub(high, c)), vec_product_error(a, b, product));
#endif
    return high;
}

/* x - tanh(x) as high + *low:
 * x^3 (1/3 - 2/15 x^2 + 17/315 x^4 - 62/2835 x^6 + 1382/155925 x^8). */
TANHSHRINK_INLINE vec tanhshrink_f64_small(vec x, vec *low)
{
    vec y = vec_mul(x, x), y_low = vec_product_error(x, x, y);
    vec cube = vec_mul(y, x);
    vec cube_low = vec_muladd(y_low, x, vec_product_error(y, x, cube)); /* 2^-104 */
    vec p = vec_muladd(vec_set(0x1.226e355e6c23dp-7), y, vec_set(-0x1.664f4882c10fap-6));
    p = vec_muladd(p, y, vec_set(0x1.ba1ba1ba1ba1cp-5));
    p = vec_muladd(p, y, vec_set(-0x1.1111111111111p-3)); /* y p: 2^-73 of f */
    vec third_low, third = f64_muladd_with_error(y, p, vec_set(0x1.5555555555555p-2), &third_low);
    third_low = vec_add(third_low, vec_set(0x1.5555555555555p-56)); /* 1/3 has two parts, 2^-107 */
    vec high = vec_mul(cube, third);
    *low = vec_muladd(cube, third_low, vec_product_error(cube, third, high));
    *low = vec_muladd(cube_low, third, *low); /* 2^-104; sum of all: below 2^-72.9 */
    return high;
}

/* tanh(x)^2 as high + *low:
 * x^2 (1 - 2/3 x^2 + 17/45 x^4 - 62/315 x^6 + 1382/14175 x^8). */
TANHSHRINK_INLINE vec tanhshrink_grad_f64_small(vec x, vec *low)
{
    vec y = vec_mul(x, x), y_low = vec_product_error(x, x, y);
    vec p = vec_muladd(vec_set(0x1.8f578961d4b13p-4), y, vec_set(-0x1.9319319319319p-3));
    p = vec_muladd(p, y, vec_set(0x1.82d82d82d82d8p-2));
    p = vec_muladd(p, y, vec_set(-0x1.5555555555555p-1)); /* y p: 2^-73.2 of f; y_low p: 2^-73.5 */
    vec one_low, one = f64_muladd_with_error(y, p, vec_set(1.0), &one_low);
    vec high = vec_mul(y, one);
    *low = vec_muladd(y, one_low, vec_product_error(y, one, high));
    *low = vec_muladd(y_low, one, *low); /* 2^-104; sum of all: below 2^-72.3 */
    return high;
}

#endif
