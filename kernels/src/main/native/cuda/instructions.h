// Matrix instructions of NVIDIA's tensor cores, and what they do, lane by lane, for the emulation
// (PTX ISA, "Matrix fragments for mma.m16n8k16", "movmatrix").
#pragma once

#include "../math/e4m3.h"
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
  // Numbers instead of halves, so that each is converted once: of register i at 2 i and 2 i + 1.
  uint32_t mine[12];
  for (int i = 0; i < 12; i++) {
    uint32_t word = i < 8 ? a[i / 2] : b[i / 2 - 4];
    mine[i] = bitsOf(number((uint16_t)(word >> (16 * (i % 2)))));
  }
  const emu::Exchanged* all = emu::exchange(mine, 12, tag);
  int lane = threadId() % 32;
  for (int i = 0; i < 4; i++) {
    int row = lane / 4 + 8 * (i / 2);
    int column = 2 * (lane % 4) + i % 2;
    float sum = d[i];
    for (int k = 0; k < 16; k++) {
      int quarter = k % 8 / 2;
      uint32_t x = all[row % 8 * 4 + quarter][2 * (row / 8 + 2 * (k / 8)) + k % 2];
      uint32_t y = all[column * 4 + quarter][2 * (4 + k / 8) + k % 2];
      sum += floatOf(x) * floatOf(y);
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

// D = A B for four warps: A 64x32, B 32x16 of E4M3, D 64x16 of binary32 (PTX ISA, "Register
// fragments for wgmma.mma_async.m64nNk32", "Strides, core matrices"). Of A, warp w has rows 16 w to
// 16 w + 15, as mma.m16n8k32: registers 0 and 2 hold row lane / 4, 1 and 3 row lane / 4 + 8; bytes
// 4 (lane % 4) and on, 2 and 3 16 further. B in shared memory: 8 columns by 16 bytes lie together,
// the next 16 bytes of k 128 further, the next 8 columns 256 further.
inline void wgmmaE4M3(float (&d)[8], const uint32_t (&a)[4], const uint8_t* b) {
  const emu::Exchanged* all = emu::exchange(a, 4, 7u << 24);
  int lane = threadId() % 32;
  for (int i = 0; i < 8; i++) {
    int row = lane / 4 + 8 * (i % 4 / 2);
    int column = 8 * (i / 4) + 2 * (lane % 4) + i % 2;
    float sum = 0;
    for (int k = 0; k < 32; k++) {
      uint32_t word = all[row % 8 * 4 + k % 16 / 4][row / 8 + 2 * (k / 16)];
      uint8_t y = b[column / 8 * 256 + k / 16 * 128 + column % 8 * 16 + k % 16];
      sum += fromE4M3((uint8_t)(word >> (8 * (k % 4)))) * fromE4M3(y);
    }
    d[i] = sum;
  }
}
inline void fenceForWarpgroup() {}
inline void beginWarpgroup() { syncBlock(); }
inline void endWarpgroup() {}
inline void settle(float (&)[8]) {}

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

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)

// Describes 16 columns of 32 bytes without swizzle: 128 bytes between the halves of k, 256 between
// groups of eight columns.
KV_DEVICE uint64_t describe(const uint8_t* b) {
  uint64_t at = ((uint32_t)__cvta_generic_to_shared(b) & 0x3ffffu) >> 4;
  return at | (uint64_t)(128 >> 4) << 16 | (uint64_t)(256 >> 4) << 32;
}

KV_DEVICE void wgmmaE4M3(float (&d)[8], const uint32_t (&a)[4], const uint8_t* b) {
  asm volatile(
      "{\n"
      ".reg .pred p;\n"
      "setp.ne.b32 p, 0, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n16k32.f32.e4m3.e4m3 {%0,%1,%2,%3,%4,%5,%6,%7}, "
      "{%8,%9,%10,%11}, %12, p, 1, 1;\n"
      "}\n"
      : "=f"(d[0]), "=f"(d[1]), "=f"(d[2]), "=f"(d[3]), "=f"(d[4]), "=f"(d[5]), "=f"(d[6]),
        "=f"(d[7])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(describe(b)));
}

// What threads have stored is for the asynchronous units too.
KV_DEVICE void fenceForWarpgroup() {
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  __syncthreads();
}
KV_DEVICE void beginWarpgroup() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
KV_DEVICE void endWarpgroup() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
  asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
}
// Results are not read before the wait.
KV_DEVICE void settle(float (&d)[8]) {
  asm volatile(""
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]), "+f"(d[4]), "+f"(d[5]),
                 "+f"(d[6]), "+f"(d[7])::"memory");
}

#else

// Never called: targets before and after have no such instructions.
KV_DEVICE void wgmmaE4M3(float (&)[8], const uint32_t (&)[4], const uint8_t*) {}
KV_DEVICE void fenceForWarpgroup() {}
KV_DEVICE void beginWarpgroup() {}
KV_DEVICE void endWarpgroup() {}
KV_DEVICE void settle(float (&)[8]) {}

#endif

#endif

}  // namespace kvcache::cuda
