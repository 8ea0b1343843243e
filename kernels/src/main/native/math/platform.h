// What the headers of this folder need of a compiler: nvcc, clang for HIP, or the host's.
#pragma once

#include <stdint.h>
#include <string.h>

#if defined(__CUDACC__) || defined(__HIP__)
#define KV_FN static __host__ __device__ inline __attribute__((always_inline))
#define KV_DEVICE __device__ inline __attribute__((always_inline))
#else
#define KV_FN static inline
#define KV_DEVICE inline
#endif

namespace kvcache {

KV_FN uint32_t bitsOf(float x) {
#if defined(__CUDA_ARCH__)
  return __float_as_uint(x);
#else
  uint32_t bits;
  __builtin_memcpy(&bits, &x, 4);
  return bits;
#endif
}

KV_FN float floatOf(uint32_t bits) {
#if defined(__CUDA_ARCH__)
  return __uint_as_float(bits);
#else
  float x;
  __builtin_memcpy(&x, &bits, 4);
  return x;
#endif
}

// Sources are built without contraction, so that this is the only way to get one rounding.
KV_FN float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }

KV_FN float magnitude(float x) { return floatOf(bitsOf(x) & 0x7fffffffu); }

template <class T>
KV_FN constexpr T least(T a, T b) {
  return a < b ? a : b;
}

template <class T>
KV_FN constexpr T greatest(T a, T b) {
  return a > b ? a : b;
}

// Words that are loaded or stored at once.
template <int N>
struct alignas(4 * N) Words {
  uint32_t w[N];
};

template <int N>
KV_FN void loadWords(const void* from, uint32_t (&words)[N]) {
  if constexpr (N > 4) {
#pragma unroll
    for (int i = 0; i < N; i += 4) {
      Words<4> four = *(const Words<4>*)((const uint8_t*)from + 4 * i);
#pragma unroll
      for (int w = 0; w < 4; w++) {
        words[i + w] = four.w[w];
      }
    }
  } else {
    Words<N> all = *(const Words<N>*)from;
#pragma unroll
    for (int i = 0; i < N; i++) {
      words[i] = all.w[i];
    }
  }
}

constexpr uint32_t INFINITY_BITS = 0x7f800000u;
constexpr uint32_t NAN_BITS = 0x7fc00000u;

}  // namespace kvcache
