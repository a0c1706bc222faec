#include "simd_avx512.h"
#define TANHSHRINK_LOOPS tanhshrink_loops_avx512
#include "loops.h"
