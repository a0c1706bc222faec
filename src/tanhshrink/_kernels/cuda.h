/* The words of contract.h for a GPU, where each thread computes one element.
 *
 * The divisions are the sequences that the compiler itself uses, Newton's method and Markstein's
 * last step, which give the correctly rounded quotient.  But the compiler first tests for operands
 * that need another way: numbers that do not occur here, and zero, for which this one does as well.
 * With the tests, the elements of a thread would be computed one after the other. */
#ifndef TANHSHRINK_CUDA_H
#define TANHSHRINK_CUDA_H

#include "cuda_instructions.h"

/* a/b for 1 <= b < 2^60 and |a| < 2^60, correctly rounded where |a| >= 2^-100 and |a/b| >= 2^-126.
 * Elsewhere within a few ulp, or a few of the smallest number: then the kernels' results are 0. */
TANHSHRINK_INLINE float f32_divide(float a, float b)
{
    float r = f32_reciprocal_estimate(b);
    r = f32_fma(r, f32_fma(-b, r, 1.0f), r);
    float quotient = f32_multiply(a, r);
    return f32_fma(r, f32_fma(-b, quotient, a), quotient);
}

/* a/b, correctly rounded, for 1 <= b < 2^500 and a = 0 or 2^-450 <= |a| < 2^500. */
TANHSHRINK_INLINE double f64_divide(double a, double b)
{
    double r = f64_reciprocal_estimate(b), error = fma(-b, r, 1.0);
    r = fma(r, fma(error, error, error), r);
    r = fma(r, fma(-b, r, 1.0), r);
    double quotient = a * r;
    return fma(r, fma(-b, quotient, a), quotient);
}

#endif
