// Layout of the fragments of mma.m16n8k16 in the 32 lanes of a warp, for tiles of 16 tokens and
// TILES times 8 query rows. A lane has a row (lane / 4) and a quarter (lane % 4).
//
// Scores: A = 16 keys, B = 8 queries: a lane gives the keys of tokens `row` and `row + 8`, a quarter
// of each group of 32, and has logits of those two tokens and query rows 2 quarter, 2 quarter + 1.
// Values: A = 16 dims of 16 tokens, B = weights of 16 tokens and 8 query rows, which are the logits'
// fragment transposed; outputs have the query rows that logits had.
#pragma once

#include "../simt/scores.h"
#include "instructions.h"

namespace kvcache::cuda {

template <int TILES_>
struct Matrix {
  static constexpr int LANES = 32;
  static constexpr int ROWS = 8;       // query rows of a product, rows of lanes
  static constexpr int TILES = TILES_;
  static constexpr int LANE_ROWS = 2;  // keys, and dims of values, that a lane gives to a product
  static constexpr int LANE_HEADS = 2; // query rows of a product that a lane has results of
  static constexpr int SCORE_TOKENS = 2;

  template <class F, int D>
  using Scores = HalfScores<Matrix, F, D>;

  KV_DEVICE static int row(int lane) { return lane / 4; }
  KV_DEVICE static int quarter(int lane) { return lane % 4; }

  // Token of the i-th distinct token of a lane's logits, and which of those register r is of.
  KV_DEVICE static int scoreToken(int lane, int i) { return lane / 4 + 8 * i; }
  static constexpr int scoreIndex(int r) { return r / 2; }

  // Query row of register r: the i-th of the lane's, and the row itself.
  static constexpr int headIndex(int r) { return r % 2; }
  KV_DEVICE static int head(int lane, int i) { return 2 * (lane % 4) + i; }

  // The j-th of the four tokens whose values a lane gives.
  KV_DEVICE static int valueToken(int quarter, int j) { return 2 * quarter + j % 2 + 8 * (j / 2); }

  // Output register r belongs to the outputStep-th dim that row outputRow of the lanes gave.
  KV_DEVICE static int outputRow(int lane, int) { return lane / 4; }
  static constexpr int outputStep(int r) { return r / 2; }

  template <bool BF16>
  KV_DEVICE static void multiply(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
    if constexpr (BF16) {
      mmaBf16(d, a, b);
    } else {
      mmaHalf(d, a, b);
    }
  }

  template <bool BF16>
  KV_DEVICE static void weights(const float (&w)[4], uint32_t (&b)[2]) {
    b[0] = transpose(BF16 ? packBf16(w[0], w[1]) : packHalves(w[0], w[1]));
    b[1] = transpose(BF16 ? packBf16(w[2], w[3]) : packHalves(w[2], w[3]));
  }

  KV_DEVICE static float maxOverTokens(float x) {
#pragma unroll
    for (int mask = 4; mask < 32; mask *= 2) {
      x = greatest(x, shuffleXor(x, mask));
    }
    return x;
  }

  KV_DEVICE static float sumOverTokens(float x) {
#pragma unroll
    for (int mask = 4; mask < 32; mask *= 2) {
      x += shuffleXor(x, mask);
    }
    return x;
  }
};

}  // namespace kvcache::cuda
