// Matrix instructions of CDNA3 (gfx942) and CDNA4 (gfx950). A wave of 64 lanes computes
// D = A * B + C, 16 by 16; lane l is written as row or column l % 16 and quarter l / 16.
//
//   C, D:  register i has row 4 * quarter + i, column l % 16
//   A, B of 16-bit numbers: element i has row (column) l % 16, k = 4 * quarter + i
//   A of E2M1: element i has row l % 16, k = 32 * quarter + i, the even one in the low nibble
//   A, B of E4M3: element i has row (column) l % 16, k = 64 * (i / 16) + 16 * quarter + i % 16
//   scales: the low byte is UE8M0 of row (column) l % 16, k from 32 * quarter on, in all formats
//
// On the host emulated.h computes them.
#pragma once

#include "platform.h"
#include "registers.h"

#if defined(KV_EMULATED)

#include "emulated.h"

namespace kvcache::hip {

// Lanes give their A, B and scales to all and compute their own part of D.
template <class A, class B, class WordsA, class WordsB>
inline Float4 meet(WordsA a, WordsB b, Float4 c, uint32_t scaleA, uint32_t scaleB, uint32_t tag) {
  constexpr int WORDS = A::WORDS + B::WORDS;
  uint32_t mine[WORDS + 2];
  memcpy(mine, &a, sizeof a);
  memcpy(mine + A::WORDS, &b, sizeof b);
  mine[WORDS] = scaleA;
  mine[WORDS + 1] = scaleB;
  const uint32_t* all = emu::exchange(mine, WORDS + 2, tag)[0];
  constexpr int STRIDE = emu::EXCHANGE_WORDS;
  return emulated::multiply<A, B>({all, STRIDE}, {all + A::WORDS, STRIDE}, {all + WORDS, STRIDE},
                                  {all + WORDS + 1, STRIDE}, c, threadId() % 64);
}

inline Float4 mfmaHalves(Word2 a, Word2 b, Float4 c) {
  return meet<emulated::Half, emulated::Half>(a, b, c, 0, 0, 16u << 24);
}

inline Float4 mfmaBf16(Word2 a, Word2 b, Float4 c) {
  return meet<emulated::Bf16, emulated::Bf16>(a, b, c, 0, 0, 17u << 24);
}

inline Float4 mfmaScaledE2M1(Word4 a, Word8 b, Float4 c, uint32_t scaleA, uint32_t scaleB) {
  return meet<emulated::E2M1, emulated::E4M3>(a, b, c, scaleA, scaleB, 18u << 24);
}

inline Float4 mfmaScaledE4M3(Word8 a, Word8 b, Float4 c, uint32_t scaleA, uint32_t scaleB) {
  return meet<emulated::E4M3, emulated::E4M3>(a, b, c, scaleA, scaleB, 19u << 24);
}

}  // namespace kvcache::hip

#else

namespace kvcache::hip {

KV_DEVICE Float4 mfmaHalves(Word2 a, Word2 b, Float4 c) {
  using Halves = _Float16 __attribute__((vector_size(8)));
  return __builtin_amdgcn_mfma_f32_16x16x16f16((Halves)a, (Halves)b, c, 0, 0, 0);
}

KV_DEVICE Float4 mfmaBf16(Word2 a, Word2 b, Float4 c) {
  using Shorts = short __attribute__((vector_size(8)));
  return __builtin_amdgcn_mfma_f32_16x16x16bf16_1k((Shorts)a, (Shorts)b, c, 0, 0, 0);
}

#if defined(KV_CDNA4)

// Clang 20 loses op_sel, so that only the low byte of a scale can be used; and it keeps what is
// equal in all lanes in a scalar register or a constant, of which the hardware takes other bits.
KV_DEVICE int vectorRegister(uint32_t scale) {
  asm volatile("" : "+v"(scale));
  return (int)scale;
}

using Ints = int __attribute__((vector_size(32)));

KV_DEVICE Ints joined(Word8 words) {
  return (Ints)__builtin_shufflevector(words.low, words.high, 0, 1, 2, 3, 4, 5, 6, 7);
}

// A is E2M1, B is E4M3.
KV_DEVICE Float4 mfmaScaledE2M1(Word4 a, Word8 b, Float4 c, uint32_t scaleA, uint32_t scaleB) {
  Ints wide = (Ints)__builtin_shufflevector(a, a, 0, 1, 2, 3, -1, -1, -1, -1);
  return __builtin_amdgcn_mfma_scale_f32_16x16x128_f8f6f4(
      wide, joined(b), c, 4, 0, 0, vectorRegister(scaleA), 0, vectorRegister(scaleB));
}

// Both are E4M3.
KV_DEVICE Float4 mfmaScaledE4M3(Word8 a, Word8 b, Float4 c, uint32_t scaleA, uint32_t scaleB) {
  return __builtin_amdgcn_mfma_scale_f32_16x16x128_f8f6f4(
      joined(a), joined(b), c, 0, 0, 0, vectorRegister(scaleA), 0, vectorRegister(scaleB));
}

#endif

}  // namespace kvcache::hip

#endif
