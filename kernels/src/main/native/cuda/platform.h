// What simt/ needs of a compiler: CUDA. emu/platform.h is its twin on the host.
#pragma once

#if defined(KV_EMULATED)
#include "../emu/platform.h"
#else

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "../math/platform.h"
#include "../simt/abi.h"

#define KV_KERNEL_BODY(NAME, ARGS, THREADS, MIN_BLOCKS)                 \
  extern "C" __global__ void __launch_bounds__(THREADS, MIN_BLOCKS) NAME( \
      const __grid_constant__ ARGS args)
#define KV_KERNEL_END(NAME, ARGS, ...) extern "C" __device__ KernelInfo NAME##_info = __VA_ARGS__;

namespace kvcache {

extern __shared__ __align__(128) uint8_t kvcacheShared[];

KV_DEVICE int threadId() { return (int)threadIdx.x; }
KV_DEVICE int blockX() { return (int)blockIdx.x; }
KV_DEVICE int blockY() { return (int)blockIdx.y; }
KV_DEVICE int blockZ() { return (int)blockIdx.z; }
KV_DEVICE int gridX() { return (int)gridDim.x; }
KV_DEVICE int gridY() { return (int)gridDim.y; }
KV_DEVICE uint8_t* sharedBase() { return kvcacheShared; }

KV_DEVICE void syncBlock() { __syncthreads(); }
KV_DEVICE void syncWave() { __syncwarp(); }

KV_DEVICE uint32_t shuffleXor(uint32_t x, int mask) {
  return __shfl_xor_sync(0xffffffffu, x, mask);
}
KV_DEVICE float shuffleXor(float x, int mask) { return __shfl_xor_sync(0xffffffffu, x, mask); }
// x of lane `from` of these 32.
KV_DEVICE float broadcast(float x, int from) { return __shfl_sync(0xffffffffu, x, from); }
KV_DEVICE bool anyLane(bool x) { return __any_sync(0xffffffffu, x) != 0; }

KV_DEVICE float exp2Fast(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
KV_DEVICE float log2Fast(float x) { return log2f(x); }

KV_DEVICE uint32_t packHalves(float low, float high) {
  uint32_t pair;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
}
KV_DEVICE uint32_t packBf16(float low, float high) {
  uint32_t pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
}
KV_DEVICE uint32_t mulHalves(uint32_t a, uint32_t b) {
  uint32_t product;
  asm("mul.rn.f16x2 %0, %1, %2;" : "=r"(product) : "r"(a), "r"(b));
  return product;
}
KV_DEVICE uint32_t bytePermute(uint32_t a, uint32_t b, uint32_t selector) {
  return __byte_perm(a, b, selector);
}

template <int BYTES>
KV_DEVICE void copyAsync(void* shared, const void* global) {
  uint32_t to = (uint32_t)__cvta_generic_to_shared(shared);
  asm volatile("cp.async.cg.shared.global [%0], [%1], %2;" ::"r"(to), "l"(global), "n"(BYTES)
               : "memory");
}
KV_DEVICE void commitAsync() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int GROUPS_LEFT>
KV_DEVICE void waitAsync() {
  asm volatile("cp.async.wait_group %0;" ::"n"(GROUPS_LEFT) : "memory");
}

KV_DEVICE void fenceDevice() { __threadfence(); }
KV_DEVICE uint32_t atomicAddDevice(uint32_t* counter, uint32_t n) { return atomicAdd(counter, n); }
KV_DEVICE uint32_t atomicAddShared(uint32_t* counter, uint32_t n) { return atomicAdd(counter, n); }
// Past this multiprocessor's own cache, which may hold what was there before.
KV_DEVICE float loadDevice(const float* at) { return __ldcg(at); }

}  // namespace kvcache

#endif
