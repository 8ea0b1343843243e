// Copies from global to shared memory that go past the registers (gfx950). Clang 20 waits for all of
// them before any read of shared memory, so it is not told of them: the order of vmcnt is kept here.
#pragma once

#include "platform.h"
#include "registers.h"

namespace kvcache::hip {

constexpr int PIECE_BYTES = 1024;  // a wave's 64 lanes of 16 bytes

constexpr int pieces(int bytes) { return (bytes + PIECE_BYTES - 1) / PIECE_BYTES; }

#if defined(KV_EMULATED)

// Each piece is a group: the hardware counts pieces too.
template <int BYTES>
inline void copyPiece(uint8_t* shared, const uint8_t* global, int lane) {
  if (16 * lane < BYTES) {
    copyAsync<16>(shared + 16 * lane, global + 16 * lane);
  }
  commitAsync();
}

template <int PIECES>
inline void waitForAllBut() {
  waitAsync<PIECES>();
}

inline int uniform(int x) { return x; }
inline int32_t loadUniform(const int32_t* at) { return *at; }

#else

// What all lanes have alike, in a scalar register.
KV_DEVICE int uniform(int x) { return __builtin_amdgcn_readfirstlane(x); }
// What no one writes while the kernel runs, at an address that all lanes have alike: through the
// scalar cache, since vmcnt would wait for all copies before it.
KV_DEVICE int32_t loadUniform(const int32_t* at) {
  return *(const __attribute__((address_space(4))) int32_t*)(uintptr_t)at;
}

#if defined(KV_CDNA4)

// Lane l writes 16 bytes at the place in M0 and 16 l bytes beyond it. The wait lets earlier reads
// of the place end; a scalar register that a vector instruction wrote needs five states, and M0
// one, before an address may use it, which clang does not see to inside of assembly.
template <int BYTES>
KV_DEVICE void copyPiece(uint8_t* shared, const uint8_t* global, int lane) {
  using Shared = __attribute__((address_space(3))) uint8_t;
  uint32_t place = (uint32_t)(uintptr_t)(Shared*)shared;
  if (BYTES >= PIECE_BYTES || 16 * lane < BYTES) {
    asm volatile(
        "s_waitcnt lgkmcnt(0)\n\t"
        "s_mov_b32 m0, %0\n\t"
        "s_nop 4\n\t"
        "global_load_lds_dwordx4 %1, %2"
        :
        : "s"(__builtin_amdgcn_readfirstlane((int)place)), "v"(16 * lane), "s"(global)
        : "memory");
  }
}

// PIECES: of this wave that may still be under way. Six bits count.
template <int PIECES>
KV_DEVICE void waitForAllBut() {
  asm volatile("s_waitcnt vmcnt(%0)" ::"n"(PIECES < 63 ? PIECES : 63) : "memory");
}

#endif
#endif

}  // namespace kvcache::hip
