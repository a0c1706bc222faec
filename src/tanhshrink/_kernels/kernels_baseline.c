#include "simd_scalar.h"
#define TANHSHRINK_KERNELS tanhshrink_kernels_baseline
#include "kernels.h"
