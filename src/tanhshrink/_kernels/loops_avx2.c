#include "simd_avx2.h"
#define TANHSHRINK_LOOPS tanhshrink_loops_avx2
#include "loops.h"
