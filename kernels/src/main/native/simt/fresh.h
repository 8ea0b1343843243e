// Fresh rows, which are in no block yet, brought to 16 bits in shared memory: keys less their mean,
// values in the unit of the stored ones.
#pragma once

#include "formats.h"
#include "pages.h"
#include "queries.h"

namespace kvcache {

// Chunk is a chunk in shared memory with put(values, row, unit, words).
template <class F, int D, int WAVES, class Chunk>
class SharedFreshRows {
 public:
  static constexpr int CHUNK_BYTES = ChunkShape<F, F, D>::BYTES;
  static constexpr int BYTES = WAVES * CHUNK_BYTES;

  KV_DEVICE explicit SharedFreshRows(uint8_t* shared) : base(shared) {}

  KV_DEVICE Chunk chunk(int i) const { return Chunk{base + i * CHUNK_BYTES}; }

  // Brings tokens first .. first + 16 WAVES, zeros behind the last.
  template <int THREADS>
  KV_DEVICE void load(const AttendArgs& a, int sequence, int head, int first) const {
    constexpr int UNITS = D / 8;
    float unit = a.valueUnit == nullptr ? 1.0f : 1 / a.valueUnit[head];
    for (int i = threadId(); i < 2 * WAVES * CHUNK_TOKENS * UNITS; i += THREADS) {
      bool values = i >= WAVES * CHUNK_TOKENS * UNITS;
      int row = i / UNITS % (WAVES * CHUNK_TOKENS);
      int at = i % UNITS * 8;
      int token = first + row;
      float x[8] = {0, 0, 0, 0, 0, 0, 0, 0};
      if (token < a.freshTokens) {
        int64_t offset =
            (((int64_t)sequence * a.freshStride + token) * a.kvHeads + head) * D + at;
#pragma unroll
        for (int e = 0; e < 8; e++) {
          x[e] = loadElement(values ? a.freshValues : a.freshKeys, a.fresh, offset + e);
          if (values) {
            x[e] *= unit;
          } else if (a.keyMean != nullptr) {
            x[e] -= a.keyMean[head * D + at + e];
          }
        }
      }
      uint32_t words[4];
#pragma unroll
      for (int p = 0; p < 4; p++) {
        words[p] = F::IS_BF16 ? packBf16(x[2 * p], x[2 * p + 1])
                              : packHalves(fits(x[2 * p]), fits(x[2 * p + 1]));
      }
      chunk(row / CHUNK_TOKENS).put(values, row % CHUNK_TOKENS, at / 8, words);
    }
  }

 private:
  // FP16 ends at 65504; NaN stays.
  KV_DEVICE static float fits(float x) {
    return x > 65504.0f ? 65504.0f : x < -65504.0f ? -65504.0f : x;
  }

  uint8_t* base;
};

}  // namespace kvcache
