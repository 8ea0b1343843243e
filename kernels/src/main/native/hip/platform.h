// What simt/ needs of a compiler: clang for HIP, without ROCm's headers. emu/platform.h is its twin
// on the host. A wave has 64 lanes; what simt/ does in 32 stays in the halves of a wave.
#pragma once

#if defined(KV_EMULATED)
#include "../emu/platform.h"
#else

#define __host__ __attribute__((host))
#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __shared__ __attribute__((shared))

#include "../math/platform.h"
#include "../simt/abi.h"

// MIN_BLOCKS of a compute unit, whose four SIMDs share their waves.
#define KV_KERNEL_BODY(NAME, ARGS, THREADS, MIN_BLOCKS)                                       \
  extern "C" __global__ __attribute__((amdgpu_flat_work_group_size(THREADS, THREADS),         \
                                       amdgpu_waves_per_eu(((THREADS) * (MIN_BLOCKS) + 255) / \
                                                           256))) void                        \
  NAME(const ARGS args)
#define KV_KERNEL_END(NAME, ARGS, ...) \
  extern "C" __device__ __attribute__((used)) KernelInfo NAME##_info = __VA_ARGS__;

namespace kvcache {

extern __shared__ __attribute__((aligned(128))) uint8_t kvcacheShared[];

KV_DEVICE int threadId() { return (int)__builtin_amdgcn_workitem_id_x(); }
KV_DEVICE int blockX() { return (int)__builtin_amdgcn_workgroup_id_x(); }
KV_DEVICE int blockY() { return (int)__builtin_amdgcn_workgroup_id_y(); }
KV_DEVICE int blockZ() { return (int)__builtin_amdgcn_workgroup_id_z(); }

// The hidden arguments of code object version 5 begin with the number of blocks.
KV_DEVICE int gridSize(int dimension) {
  using Counts = const __attribute__((address_space(4))) uint32_t*;
  return (int)((Counts)__builtin_amdgcn_implicitarg_ptr())[dimension];
}
KV_DEVICE int gridX() { return gridSize(0); }
KV_DEVICE int gridY() { return gridSize(1); }
KV_DEVICE uint8_t* sharedBase() { return kvcacheShared; }

KV_DEVICE void syncBlock() {
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
  __builtin_amdgcn_s_barrier();
  __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
}
KV_DEVICE void syncWave() {
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "wavefront");
  __builtin_amdgcn_wave_barrier();
  __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "wavefront");
}

template <int CONTROL>
KV_DEVICE uint32_t movedInRow(uint32_t x) {
  return (uint32_t)__builtin_amdgcn_mov_dpp((int)x, CONTROL, 0xf, 0xf, true);
}

// With a constant mask, which all callers give, no more than its own case is left.
KV_DEVICE uint32_t shuffleXor(uint32_t x, int mask) {
  switch (mask) {
    case 1:
      return movedInRow<0xb1>(x);  // quad_perm 1, 0, 3, 2
    case 2:
      return movedInRow<0x4e>(x);  // quad_perm 2, 3, 0, 1
    case 4:
      return movedInRow<0x1b>(movedInRow<0x141>(x));  // row_half_mirror, quad_perm 3, 2, 1, 0
    case 8:
      return movedInRow<0x128>(x);  // row_ror 8
    case 16:
      return (uint32_t)__builtin_amdgcn_ds_swizzle((int)x, 0x401f);
    default:
      return (uint32_t)__builtin_amdgcn_ds_bpermute(4 * ((threadId() & 63) ^ mask), (int)x);
  }
}
KV_DEVICE float shuffleXor(float x, int mask) { return floatOf(shuffleXor(bitsOf(x), mask)); }
// x of lane `from` of these 32.
KV_DEVICE float broadcast(float x, int from) {
  int lane = (threadId() & 32) + from;
  return floatOf((uint32_t)__builtin_amdgcn_ds_bpermute(4 * lane, (int)bitsOf(x)));
}
KV_DEVICE bool anyLane(bool x) { return __builtin_amdgcn_ballot_w64(x) != 0; }

KV_DEVICE float exp2Fast(float x) { return __builtin_amdgcn_exp2f(x); }
KV_DEVICE float log2Fast(float x) { return __builtin_log2f(x); }

KV_DEVICE uint32_t packHalves(float low, float high) {
  using Pair = _Float16 __attribute__((ext_vector_type(2)));
  return __builtin_bit_cast(uint32_t, (Pair){(_Float16)low, (_Float16)high});
}
KV_DEVICE uint32_t packBf16(float low, float high) {
  using Pair = __bf16 __attribute__((ext_vector_type(2)));
  return __builtin_bit_cast(uint32_t, (Pair){(__bf16)low, (__bf16)high});
}
KV_DEVICE uint32_t mulHalves(uint32_t a, uint32_t b) {
  using Pair = _Float16 __attribute__((ext_vector_type(2)));
  return __builtin_bit_cast(uint32_t, __builtin_bit_cast(Pair, a) * __builtin_bit_cast(Pair, b));
}

// Byte i of the result is byte (selector >> 4i & 7) of the eight bytes of a (0 to 3) and b.
KV_DEVICE uint32_t bytePermute(uint32_t a, uint32_t b, uint32_t selector) {
  uint32_t pairs = (selector | selector << 8) & 0x00ff00ffu;
  return __builtin_amdgcn_perm(b, a, (pairs | pairs << 4) & 0x07070707u);
}

KV_DEVICE void fenceDevice() { __builtin_amdgcn_fence(__ATOMIC_SEQ_CST, "agent"); }
KV_DEVICE uint32_t atomicAddDevice(uint32_t* counter, uint32_t n) {
  return __hip_atomic_fetch_add(counter, n, __ATOMIC_RELAXED, __HIP_MEMORY_SCOPE_AGENT);
}
KV_DEVICE uint32_t atomicAddShared(uint32_t* counter, uint32_t n) {
  return __hip_atomic_fetch_add(counter, n, __ATOMIC_RELAXED, __HIP_MEMORY_SCOPE_WORKGROUP);
}
// Past this die's own cache, which may hold what was there before.
KV_DEVICE float loadDevice(const float* at) {
  return __hip_atomic_load(at, __ATOMIC_RELAXED, __HIP_MEMORY_SCOPE_AGENT);
}

}  // namespace kvcache

#endif
