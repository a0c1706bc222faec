#include "simd_scalar.h"
#define TANHSHRINK_LOOPS tanhshrink_loops_baseline
#include "loops.h"
