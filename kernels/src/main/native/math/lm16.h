// lm16: eight magnitudes and a sign, E4M3 scales per 32: quant4bit/FORMATS.md, "lm16".
#pragma once

#include "e4m3.h"

namespace kvcache {

// 128 times the magnitudes.
constexpr uint32_t LM16_LEVELS[8] = {9, 26, 44, 64, 88, 112, 144, 192};

KV_FN uint32_t lm16Level(uint32_t code) {
  // Two words of bytes instead of an array, which would lie in memory.
  uint32_t half = (code & 4u) ? 0xc0907058u : 0x402c1a09u;
  return (half >> (8 * (code & 3u))) & 0xffu;
}

KV_FN float fromLm16(uint32_t code) {
  float value = (float)lm16Level(code & 7u) * 0x1p-7f;
  return (code & 8u) ? -value : value;
}

// The code of x in a group of this scale: the nearest magnitude, a tie to the smaller.
KV_FN uint32_t toLm16(float x, float scale) {
  float size = magnitude(x);
  uint32_t code = 0;
  for (uint32_t i = 0; i < 7; i++) {
    float midpoint = (float)(lm16Level(i) + lm16Level(i + 1)) * 0x1p-8f;
    code += size > midpoint * scale ? 1u : 0u;
  }
  return code | ((bitsOf(x) >> 28) & 8u);
}

// True if the greatest magnitude of a group becomes the greatest level.
KV_FN bool lm16Reaches(float amax, float scale) { return amax > 1.3125f * scale; }

// The first of three candidates.
KV_FN uint32_t lm16FirstScale(float amax) {
  int nearest = toE4M3(amax / 1.5f);
  return (uint32_t)least(greatest(nearest - 1, 1), 124);
}

KV_FN float lm16Difference(float x, float scale) {
  float size = magnitude(x);
  return fromLm16(toLm16(size, scale)) * scale - size;
}

}  // namespace kvcache
