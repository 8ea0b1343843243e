// q·K of 16 tokens and the query rows of a wave on 16-bit matrix instructions, any format. Matrix
// is the layout of the target's instructions: cuda/matrix.h, hip/matrix.h.
#pragma once

#include "formats.h"

namespace kvcache {

// Tokens are the rows of the product and query rows its columns, so that small groups of query
// heads waste little and what comes out can weigh values without leaving the registers.
template <class Matrix, class F, int D>
class HalfScores {
 public:
  // BF16 has too few bits for a query: a second number holds what the first has lost.
  static constexpr int PARTS = F::IS_BF16 ? 2 : 1;
  static constexpr int ROW_BYTES = D * 2 * PARTS;
  static constexpr float UNIT = F::KEY_UNIT;

  // Writes elements first .. first + N of a query row, in the order in which keys leave words.
  template <int N>
  KV_DEVICE static void put(uint8_t* row, int first, const float (&x)[N]) {
#pragma unroll
    for (int i = 0; i < N; i++) {
      int element = first + i;
      int place = element / 8 * 8 + inverseOrder(element % 8);
      if constexpr (F::IS_BF16) {
        uint16_t high = (uint16_t)packBf16(x[i], 0);
        ((uint16_t*)row)[place] = high;
        ((uint16_t*)row)[D + place] =
            (uint16_t)packBf16(x[i] - floatOf((uint32_t)high << 16), 0);
      } else {
        ((uint16_t*)row)[place] = (uint16_t)packHalves(x[i], 0);
      }
    }
  }

  // Takes the query rows of this wave, which begin at rows.
  KV_DEVICE void load(const uint8_t* rows, int lane) {
    mine = rows + Matrix::row(lane) * ROW_BYTES + 16 * Matrix::quarter(lane);
    if constexpr (IN_REGISTERS) {
#pragma unroll
      for (int t = 0; t < Matrix::TILES; t++) {
#pragma unroll
        for (int g = 0; g < GROUPS; g++) {
          fetch(t, g, 0, kept[t * GROUPS + g]);
        }
      }
    }
  }

  template <class Chunk>
  KV_DEVICE void score(const Chunk& chunk, int lane, float (&s)[Matrix::TILES][4]) const {
    float scales[GROUPS][Matrix::SCORE_TOKENS];
    if constexpr (F::SCALED) {
#pragma unroll
      for (int i = 0; i < Matrix::SCORE_TOKENS; i++) {
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
    for (int g = 0; g < GROUPS; g++) {
      uint32_t pairs[Matrix::LANE_ROWS][4];
#pragma unroll
      for (int i = 0; i < Matrix::LANE_ROWS; i++) {
        uint32_t words[KEY_WORDS<F>];
        chunk.key(Matrix::row(lane) + i * Matrix::ROWS, g, Matrix::quarter(lane), words);
        F::keys(words, pairs[i]);
      }
#pragma unroll
      for (int t = 0; t < Matrix::TILES; t++) {
        float sum[4] = {0, 0, 0, 0};
#pragma unroll
        for (int part = 0; part < PARTS; part++) {
          uint32_t q[4];
          query(t, g, part, q);
#pragma unroll
          for (int m = 0; m < 2; m++) {
            uint32_t a[2 * Matrix::LANE_ROWS];
#pragma unroll
            for (int i = 0; i < Matrix::LANE_ROWS; i++) {
              a[i] = pairs[i][2 * m];
              a[i + Matrix::LANE_ROWS] = pairs[i][2 * m + 1];
            }
            uint32_t b[2] = {q[2 * m], q[2 * m + 1]};
            Matrix::template multiply<F::IS_BF16>(F::SCALED ? sum : s[t], a, b);
          }
        }
        if constexpr (F::SCALED) {
#pragma unroll
          for (int r = 0; r < 4; r++) {
            s[t][r] = fma(sum[r], scales[g][Matrix::scoreIndex(r)], s[t][r]);
          }
        }
      }
    }
  }

 private:
  static constexpr int GROUPS = D / 32;
  static constexpr bool IN_REGISTERS = PARTS == 1 && Matrix::TILES * D <= 128;

  static constexpr int inverseOrder(int element) {
    for (int place = 0; place < 8; place++) {
      if (F::order(place) == element) {
        return place;
      }
    }
    return -1;
  }

  KV_DEVICE void fetch(int t, int g, int part, uint32_t (&q)[4]) const {
    loadWords(mine + t * Matrix::ROWS * ROW_BYTES + part * D * 2 + g * 64, q);
  }

  KV_DEVICE void query(int t, int g, int part, uint32_t (&q)[4]) const {
    if constexpr (IN_REGISTERS) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        q[i] = kept[t * GROUPS + g][i];
      }
    } else {
      fetch(t, g, part, q);
    }
  }

  const uint8_t* mine;
  uint32_t kept[IN_REGISTERS ? Matrix::TILES * GROUPS : 1][4];
};

}  // namespace kvcache
