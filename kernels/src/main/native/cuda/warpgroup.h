// q·K on Hopper's warpgroup instructions (sm_90a): there, mma.sync on FP8 is two FP16 products and
// their conversions, and only wgmma multiplies E4M3 natively. Four warps multiply 64 tokens by the
// query rows of a tile; codes become E4M3 by shifts, less than one operation per element.
#pragma once

#include "../simt/formats.h"
#include "instructions.h"

namespace kvcache::cuda {

// Eight elements of a key as two words of E4M3: places 0 to 3, then 4 to 7.
template <class F>
struct E4M3Keys;

template <>
struct E4M3Keys<Mxfp4> {
  static constexpr float UNIT = 0x1p6f;  // what keys lack
  static constexpr int order(int place) { return place % 4 * 2 + place / 4; }
  KV_DEVICE static void expand(const uint32_t (&word)[1], uint32_t& first, uint32_t& second) {
    first = e2m1EvenToE4M3(word[0]);
    second = e2m1OddToE4M3(word[0]);
  }
};

template <>
struct E4M3Keys<Lm16> {
  static constexpr float UNIT = 1.0f / 128;
  static constexpr int order(int place) { return place; }
  KV_DEVICE static void expand(const uint32_t (&word)[1], uint32_t& first, uint32_t& second) {
    first = Lm16::toE4M3Bytes(word[0]);
    second = Lm16::toE4M3Bytes(word[0] >> 16);
  }
};

template <>
struct E4M3Keys<Fp8> {
  static constexpr float UNIT = 1;
  static constexpr int order(int place) { return place; }
  KV_DEVICE static void expand(const uint32_t (&words)[2], uint32_t& first, uint32_t& second) {
    first = words[0];
    second = words[1];
  }
};

// Queries are E4M3 in two parts of one unit, eight columns each: what the first part loses the
// second has, and the sum is the product with a query of eight significant bits.
template <class Matrix, class F, int D>
class WarpgroupScores {
  using Keys = E4M3Keys<F>;

 public:
  static constexpr bool WHOLE_GROUP = true;  // all warps have to come
  static constexpr int ROW_BYTES = 2 * D;
  // Rows are given below 2; 448 is the greatest E4M3.
  static constexpr float QUERY_UNIT = 128;
  static constexpr float UNIT = Keys::UNIT / QUERY_UNIT;

  // Rows of a tile lie together: eight rows of one part and 16 bytes form 128 bytes, the two halves
  // of a group follow each other, then the other part, then the next group.
  template <int N>
  KV_DEVICE static void put(uint8_t* rows, int row, int first, const float (&x)[N]) {
    uint8_t* tile = rows + row / 8 * (8 * ROW_BYTES) + row % 8 * 16;
#pragma unroll
    for (int i = 0; i < N; i++) {
      int element = first + i;
      int inGroup = element % 32;
      // Where the lane of this quarter has the element: byte 4 quarter + place of either half.
      int place = placeOf(element % 8);
      int k = inGroup / 8 * 4 + place % 4;
      uint8_t* at = tile + element / 32 * 512 + place / 4 * 128 + k;
      float y = x[i] * QUERY_UNIT;
      uint8_t high = toE4M3(y);
      at[0] = high;
      at[256] = toE4M3(y - fromE4M3(high));
    }
  }

  KV_DEVICE void load(uint8_t* rows, int) {
    base = rows;
    fenceForWarpgroup();
  }

  template <class Chunk>
  KV_DEVICE void score(const Chunk& chunk, int lane, float (&s)[Matrix::TILES][4]) const {
    float scales[GROUPS][2];
    if constexpr (F::SCALED) {
#pragma unroll
      for (int i = 0; i < 2; i++) {
        uint32_t bytes[(GROUPS + 3) / 4];
        chunk.keyScales(Matrix::scoreToken(lane, i), bytes);
#pragma unroll
        for (int g = 0; g < GROUPS; g++) {
          scales[g][i] = F::keyScale((bytes[g / 4] >> (8 * (g % 4))) & 0xffu);
        }
      }
    }
#pragma unroll
    for (int t = 0; t < Matrix::TILES; t++) {
#pragma unroll
      for (int r = 0; r < 4; r++) {
        s[t][r] = 0;
      }
    }
#pragma unroll
    for (int round = 0; round < GROUPS; round += ROUND) {
      uint32_t a[ROUND][4];
#pragma unroll
      for (int g = 0; g < ROUND; g++) {
#pragma unroll
        for (int i = 0; i < 2; i++) {
          uint32_t words[KEY_WORDS<F>];
          chunk.key(Matrix::row(lane) + 8 * i, round + g, Matrix::quarter(lane), words);
          Keys::expand(words, a[g][i], a[g][2 + i]);
        }
      }
      float sums[ROUND][Matrix::TILES][8];
      beginWarpgroup();
#pragma unroll
      for (int g = 0; g < ROUND; g++) {
#pragma unroll
        for (int t = 0; t < Matrix::TILES; t++) {
          wgmmaE4M3(sums[g][t], a[g], base + t * (8 * ROW_BYTES) + (round + g) * 512);
        }
      }
      endWarpgroup();
#pragma unroll
      for (int g = 0; g < ROUND; g++) {
#pragma unroll
        for (int t = 0; t < Matrix::TILES; t++) {
          settle(sums[g][t]);
#pragma unroll
          for (int r = 0; r < 4; r++) {
            float sum = sums[g][t][r] + sums[g][t][4 + r];
            s[t][r] = F::SCALED ? fma(sum, scales[round + g][r / 2], s[t][r]) : s[t][r] + sum;
          }
        }
      }
    }
  }

 private:
  static constexpr int GROUPS = D / 32;
  // Products under way at a time, which all have registers of their own.
  static constexpr int ROUND = GROUPS * Matrix::TILES <= 4 ? GROUPS : 4 / Matrix::TILES;

  static constexpr int placeOf(int element) {
    for (int place = 0; place < 8; place++) {
      if (Keys::order(place) == element) {
        return place;
      }
    }
    return -1;
  }

  uint8_t* base;
};

}  // namespace kvcache::cuda
