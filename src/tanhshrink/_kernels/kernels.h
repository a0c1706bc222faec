/* The kernels as blocks of any type, in one table. A target's file includes its simd_*.h, names that
 * table by TANHSHRINK_KERNELS, and includes this; the compiler flags of that file do the rest. */
#include "clongdouble.h"
#include "complex128.h"
#include "complex64.h"
#include "complex_16bit.h"
#include "float16.h"
#include "float32.h"
#include "float64_fast.h"
#include "longdouble.h"
#include "targets.h"

_Static_assert(F64_BLOCK * sizeof(double) >= TANHSHRINK_BLOCK_BYTES, "");
_Static_assert(C64_BLOCK * 2 * sizeof(float) >= TANHSHRINK_BLOCK_BYTES, "");
_Static_assert(C64_BLOCK >= COMPLEX_16BIT_BLOCK, "");

static void block_f16(const void *x, void *out, ptrdiff_t n)
{
    tanhshrink_f16_block((const uint16_t *)x, (uint16_t *)out, n);
}
static void block_f32(const void *x, void *out, ptrdiff_t n)
{
    tanhshrink_f32_block((const float *)x, (float *)out, n);
}
static void block_f64(const void *x, void *out, ptrdiff_t n)
{
    tanhshrink_f64_block((const double *)x, (double *)out, n);
}
static void block_longdouble(const void *x, void *out, ptrdiff_t n)
{
    tanhshrink_longdouble_block((const long double *)x, (long double *)out, n);
}
static void block_c64(const void *z, void *out, ptrdiff_t n)
{
    tanhshrink_c64_block((const float *)z, (float *)out, n);
}
static void block_c128(const void *z, void *out, ptrdiff_t n)
{
    tanhshrink_c128_block((const double *)z, (double *)out, n);
}
static void block_clongdouble(const void *z, void *out, ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++)
        tanhshrink_clongdouble((const long double *)z + 2 * i, (long double *)out + 2 * i);
}
static void block_bf16(const void *x, void *out, ptrdiff_t n)
{
    tanhshrink_bf16_block((const uint16_t *)x, (uint16_t *)out, n);
}
static void block_c32(const void *z, void *out, ptrdiff_t n)
{
    tanhshrink_c32_block((const uint16_t *)z, (uint16_t *)out, n);
}
static void block_bc32(const void *z, void *out, ptrdiff_t n)
{
    tanhshrink_bc32_block((const uint16_t *)z, (uint16_t *)out, n);
}

static void block_grad_f16(const void *x, void *out, ptrdiff_t n)
{
    tanhshrink_grad_f16_block((const uint16_t *)x, (uint16_t *)out, n);
}
static void block_grad_f32(const void *x, void *out, ptrdiff_t n)
{
    tanhshrink_grad_f32_block((const float *)x, (float *)out, n);
}
static void block_grad_f64(const void *x, void *out, ptrdiff_t n)
{
    tanhshrink_grad_f64_block((const double *)x, (double *)out, n);
}
static void block_grad_longdouble(const void *x, void *out, ptrdiff_t n)
{
    tanhshrink_grad_longdouble_block((const long double *)x, (long double *)out, n);
}
static void block_grad_c64(const void *z, void *out, ptrdiff_t n)
{
    tanhshrink_grad_c64_block((const float *)z, (float *)out, n);
}
static void block_grad_c128(const void *z, void *out, ptrdiff_t n)
{
    tanhshrink_grad_c128_block((const double *)z, (double *)out, n);
}
static void block_grad_clongdouble(const void *z, void *out, ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++)
        tanhshrink_grad_clongdouble((const long double *)z + 2 * i, (long double *)out + 2 * i);
}
static void block_grad_bf16(const void *x, void *out, ptrdiff_t n)
{
    tanhshrink_grad_bf16_block((const uint16_t *)x, (uint16_t *)out, n);
}
static void block_grad_c32(const void *z, void *out, ptrdiff_t n)
{
    tanhshrink_grad_c32_block((const uint16_t *)z, (uint16_t *)out, n);
}
static void block_grad_bc32(const void *z, void *out, ptrdiff_t n)
{
    tanhshrink_grad_bc32_block((const uint16_t *)z, (uint16_t *)out, n);
}

/* 16 elements fill the longest vector of each type; scalar code takes any number. */
const tanhshrink_kernels TANHSHRINK_KERNELS = {
    {
        {sizeof(uint16_t), 16, 0, block_f16},
        {sizeof(float), 16, 0, block_f32},
        {sizeof(double), LANES, F64_BLOCK, block_f64},
        {sizeof(long double), 1, 0, block_longdouble},
        {2 * sizeof(float), 1, 0, block_c64},
        {2 * sizeof(double), 1, C128_LARGE_BLOCK, block_c128},
        {2 * sizeof(long double), 1, 0, block_clongdouble},
        {sizeof(uint16_t), 16, 0, block_bf16},
        {2 * sizeof(uint16_t), 16, 0, block_c32},
        {2 * sizeof(uint16_t), 16, 0, block_bc32},
    },
    {
        {sizeof(uint16_t), 16, 0, block_grad_f16},
        {sizeof(float), 16, 0, block_grad_f32},
        {sizeof(double), LANES, F64_BLOCK, block_grad_f64},
        {sizeof(long double), 1, 0, block_grad_longdouble},
        {2 * sizeof(float), 1, 0, block_grad_c64},
        {2 * sizeof(double), 1, C128_LARGE_BLOCK, block_grad_c128},
        {2 * sizeof(long double), 1, 0, block_grad_clongdouble},
        {sizeof(uint16_t), 16, 0, block_grad_bf16},
        {2 * sizeof(uint16_t), 16, 0, block_grad_c32},
        {2 * sizeof(uint16_t), 16, 0, block_grad_bc32},
    },
};
