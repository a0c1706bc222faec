#include "simd_avx512.h"
#define TANHSHRINK_KERNELS tanhshrink_kernels_avx512
#include "kernels.h"
