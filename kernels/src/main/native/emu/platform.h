// What simt/ needs of a compiler, on the emulated GPU. The twin of cuda/platform.h and
// hip/platform.h.
#pragma once

#include <math.h>
#include <string.h>

#include "../math/half.h"
#include "../math/platform.h"
#include "../simt/abi.h"
#include "emu.h"

#define KV_KERNEL_BODY(NAME, ARGS, THREADS, MIN_BLOCKS) static void NAME##_body(const ARGS& args)
#define KV_KERNEL_END(NAME, ARGS, ...)                                                     \
  static const KernelInfo NAME##_info = __VA_ARGS__;                                       \
  static const emu::Registration NAME##_registration(                                      \
      KV_EMULATED, #NAME, [](const void* args) { NAME##_body(*(const ARGS*)args); },       \
      &NAME##_info, sizeof(ARGS));

namespace kvcache {

inline int threadId() { return (int)emu::threadIndex(); }
inline int blockX() { return (int)emu::blockIndex().x; }
inline int blockY() { return (int)emu::blockIndex().y; }
inline int blockZ() { return (int)emu::blockIndex().z; }
inline int gridX() { return (int)emu::gridSize().x; }
inline int gridY() { return (int)emu::gridSize().y; }
inline uint8_t* sharedBase() { return emu::sharedMemory(); }

// A source line names the operation.
inline void syncBlockAt(uint32_t line) { emu::meetBlock(line); }
inline void syncWaveAt(uint32_t line) { emu::meetWave(line | 1u << 31); }
#define syncBlock() syncBlockAt(__LINE__)
#define syncWave() syncWaveAt(__LINE__)

inline uint32_t shuffleXor(uint32_t x, int mask) {
  const emu::Exchanged* all = emu::exchange(&x, 1, 1u << 24 | (uint32_t)mask);
  return all[(emu::threadIndex() % emu::waveLanes()) ^ (uint32_t)mask][0];
}
inline float shuffleXor(float x, int mask) { return floatOf(shuffleXor(bitsOf(x), mask)); }

// x of lane `from` of these 32.
inline float broadcast(float x, int from) {
  uint32_t word = bitsOf(x);
  const emu::Exchanged* all = emu::exchange(&word, 1, 6u << 24);
  return floatOf(all[emu::threadIndex() % emu::waveLanes() / 32 * 32 + (uint32_t)from][0]);
}

inline bool anyLane(bool x) {
  uint32_t word = x;
  const emu::Exchanged* all = emu::exchange(&word, 1, 2u << 24);
  uint32_t any = 0;
  for (uint32_t i = 0; i < emu::waveLanes(); i++) {
    any |= all[i][0];
  }
  return any != 0;
}

inline float exp2Fast(float x) { return exp2f(x); }
inline float log2Fast(float x) { return log2f(x); }

inline uint32_t packHalves(float low, float high) {
  return toHalf(low) | (uint32_t)toHalf(high) << 16;
}
inline uint32_t packBf16(float low, float high) {
  return toBf16(low) | (uint32_t)toBf16(high) << 16;
}
inline uint32_t mulHalves(uint32_t a, uint32_t b) {
  float low = fromHalf((uint16_t)a) * fromHalf((uint16_t)b);
  float high = fromHalf((uint16_t)(a >> 16)) * fromHalf((uint16_t)(b >> 16));
  return packHalves(low, high);
}

// Byte i of the result is byte (selector >> 4i & 7) of the eight bytes of a (0 to 3) and b.
inline uint32_t bytePermute(uint32_t a, uint32_t b, uint32_t selector) {
  uint64_t both = a | (uint64_t)b << 32;
  uint32_t result = 0;
  for (int i = 0; i < 4; i++) {
    result |= (uint32_t)(both >> (8 * ((selector >> (4 * i)) & 7)) & 0xff) << (8 * i);
  }
  return result;
}

template <int BYTES>
inline void copyAsync(void* shared, const void* global) {
  emu::copyAsync(shared, global, BYTES);
}
inline void commitAsync() { emu::commitAsync(); }
template <int GROUPS_LEFT>
inline void waitAsync() {
  emu::waitAsync(GROUPS_LEFT);
}

inline void fenceDevice() {}
inline uint32_t atomicAddDevice(uint32_t* counter, uint32_t n) {
  uint32_t before = *counter;
  *counter += n;
  return before;
}
inline uint32_t atomicAddShared(uint32_t* counter, uint32_t n) {
  return atomicAddDevice(counter, n);
}
inline float loadDevice(const float* at) { return *at; }

}  // namespace kvcache
