// FP8 E4M3 (OCP OFP8): quant4bit/FORMATS.md, "Element types".
#pragma once

#include "platform.h"

namespace kvcache {

constexpr uint32_t E4M3_NAN = 0x7f;

// Nearest even, saturating at 448, infinities too; NaN keeps its sign.
KV_FN uint8_t toE4M3(float x) {
  uint32_t bits = bitsOf(x);
  uint32_t size = bits & 0x7fffffffu;
  uint32_t code;
  if (size < 0x3c800000u) {  // 2^-6: floats as large as 2^14 lie 2^-9 apart
    code = bitsOf(floatOf(size) + 0x1p14f) - bitsOf(0x1p14f);
  } else {
    code = least(((size + 0x7ffffu + ((size >> 20) & 1)) >> 20) - (120u << 3), 0x7eu);
  }
  return (uint8_t)(((bits >> 24) & 0x80u) | (size > INFINITY_BITS ? E4M3_NAN : code));
}

KV_FN float fromE4M3(uint8_t code) {
  uint32_t size = code & 0x7fu;
  uint32_t bits = size == E4M3_NAN ? NAN_BITS : bitsOf(floatOf(size << 20) * 0x1p120f);
  return floatOf(bits | (uint32_t)(code & 0x80u) << 24);
}

// Bytes 0 and 2 of a word, as a pair of FP16 numbers 2^-8 times as large. NaN is not kept.
KV_FN uint32_t e4m3ToHalves(uint32_t word) {
  return ((word & 0x00800080u) << 8) | ((word & 0x007f007fu) << 7);
}

}  // namespace kvcache
