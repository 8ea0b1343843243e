// UE8M0 scales (OCP MX v1.0, section 5.4.1) and the rules that choose them for mxfp4:
// quant4bit/FORMATS.md, "mxfp4".
#pragma once

#include "platform.h"

namespace kvcache {

constexpr uint32_t UE8M0_NAN = 255;

// 2^(byte - 127); byte 0 is read as 0, which no group that we write can tell from 2^-127.
KV_FN float fromUE8M0(uint32_t byte) { return floatOf(byte == UE8M0_NAN ? NAN_BITS : byte << 23); }

// One over the scale, exact for byte 254 too.
KV_FN float inverseUE8M0(uint32_t byte) {
  return floatOf(byte == 254 ? 0x400000u : (254 - byte) << 23);
}

struct ScaleRule {
  uint32_t carry;  // moves the mantissa at which the exponent grows by one
  uint32_t below;
  uint32_t lowest;
};

// In the order of Rule in abi.h.
KV_FN ScaleRule scaleRule(int rule) {
  switch (rule) {
    case 0:
      return {0x200000u, 2, 0};  // t7
    case 1:
      return {0, 2, 0};  // ocp
    default:
      return {0x6ef3d4u, 3, 1};  // uq
  }
}

// The byte for a group whose greatest magnitude has these bits.
KV_FN uint32_t toUE8M0(ScaleRule rule, uint32_t amaxBits) {
  if (amaxBits >= INFINITY_BITS) {
    return UE8M0_NAN;
  }
  if (amaxBits == 0) {
    return 0;
  }
  uint32_t exponent = (amaxBits + rule.carry) >> 23;
  return exponent <= rule.below + rule.lowest ? rule.lowest : exponent - rule.below;
}

}  // namespace kvcache
