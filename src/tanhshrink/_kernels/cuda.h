/* The words of contract.h for a GPU, where each thread computes one element.
 *
 * The divisions are Newton's method.  The compiler's own first test for operands that need another
 * way: numbers that do not occur here, and zero, for which this one does as well.  With the tests,
 * the elements of a thread would be computed one after the other.  Where the results are exhausted,
 * the quotient need not be correctly rounded, and Newton's method stops earlier, too. */
#ifndef TANHSHRINK_CUDA_H
#define TANHSHRINK_CUDA_H

#include "cuda_instructions.h"

/* a/b for 1 <= b < 2^60 and |a| < 2^60, within .500001 ulp where |a| >= 2^-100 and |a/b| >= 2^-126:
 * what is rounded last has the error of r, 2^-23, times that of the product, 2^-22.4.
 * Elsewhere within a few ulp, or a few of the smallest number: then the kernels' results are 0. */
TANHSHRINK_INLINE float f32_divide_nearly(float a, float b)
{
    float r = f32_reciprocal_estimate(b), quotient = f32_multiply(a, r);
    return f32_fma(r, f32_fma(f32_negate(b), quotient, a), quotient);
}

/* a/b within 1.6 ulp for a and b from 2^-500 to 2^500: the error of r, at most 2^-19, becomes its
 * cube, 2^-57 or .1 ulp.  Rounding r adds an ulp at most, rounding the product half of one. */
TANHSHRINK_INLINE double f64_divide_nearly(double a, double b)
{
    double r = f64_reciprocal_estimate(b), error = fma(-b, r, 1.0);
    return a * fma(r, fma(error, error, error), r);
}

/* 1/b for b from 2^-500 to 2^500, correctly rounded (Markstein; but if all bits of b's significand
 * are 1, perhaps an ulp more).  The compiler's own tests for other operands. */
TANHSHRINK_INLINE double f64_reciprocal(double b)
{
    double r = f64_reciprocal_estimate(b), error = fma(-b, r, 1.0);
    r = fma(r, fma(error, error, error), r);
    return fma(r, fma(-b, r, 1.0), r);
}

#endif
