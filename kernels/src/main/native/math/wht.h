// The orthonormal Walsh-Hadamard transform in Sylvester's order, over lanes that hold N neighbouring
// elements each. Butterflies run with strides 1, 2, 4, ... and the factor last, so that every
// implementation rounds alike (quant4bit/FORMATS.md, "Schemes").
#pragma once

#include "platform.h"

namespace kvcache {

// exchange(x, mask) is x of the lane whose number differs in the bits of mask.
template <int N, int LANES, class Exchange>
KV_DEVICE void walshHadamard(float (&x)[N], int lane, Exchange exchange) {
#pragma unroll
  for (int stride = 1; stride < N; stride *= 2) {
#pragma unroll
    for (int i = 0; i < N; i++) {
      if ((i & stride) == 0) {
        float a = x[i];
        float b = x[i + stride];
        x[i] = a + b;
        x[i + stride] = a - b;
      }
    }
  }
#pragma unroll
  for (int mask = 1; mask < LANES; mask *= 2) {
#pragma unroll
    for (int i = 0; i < N; i++) {
      float other = exchange(x[i], mask);
      x[i] = (lane & mask) ? other - x[i] : x[i] + other;
    }
  }
  // (float) (1 / sqrt(n)): nearest binary32 for the odd powers of two.
  constexpr int DIM = N * LANES;
  constexpr float FACTOR = DIM == 32    ? 0x1.6a09e6p-3f
                           : DIM == 64  ? 0x1p-3f
                           : DIM == 128 ? 0x1.6a09e6p-4f
                           : DIM == 256 ? 0x1p-4f
                                        : 0x1.6a09e6p-5f;
#pragma unroll
  for (int i = 0; i < N; i++) {
    x[i] *= FACTOR;
  }
}

}  // namespace kvcache
