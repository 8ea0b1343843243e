// Layout of the operands of CDNA's 16 by 16 products in the 64 lanes of a wave, for tiles of 16
// tokens and TILES times 16 query rows. A lane has a row (lane % 16) and a quarter (lane / 16).
//
// Scores: A = 16 keys, B = 16 queries: a lane gives the key of token `row` and has logits of tokens
// 4 quarter to 4 quarter + 3 and query row `row`. Values: A = 16 dims of 16 tokens, B = weights of
// 16 tokens and 16 query rows, which is how logits lie already.
#pragma once

#include "../simt/scores.h"
#include "instructions.h"

namespace kvcache::hip {

template <int TILES_>
struct Matrix {
  static constexpr int LANES = 64;
  static constexpr int ROWS = 16;      // query rows of a product, rows of lanes
  static constexpr int TILES = TILES_;
  static constexpr int LANE_ROWS = 1;  // keys, and dims of values, that a lane gives to a product
  static constexpr int LANE_HEADS = 1; // query rows of a product that a lane has results of
  static constexpr int SCORE_TOKENS = 4;

  using Sums = Float4;  // the registers of a product: as an array, clang would copy them

  KV_DEVICE static int row(int lane) { return lane % 16; }
  KV_DEVICE static int quarter(int lane) { return lane / 16; }

  // Token of the i-th distinct token of a lane's logits, and which of those register r is of.
  KV_DEVICE static int scoreToken(int lane, int i) { return lane / 16 * 4 + i; }
  static constexpr int scoreIndex(int r) { return r; }

  // Query row of register r: the i-th of the lane's, and the row itself.
  static constexpr int headIndex(int) { return 0; }
  KV_DEVICE static int head(int lane, int) { return lane % 16; }

  // The j-th of the four tokens whose values a lane gives.
  KV_DEVICE static int valueToken(int quarter, int j) { return 4 * quarter + j; }

  // Output register r belongs to the outputStep-th dim that row outputRow of the lanes gave.
  KV_DEVICE static int outputRow(int lane, int r) { return lane / 16 * 4 + r; }
  static constexpr int outputStep(int) { return 0; }

  template <bool BF16>
  KV_DEVICE static void multiply(Float4& d, const uint32_t (&a)[2], const uint32_t (&b)[2]) {
    d = BF16 ? mfmaBf16(Word2{a[0], a[1]}, Word2{b[0], b[1]}, d)
             : mfmaHalves(Word2{a[0], a[1]}, Word2{b[0], b[1]}, d);
  }

  template <bool BF16>
  KV_DEVICE static void multiply(float (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2]) {
    Float4 sum = {d[0], d[1], d[2], d[3]};
    multiply<BF16>(sum, a, b);
#pragma unroll
    for (int r = 0; r < 4; r++) {
      d[r] = sum[r];
    }
  }

  template <bool BF16>
  KV_DEVICE static void weights(const float (&w)[4], uint32_t (&b)[2]) {
    b[0] = BF16 ? packBf16(w[0], w[1]) : packHalves(w[0], w[1]);
    b[1] = BF16 ? packBf16(w[2], w[3]) : packHalves(w[2], w[3]);
  }

  KV_DEVICE static float maxOverTokens(float x) {
    x = greatest(x, shuffleXor(x, 16));
    return greatest(x, shuffleXor(x, 32));
  }

  KV_DEVICE static float sumOverTokens(float x) {
    x += shuffleXor(x, 16);
    return x + shuffleXor(x, 32);
  }
};

}  // namespace kvcache::hip
