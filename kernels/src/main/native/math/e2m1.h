// FP4 E2M1 (OCP MX v1.0, section 5.3.3): 0, 0.5, 1, 1.5, 2, 3, 4, 6 and a sign.
#pragma once

#include "platform.h"

namespace kvcache {

// Nearest even, saturating at 6, the sign of zero kept; NaN becomes 0.
KV_FN uint32_t toE2M1(float x) {
  uint32_t bits = bitsOf(x);
  uint32_t size = bits & 0x7fffffffu;
  if (size > INFINITY_BITS) {
    return 0;
  }
  uint32_t code = size < 0x3f800000u ? bitsOf(floatOf(size) + 0x1p22f) - bitsOf(0x1p22f)
                                     : ((size + 0x1fffffu + ((size >> 22) & 1)) >> 22) - 252u;
  return ((bits >> 28) & 8u) | least(code, 7u);
}

// Nearest, a tie to the lower signed level, never -0: UltraQuant's.
KV_FN uint32_t toE2M1TiesDown(float x) {
  uint32_t bits = bitsOf(x);
  uint32_t size = bits & 0x7fffffffu;
  if (size > INFINITY_BITS) {
    return 0;
  }
  uint32_t positive = (bits >> 31) ^ 1u;
  uint32_t code = size < 0x3f800000u ? (size >= 0x3e800000u + positive ? 1u : 0u) +
                                           (size >= 0x3f400000u + positive ? 1u : 0u)
                                     : ((size + 0x200000u - positive) >> 22) - 252u;
  return code == 0 ? 0 : ((bits >> 28) & 8u) | least(code, 7u);
}

KV_FN float fromE2M1(uint32_t code) {
  uint32_t size = code & 7u;
  // As a binary32 subnormal or normal number with two mantissa bits fewer, scaled up exactly.
  float value = floatOf(size << 22) * 0x1p126f;
  return (code & 8u) ? -value : value;
}

// Each 16-bit half of a word has a code in bits 12 to 15: as FP16 numbers 2^-14 times as large,
// subnormals included. Two numbers for three operations.
KV_FN uint32_t e2m1ToHalves(uint32_t word) {
  return (word & 0x80008000u) | ((word >> 3) & 0x0e000e00u);
}

// The even elements of a word of eight codes as E4M3 bytes 2^-6 times as large, and the odd ones.
KV_FN uint32_t e2m1EvenToE4M3(uint32_t word) {
  return ((word << 4) & 0x80808080u) | ((word << 2) & 0x1c1c1c1cu);
}
KV_FN uint32_t e2m1OddToE4M3(uint32_t word) {
  return (word & 0x80808080u) | ((word >> 2) & 0x1c1c1c1cu);
}

}  // namespace kvcache
