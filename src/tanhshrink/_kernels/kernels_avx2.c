#include "simd_avx2.h"
#define TANHSHRINK_KERNELS tanhshrink_kernels_avx2
#include "kernels.h"
