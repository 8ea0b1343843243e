// How stored codes become operands of 16-bit matrix instructions. A format names its bits, the order
// in which eight neighbouring elements of a key leave a word, and what the operands lack to be the
// values. Values come as pairs of one element of two tokens. Nothing here goes through a table in
// memory or a conversion of single elements.
#pragma once

#include "../math/e2m1.h"
#include "../math/e4m3.h"
#include "../math/lm16.h"
#include "../math/ue8m0.h"

namespace kvcache {

// Places byte i of word a, and that of b, in the upper byte of each half.
KV_DEVICE uint32_t upperBytes(uint32_t a, uint32_t b, int i) {
  return bytePermute(a, b, (uint32_t)(i << 4 | (4 + i) << 12));
}

// Two bytes of E4M3 in the upper bytes of halves, 2^-8 times as large.
KV_DEVICE uint32_t e4m3UpperToHalves(uint32_t word) {
  return (word & 0x80008000u) | ((word >> 1) & 0x3f803f80u);
}

// Values whose words need no preparation.
struct AsStored {
  template <int N>
  KV_DEVICE static void unpack(const uint32_t (&raw)[N], uint32_t (&words)[N]) {
#pragma unroll
    for (int i = 0; i < N; i++) {
      words[i] = raw[i];
    }
  }
};

struct Mxfp4 : AsStored {
  static constexpr int BITS = 4;
  static constexpr int UNPACKED_BITS = 4;
  static constexpr bool SCALED = true;
  static constexpr bool FLOATING = true;  // scales of values reach farther than FP16
  static constexpr bool IS_BF16 = false;
  static constexpr float KEY_UNIT = 0x1p14f;
  static constexpr float VALUE_UNIT = 1;  // the scale makes up for it

  static constexpr int order(int place) { return place / 2 + 4 * (place % 2); }

  KV_DEVICE static void keys(const uint32_t (&word)[1], uint32_t (&pairs)[4]) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      pairs[i] = e2m1ToHalves(word[0] << (12 - 4 * i));
    }
  }

  KV_DEVICE static float keyScale(uint32_t byte) { return fromUE8M0(byte); }

  template <int N>
  KV_DEVICE static uint32_t value(const uint32_t (&a)[N], const uint32_t (&b)[N], int element) {
    uint32_t both = upperBytes(a[element / 8], b[element / 8], element / 2 % 4);
    return e2m1ToHalves(element % 2 == 0 ? both << 4 : both);
  }

  // The exponent of a scale, of NaN the least.
  KV_DEVICE static int exponent(uint32_t byte) {
    return byte == UE8M0_NAN ? -127 : (int)byte - 127;
  }

  // 2^(exponent - reference + 14): operands become value * 2^-reference.
  KV_DEVICE static uint32_t valueScale(uint32_t byte, int reference) {
    int half = least(greatest((int)byte - 98 - reference, 0), 30);
    return byte == UE8M0_NAN ? 0x7e00u : (uint32_t)half << 10;
  }
};

struct Fp8 : AsStored {
  static constexpr int BITS = 8;
  static constexpr int UNPACKED_BITS = 8;
  static constexpr bool SCALED = false;
  static constexpr bool FLOATING = false;
  static constexpr bool IS_BF16 = false;
  static constexpr float KEY_UNIT = 0x1p8f;
  static constexpr float VALUE_UNIT = 0x1p8f;

  static constexpr int order(int place) {
    return place / 4 * 4 + (place / 2) % 2 + 2 * (place % 2);
  }

  KV_DEVICE static void keys(const uint32_t (&words)[2], uint32_t (&pairs)[4]) {
#pragma unroll
    for (int i = 0; i < 2; i++) {
      pairs[2 * i] = e4m3ToHalves(words[i]);
      pairs[2 * i + 1] = e4m3ToHalves(words[i] >> 8);
    }
  }

  template <int N>
  KV_DEVICE static uint32_t value(const uint32_t (&a)[N], const uint32_t (&b)[N], int element) {
    return e4m3UpperToHalves(upperBytes(a[element / 4], b[element / 4], element % 4));
  }
};

// Codes become E4M3 numbers 128 times as large by a look-up of four at a time in two registers.
struct Lm16 {
  static constexpr int BITS = 4;
  static constexpr int UNPACKED_BITS = 8;
  static constexpr bool SCALED = true;
  static constexpr bool FLOATING = false;
  static constexpr bool IS_BF16 = false;
  static constexpr float KEY_UNIT = 0x1p8f / 128;
  static constexpr float VALUE_UNIT = 0x1p8f / 128;

  static constexpr int order(int place) { return Fp8::order(place); }

  // Codes 0 to 3 of the low half of a word.
  KV_DEVICE static uint32_t toE4M3Bytes(uint32_t codes) {
    uint32_t size = bytePermute(0x68635d51u, 0x74716e6bu, codes & 0x7777u);
    uint32_t twice = bytePermute(codes, codes, 0x1100u);
    return size | (twice & 0x80008000u) | ((twice << 4) & 0x00800080u);
  }

  KV_DEVICE static void keys(const uint32_t (&word)[1], uint32_t (&pairs)[4]) {
    uint32_t words[2] = {toE4M3Bytes(word[0]), toE4M3Bytes(word[0] >> 16)};
    Fp8::keys(words, pairs);
  }

  KV_DEVICE static float keyScale(uint32_t byte) { return fromE4M3((uint8_t)byte); }

  template <int N, int M>
  KV_DEVICE static void unpack(const uint32_t (&raw)[N], uint32_t (&words)[M]) {
#pragma unroll
    for (int i = 0; i < M; i++) {
      words[i] = toE4M3Bytes(raw[i / 2] >> (16 * (i % 2)));
    }
  }

  template <int N>
  KV_DEVICE static uint32_t value(const uint32_t (&a)[N], const uint32_t (&b)[N], int element) {
    return Fp8::value(a, b, element);
  }

  // As FP16, 2^-8 times as large, subnormals included; scaled() makes up for it.
  KV_DEVICE static uint32_t valueScale(uint32_t byte, int) {
    uint32_t half = (byte & 0x80u) << 8 | (byte & 0x7fu) << 7;
    return (byte & 0x7fu) == E4M3_NAN ? 0x7e00u : half;
  }
};

// 16-bit numbers as they are: bf16 blocks, and fresh rows brought to 16 bits.
template <bool BF16_>
struct Plain : AsStored {
  static constexpr int BITS = 16;
  static constexpr int UNPACKED_BITS = 16;
  static constexpr bool SCALED = false;
  static constexpr bool FLOATING = false;
  static constexpr bool IS_BF16 = BF16_;
  static constexpr float KEY_UNIT = 1;
  static constexpr float VALUE_UNIT = 1;

  static constexpr int order(int place) { return place; }

  KV_DEVICE static void keys(const uint32_t (&words)[4], uint32_t (&pairs)[4]) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      pairs[i] = words[i];
    }
  }

  template <int N>
  KV_DEVICE static uint32_t value(const uint32_t (&a)[N], const uint32_t (&b)[N], int element) {
    return bytePermute(a[element / 2], b[element / 2], element % 2 == 0 ? 0x5410u : 0x7632u);
  }
};

using Bf16 = Plain<true>;
using Half = Plain<false>;

// Words that hold the eight elements of a key that a lane has of each 32.
template <class F>
constexpr int KEY_WORDS = F::BITS / 4;

// The scales of two tokens as a pair of FP16 numbers.
template <class F>
KV_DEVICE uint32_t valueScales(uint32_t first, uint32_t second, int reference) {
  uint32_t pair = F::valueScale(first, reference) | F::valueScale(second, reference) << 16;
  return F::FLOATING ? pair : mulHalves(pair, 0x5c005c00u);  // times 256
}

// 16 tokens of one KV head, as they lie in a stage: planes without gaps between them.
template <class KF, class VF, int D>
struct ChunkShape {
  static constexpr int TOKENS = 16;
  static constexpr int KEY_ROW = D * KF::BITS / 8;
  static constexpr int VALUE_ROW = D * VF::BITS / 8;
  static constexpr int GROUPS = D / 32;
  static constexpr int KEY_SCALES = TOKENS * KEY_ROW;
  static constexpr int VALUE_CODES = KEY_SCALES + (KF::SCALED ? TOKENS * GROUPS : 0);
  static constexpr int VALUE_SCALES = VALUE_CODES + TOKENS * VALUE_ROW;
  static constexpr int BYTES = VALUE_SCALES + (VF::SCALED ? TOKENS * GROUPS : 0);
};

}  // namespace kvcache
