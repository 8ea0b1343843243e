// FP16 and BF16, one number at a time and in pairs (the first in the low half of a word).
#pragma once

#include "platform.h"

namespace kvcache {

// Nearest even; NaN stays NaN.
KV_FN uint16_t toBf16(float x) {
  uint32_t bits = bitsOf(x);
  if ((bits & 0x7fffffffu) > INFINITY_BITS) {
    return (uint16_t)((bits >> 16) | 0x40);
  }
  return (uint16_t)((bits + 0x7fffu + ((bits >> 16) & 1)) >> 16);
}

KV_FN float fromBf16(uint16_t x) { return floatOf((uint32_t)x << 16); }

// Nearest even; what is beyond 65504 becomes infinity.
KV_FN uint16_t toHalf(float x) {
  uint32_t bits = bitsOf(x);
  uint32_t sign = (bits >> 16) & 0x8000u;
  uint32_t size = bits & 0x7fffffffu;
  if (size > INFINITY_BITS) {
    return (uint16_t)(sign | 0x7e00u | ((size >> 13) & 0x3ffu));
  }
  if (size >= 0x477ff000u) {  // 65520
    return (uint16_t)(sign | 0x7c00u);
  }
  if (size < 0x38800000u) {  // 2^-14: adding 0.5 leaves units of 2^-24
    return (uint16_t)(sign | (bitsOf(floatOf(size) + 0.5f) - bitsOf(0.5f)));
  }
  return (uint16_t)(sign | ((size + 0xfffu + ((size >> 13) & 1) - 0x38000000u) >> 13));
}

KV_FN float fromHalf(uint16_t x) {
  uint32_t sign = (uint32_t)(x & 0x8000u) << 16;
  uint32_t size = x & 0x7fffu;
  if (size >= 0x7c00u) {
    return floatOf(sign | INFINITY_BITS | ((size & 0x3ffu) << 13));
  }
  // Exact for subnormals too.
  return floatOf(sign | bitsOf(floatOf(size << 13) * 0x1p112f));
}

}  // namespace kvcache
