// Matrix instructions of NVIDIA's tensor cores, and what they do, lane by lane, for the emulation
// (PTX ISA, "Matrix fragments for mma.m16n8k16", "movmatrix").
#pragma once

#include "platform.h"

namespace kvcache::cuda {

#if defined(KV_EMULATED)

// D = A B + D for one warp: A 16x16, B 16x8 of 16-bit numbers, D 16x8 of binary32.
// A: registers 0 and 2 hold row lane / 4, 1 and 3 row lane / 4 + 8; columns 2 (lane % 4) and the
// next, 2 and 3 eight further. B: column lane / 4, rows as A's columns. D: row lane / 4 (+ 8 for the
// last two), columns 2 (lane % 4) and the next.
template <class Number>
inline void mma16816(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], Number number,
                     uint32_t tag) {
  uint32_t mine[6] = {a[0], a[1], a[2], a[3], b[0], b[1]};
  const emu::Exchanged* all = emu::exchange(mine, 6, tag);
  int lane = threadId() % 32;
  auto half = [](uint32_t word, int high) { return (uint16_t)(word >> (16 * high)); };
  for (int i = 0; i < 4; i++) {
    int row = lane / 4 + 8 * (i / 2);
    int column = 2 * (lane % 4) + i % 2;
    float sum = d[i];
    for (int k = 0; k < 16; k++) {
      int quarter = k % 8 / 2;
      uint32_t x = all[row % 8 * 4 + quarter][row / 8 + 2 * (k / 8)];
      uint32_t y = all[column * 4 + quarter][4 + k / 8];
      sum += number(half(x, k % 2)) * number(half(y, k % 2));
    }
    d[i] = sum;
  }
}

inline void mmaHalf(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  mma16816(d, a, b, fromHalf, 3u << 24);
}

inline void mmaBf16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  mma16816(d, a, b, fromBf16, 4u << 24);
}

// Transposes an 8x8 matrix of 16-bit numbers: row lane / 4, columns 2 (lane % 4) and the next.
inline uint32_t transpose(uint32_t x) {
  const emu::Exchanged* all = emu::exchange(&x, 1, 5u << 24);
  int lane = threadId() % 32;
  int row = lane / 4;
  int column = 2 * (lane % 4);
  auto at = [&](int r, int c) { return (all[r * 4 + c / 2][0] >> (16 * (c % 2))) & 0xffffu; };
  return at(column, row) | at(column + 1, row) << 16;
}

#else

KV_DEVICE void mmaHalf(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
      "{%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

KV_DEVICE void mmaBf16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, "
      "{%8,%9}, {%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

KV_DEVICE uint32_t transpose(uint32_t x) {
  uint32_t y;
  asm("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(y) : "r"(x));
  return y;
}

#endif

}  // namespace kvcache::cuda
