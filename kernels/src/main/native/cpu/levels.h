// Levels of the four-bit formats by code, for look-ups.
#pragma once

#include <stdint.h>

namespace kvcache {

// 2 times E2M1.
constexpr int16_t E2M1_LEVELS[16] = {0, 1,  2,  3,  4,  6,  8,  12,
                                     0, -1, -2, -3, -4, -6, -8, -12};
// 128 times lm16's.
constexpr int16_t LM16_SIGNED[16] = {9,  26,  44,  64,  88,  112,  144,  192,
                                     -9, -26, -44, -64, -88, -112, -144, -192};

// Both as BF16, which holds them exactly.
constexpr uint16_t E2M1_BF16[16] = {0x0000, 0x3f00, 0x3f80, 0x3fc0, 0x4000, 0x4040,
                                    0x4080, 0x40c0, 0x8000, 0xbf00, 0xbf80, 0xbfc0,
                                    0xc000, 0xc040, 0xc080, 0xc0c0};
constexpr uint16_t LM16_BF16[16] = {0x3d90, 0x3e50, 0x3eb0, 0x3f00, 0x3f30, 0x3f60,
                                    0x3f90, 0x3fc0, 0xbd90, 0xbe50, 0xbeb0, 0xbf00,
                                    0xbf30, 0xbf60, 0xbf90, 0xbfc0};

// One byte of each of 16 words.
struct ByteTable {
  uint8_t of[16];

  template <class Word>
  constexpr ByteTable(const Word (&words)[16], int shift) : of() {
    for (int i = 0; i < 16; i++) {
      of[i] = (uint8_t)((uint16_t)words[i] >> shift);
    }
  }
};

}  // namespace kvcache
