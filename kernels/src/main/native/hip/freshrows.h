// Fresh rows where they are, brought to 16 bits as they are read: gfx942 has no shared memory to
// spare for them. What they become is what simt/fresh.h makes of them.
#pragma once

#include "../simt/formats.h"
#include "../simt/queries.h"

namespace kvcache::hip {

template <class F, int D>
class FreshRows {
 public:
  struct Chunk {
    const FreshRows& rows;
    int first;

    template <int N>
    KV_DEVICE void key(int row, int group, int quarter, uint32_t (&words)[N]) const {
      rows.read(first + row, 32 * group + 8 * quarter, words, false);
    }

    template <int N>
    KV_DEVICE void value(int row, int piece, uint32_t (&words)[N]) const {
      rows.read(first + row, 2 * N * piece, words, true);
    }
  };

  static constexpr int BYTES = 0;

  KV_DEVICE explicit FreshRows(uint8_t*) {}

  KV_DEVICE Chunk chunk(int i) const { return Chunk{*this, first + 16 * i}; }

  template <int THREADS>
  KV_DEVICE void load(const AttendArgs& a, int sequence, int kvHead, int from) {
    args = &a;
    head = kvHead;
    first = from;
    base = (int64_t)sequence * a.freshStride * a.kvHeads + head;
    unit = a.valueUnit == nullptr ? 1.0f : 1 / a.valueUnit[head];
  }

 private:
  // Elements at .. at + 2 N of a token; zeros behind the last token.
  template <int N>
  KV_DEVICE void read(int token, int at, uint32_t (&words)[N], bool values) const {
    const AttendArgs& a = *args;
    int64_t offset = (base + (int64_t)token * a.kvHeads) * D + at;
#pragma unroll
    for (int i = 0; i < N; i++) {
      float x[2] = {0, 0};
      if (token < a.freshTokens) {
#pragma unroll
        for (int e = 0; e < 2; e++) {
          x[e] = loadElement(values ? a.freshValues : a.freshKeys, a.fresh, offset + 2 * i + e);
          if (values) {
            x[e] *= unit;
          } else if (a.keyMean != nullptr) {
            x[e] -= a.keyMean[head * D + at + 2 * i + e];
          }
        }
      }
      words[i] = F::IS_BF16 ? packBf16(x[0], x[1]) : packHalves(fits(x[0]), fits(x[1]));
    }
  }

  // FP16 ends at 65504; NaN stays.
  KV_DEVICE static float fits(float x) {
    return x > 65504.0f ? 65504.0f : x < -65504.0f ? -65504.0f : x;
  }

  const AttendArgs* args;
  int head;
  int first;
  int64_t base;
  float unit;
};

}  // namespace kvcache::hip
