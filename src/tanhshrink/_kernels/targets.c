#include "targets.h"

extern const tanhshrink_kernels tanhshrink_kernels_baseline;

static int always(void) { return 1; }

#ifdef TANHSHRINK_X86_TARGETS
extern const tanhshrink_kernels tanhshrink_kernels_avx2, tanhshrink_kernels_avx512;

#if defined(_MSC_VER)
#include <immintrin.h>
#include <intrin.h>

/* Whether cpuid sets all of `bits` in register `index` (0 = eax .. 3 = edx) of `leaf`. */
static int cpu_has(int leaf, int index, unsigned bits)
{
    int registers[4];
    __cpuidex(registers, leaf, 0);
    return ((unsigned)registers[index] & bits) == bits;
}
/* Whether the operating system saves the registers of `state`. */
static int system_saves(unsigned long long state)
{
    const unsigned osxsave = 1u << 27;
    return cpu_has(1, 2, osxsave) && (_xgetbv(0) & state) == state;
}
static int has_avx2(void)
{
    const unsigned fma = 1u << 12, f16c = 1u << 29, avx2 = 1u << 5;
    return system_saves(0x6) && cpu_has(1, 2, fma | f16c) && cpu_has(7, 1, avx2);
}
static int has_avx512(void)
{
    const unsigned f = 1u << 16, dq = 1u << 17, bw = 1u << 30, vl = 1u << 31;
    return has_avx2() && system_saves(0xe6) && cpu_has(7, 1, f | dq | bw | vl);
}
#else
#include <cpuid.h>

static int has_avx2(void)
{
    /* The name "f16c" is unknown to __builtin_cpu_supports of older compilers. */
    unsigned eax, ebx, ecx, edx;
    int f16c = __get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx & bit_F16C);
    return f16c && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
static int has_avx512(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}
#endif
#endif

const tanhshrink_target tanhshrink_targets[] = {
#ifdef TANHSHRINK_X86_TARGETS
    {"avx512", has_avx512, &tanhshrink_kernels_avx512},
    {"avx2", has_avx2, &tanhshrink_kernels_avx2},
#endif
    {"baseline", always, &tanhshrink_kernels_baseline},
};
const int tanhshrink_target_count = sizeof tanhshrink_targets / sizeof tanhshrink_targets[0];
