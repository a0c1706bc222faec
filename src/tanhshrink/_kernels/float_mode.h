/* The floating-point mode of the thread. The bits of a result hold in the default one only, but
 * other code may have set another: torch.set_flush_denormal and XLA take subnormal numbers for zero,
 * as does what was linked with -ffast-math; fesetround makes sums round elsewhere than to nearest. */
#ifndef TANHSHRINK_FLOAT_MODE_H
#define TANHSHRINK_FLOAT_MODE_H

#include "contract.h"

/* x86 is asked in less than 5 ns; what <fenv.h> does there, for the x87 too, takes over 100. */
#if defined(__SSE2__) || defined(_M_X64)
#include <xmmintrin.h>

typedef unsigned float_mode;

TANHSHRINK_INLINE float_mode set_default_mode(void)
{
    const unsigned flush_to_zero = 0x8000, denormals_are_zeros = 0x0040, rounding = 0x6000;
    unsigned control = _mm_getcsr();
    unsigned mode = control & (flush_to_zero | denormals_are_zeros | rounding);
    if (mode != 0)
        _mm_setcsr(control & ~mode);
    return mode;
}

/* Restores a mode, and keeps the exceptions raised since. */
TANHSHRINK_INLINE void restore_mode(const float_mode *mode)
{
    if (*mode != 0)
        _mm_setcsr(_mm_getcsr() | *mode);
}
#else
#include <fenv.h>

typedef fenv_t float_mode;

TANHSHRINK_INLINE float_mode set_default_mode(void)
{
    fenv_t mode;
    fegetenv(&mode);
    fesetenv(FE_DFL_ENV);
    return mode;
}

/* Restores a mode, and keeps the exceptions raised since. */
TANHSHRINK_INLINE void restore_mode(const float_mode *mode)
{
    feupdateenv(mode);
}
#endif

#endif
