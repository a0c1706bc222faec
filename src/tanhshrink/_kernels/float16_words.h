/* float16 and bfloat16 on GPUs: two elements in a word, the first in its lower half. */
#ifndef TANHSHRINK_FLOAT16_WORDS_H
#define TANHSHRINK_FLOAT16_WORDS_H

#include "float16.h"

#define SIGNS_16BIT 0x80008000u

TANHSHRINK_INLINE float f32_from_lower_f16(uint32_t x) { return f32_from_f16((uint16_t)x); }
TANHSHRINK_INLINE float f32_from_upper_f16(uint32_t x) { return f32_from_f16((uint16_t)(x >> 16)); }
TANHSHRINK_INLINE float f32_from_lower_bf16(uint32_t x) { return f32_from_bits(x << 16); }
TANHSHRINK_INLINE float f32_from_upper_bf16(uint32_t x) { return f32_from_bits(x & 0xffff0000u); }

TANHSHRINK_INLINE uint32_t tanhshrink_f16_word(uint32_t x)
{
    float lower = tanhshrink_16bit_magnitude(f32_from_lower_f16(x));
    float upper = tanhshrink_16bit_magnitude(f32_from_upper_f16(x));
    return (x & SIGNS_16BIT) | f16_word_from_f32(lower, upper);
}
TANHSHRINK_INLINE uint32_t tanhshrink_bf16_word(uint32_t x)
{
    float lower = tanhshrink_16bit_magnitude(f32_from_lower_bf16(x));
    float upper = tanhshrink_16bit_magnitude(f32_from_upper_bf16(x));
    return (x & SIGNS_16BIT) | bf16_word_from_f32(lower, upper);
}
TANHSHRINK_INLINE uint32_t tanhshrink_grad_f16_word(uint32_t x)
{
    float lower = tanhshrink_grad_16bit(f32_from_lower_f16(x));
    return f16_word_from_f32(lower, tanhshrink_grad_16bit(f32_from_upper_f16(x)));
}
TANHSHRINK_INLINE uint32_t tanhshrink_grad_bf16_word(uint32_t x)
{
    float lower = tanhshrink_grad_16bit(f32_from_lower_bf16(x));
    return bf16_word_from_f32(lower, tanhshrink_grad_16bit(f32_from_upper_bf16(x)));
}

#endif
