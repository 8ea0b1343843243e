// Queries of a tile: from memory to the basis of the stored keys, to the operands of scores.
#pragma once

#include "../math/half.h"
#include "../math/wht.h"

namespace kvcache {

struct ExchangeLanes {
  KV_DEVICE float operator()(float x, int mask) const { return shuffleXor(x, mask); }
};

KV_DEVICE float loadElement(const void* array, int type, int64_t index) {
  if (type == F32) {
    return ((const float*)array)[index];
  }
  uint16_t bits = ((const uint16_t*)array)[index];
  return type == F16 ? fromHalf(bits) : fromBf16(bits);
}

// A query row over 32 lanes, each with D / 32 neighbouring elements.
template <int D>
struct QueryRow {
  static constexpr int N = D / 32;
  float x[N];

  // factor may be null.
  KV_DEVICE void read(const void* q, int type, int64_t offset, const float* factor, int lane) {
#pragma unroll
    for (int i = 0; i < N; i++) {
      x[i] = loadElement(q, type, offset + lane * N + i);
      if (factor != nullptr) {
        x[i] *= factor[lane * N + i];
      }
    }
  }

  KV_DEVICE void clear() {
#pragma unroll
    for (int i = 0; i < N; i++) {
      x[i] = 0;
    }
  }

  KV_DEVICE void rotate(int lane) { walshHadamard<N, 32>(x, lane, ExchangeLanes()); }

  // Divides by a power of two that leaves magnitudes below 2, and returns it: exact, and then
  // neither FP16 nor FP8 runs out of exponents.
  KV_DEVICE float normalise() {
    float size = 0;
#pragma unroll
    for (int i = 0; i < N; i++) {
      size = greatest(size, magnitude(x[i]));
    }
#pragma unroll
    for (int mask = 1; mask < 32; mask *= 2) {
      size = greatest(size, shuffleXor(size, mask));
    }
    uint32_t exponent = greatest(1u, least(bitsOf(size) >> 23, 253u));
    float inverse = floatOf((254 - exponent) << 23);
#pragma unroll
    for (int i = 0; i < N; i++) {
      x[i] *= inverse;
    }
    return floatOf(exponent << 23);
  }
};

// Prepares `rows` query rows from row `first` on, of those of one sequence and KV head, for Scores.
// factors[row] becomes what products lack to be logits in powers of two.
template <class Scores, int D, int THREADS>
KV_DEVICE void prepareQueries(const void* q, int type, const float* factor, bool rotate,
                              float logitScale, int64_t base, int group, int kvHeads, int first,
                              int rows, int allRows, uint8_t* shared, float* factors) {
  int lane = threadId() % 32;
  for (int row = threadId() / 32; row < rows; row += THREADS / 32) {
    QueryRow<D> query;
    int r = first + row;
    if (r < allRows) {
      int64_t at = base + ((int64_t)(r / group) * kvHeads * group + r % group) * D;
      query.read(q, type, at, factor, lane);
    } else {
      query.clear();
    }
    if (rotate) {
      query.rotate(lane);
    }
    float size = query.normalise();
    Scores::put(shared + row * Scores::ROW_BYTES, lane * (D / 32), query.x);
    if (lane == 0) {
      factors[row] = size * (logitScale * 0x1.715476p0f * Scores::UNIT);
    }
  }
}

}  // namespace kvcache
