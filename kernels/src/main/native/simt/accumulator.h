// What a wave has of its query rows: maxima, sums and outputs under an online softmax.
#pragma once

#include "../math/softmax.h"
#include "formats.h"

namespace kvcache {

struct Exp2 {
  KV_DEVICE float operator()(float x) const { return exp2Fast(x); }
};

// Weights are 2^(logit - max + BIAS), with a max that follows the logits only when they outgrow it
// by HEADROOM, which is seldom: FP16 then has 2^14 above and 2^-32 below the weight of the max.
constexpr float WEIGHT_BIAS = 8;
constexpr float HEADROOM = 6;

template <class Matrix, int D>
struct Accumulator {
  static constexpr int TILES = Matrix::TILES;
  static constexpr int HEADS = Matrix::LANE_HEADS;
  static constexpr int STEPS = D / 16;                 // products of 16 dims each
  static constexpr int LANE_DIMS = D / Matrix::ROWS;   // neighbouring dims that a lane reads of V

  float max[TILES][HEADS];
  float sum[TILES][HEADS];
  float out[STEPS][TILES][4];
  int reference;  // of exponents of values

  KV_DEVICE void clear() {
    reference = 0;
#pragma unroll
    for (int t = 0; t < TILES; t++) {
#pragma unroll
      for (int h = 0; h < HEADS; h++) {
        max[t][h] = NO_LOGIT;
        sum[t][h] = 0;
      }
#pragma unroll
      for (int i = 0; i < STEPS; i++) {
#pragma unroll
        for (int r = 0; r < 4; r++) {
          out[i][t][r] = 0;
        }
      }
    }
  }

  KV_DEVICE void scale(int t, int h, float factor) {
    sum[t][h] *= factor;
#pragma unroll
    for (int i = 0; i < STEPS; i++) {
#pragma unroll
      for (int r = 0; r < 4; r++) {
        if (Matrix::headIndex(r) == h) {
          out[i][t][r] *= factor;
        }
      }
    }
  }

  KV_DEVICE void scaleOutputs(float factor) {
#pragma unroll
    for (int i = 0; i < STEPS; i++) {
#pragma unroll
      for (int t = 0; t < TILES; t++) {
#pragma unroll
        for (int r = 0; r < 4; r++) {
          out[i][t][r] *= factor;
        }
      }
    }
  }

  // True if a logit of this lane has outgrown its maximum.
  KV_DEVICE bool outgrown(const float (&s)[TILES][4]) const {
    bool any = false;
#pragma unroll
    for (int t = 0; t < TILES; t++) {
#pragma unroll
      for (int r = 0; r < 4; r++) {
        any |= s[t][r] > max[t][Matrix::headIndex(r)] + HEADROOM;
      }
    }
    return any;
  }

  KV_DEVICE void raise(const float (&s)[TILES][4]) {
#pragma unroll
    for (int t = 0; t < TILES; t++) {
#pragma unroll
      for (int h = 0; h < HEADS; h++) {
        float most = max[t][h];
#pragma unroll
        for (int r = 0; r < 4; r++) {
          if (Matrix::headIndex(r) == h) {
            most = s[t][r] > most ? s[t][r] : most;
          }
        }
        most = Matrix::maxOverTokens(most);
        scale(t, h, exp2Fast(max[t][h] - most));
        max[t][h] = most;
      }
    }
  }

  // Makes values with exponents up to this fit; every lane of the wave has to come.
  KV_DEVICE void raiseReference(int exponent) {
#pragma unroll
    for (int mask = 1; mask < Matrix::LANES; mask *= 2) {
      exponent = greatest(exponent, (int)shuffleXor((uint32_t)exponent, mask));
    }
    if (exponent > reference + 1) {
      scaleOutputs(exp2Fast((float)(reference - exponent)));
      reference = exponent;
    }
  }

  // Turns logits into weights, in place, and adds them up.
  KV_DEVICE void weigh(float (&s)[TILES][4]) {
#pragma unroll
    for (int t = 0; t < TILES; t++) {
#pragma unroll
      for (int r = 0; r < 4; r++) {
        int h = Matrix::headIndex(r);
        s[t][r] = exp2Fast(s[t][r] + (WEIGHT_BIAS - max[t][h]));
        sum[t][h] += s[t][r];
      }
    }
  }

  // Adds weighted values of the chunk's 16 tokens. keep has the bits of those of the lane's four
  // tokens that count, which keeps what lies behind the last token out.
  template <class F, class Chunk>
  KV_DEVICE void add(const Chunk& chunk, int lane, const float (&weights)[TILES][4], int keep) {
    // A lane's dims go by pieces, so that few words are in registers at a time.
    constexpr int PIECE = least(LANE_DIMS, 16);
    constexpr int PIECES = LANE_DIMS / PIECE;
    constexpr int RAW = greatest(PIECE * F::BITS / 32, 1);
    constexpr int WORDS = greatest(PIECE * F::UNPACKED_BITS / 32, 1);
    constexpr int PARTS = F::IS_BF16 ? 2 : 1;
    uint32_t b[PARTS][TILES][2];
#pragma unroll
    for (int t = 0; t < TILES; t++) {
      Matrix::template weights<F::IS_BF16>(weights[t], b[0][t]);
      if constexpr (F::IS_BF16) {
        float rest[4];
#pragma unroll
        for (int r = 0; r < 4; r++) {
          rest[r] = weights[t][r] - floatOf(packBf16(0, weights[t][r]) & 0xffff0000u);
        }
        Matrix::template weights<true>(rest, b[1][t]);
      }
    }
    uint32_t kept[2] = {((keep & 1) ? 0xffffu : 0u) | ((keep & 2) ? 0xffff0000u : 0u),
                        ((keep & 4) ? 0xffffu : 0u) | ((keep & 8) ? 0xffff0000u : 0u)};
    uint32_t scales[2];
    if constexpr (F::SCALED) {
#pragma unroll
      for (int p = 0; p < 2; p++) {
        int token = Matrix::valueToken(Matrix::quarter(lane), 2 * p);
        int next = Matrix::valueToken(Matrix::quarter(lane), 2 * p + 1);
        scales[p] = valueScales<F>(chunk.valueScale(token, Matrix::row(lane)),
                                   chunk.valueScale(next, Matrix::row(lane)), reference) &
                    kept[p];
      }
    }
#pragma unroll
    for (int piece = 0; piece < PIECES; piece++) {
      uint32_t words[4][WORDS];
#pragma unroll
      for (int j = 0; j < 4; j++) {
        uint32_t raw[RAW];
        chunk.value(Matrix::valueToken(Matrix::quarter(lane), j),
                    Matrix::row(lane) * PIECES + piece, raw);
        F::unpack(raw, words[j]);
      }
#pragma unroll
      for (int i = 0; i < PIECE / Matrix::LANE_ROWS; i++) {
        uint32_t a[2 * Matrix::LANE_ROWS];
#pragma unroll
        for (int k = 0; k < Matrix::LANE_ROWS; k++) {
#pragma unroll
          for (int p = 0; p < 2; p++) {
            uint32_t pair = F::value(words[2 * p], words[2 * p + 1], i * Matrix::LANE_ROWS + k);
            a[k + p * Matrix::LANE_ROWS] =
                F::SCALED ? mulHalves(pair, scales[p]) : (pair & kept[p]);
          }
        }
        int step = piece * (PIECE / Matrix::LANE_ROWS) + i;
#pragma unroll
        for (int part = 0; part < PARTS; part++) {
#pragma unroll
          for (int t = 0; t < TILES; t++) {
            Matrix::template multiply<F::IS_BF16>(out[step][t], a, b[part][t]);
          }
        }
      }
    }
  }

  // The greatest exponent of the scales of values of the lane's tokens that count.
  template <class F, class Chunk>
  KV_DEVICE static int exponent(const Chunk& chunk, int lane, int keep) {
    int most = -127;
#pragma unroll
    for (int j = 0; j < 4; j++) {
      int token = Matrix::valueToken(Matrix::quarter(lane), j);
      int e = F::exponent(chunk.valueScale(token, Matrix::row(lane)));
      most = (keep >> j & 1) ? greatest(most, e) : most;
    }
    return most;
  }

  // Brings outputs to the unit of values; every lane has added up its tokens.
  KV_DEVICE void settle(float unit) {
    scaleOutputs(unit * exp2Fast((float)reference));
    reference = 0;
  }

  KV_DEVICE void sumOverLanes() {
#pragma unroll
    for (int t = 0; t < TILES; t++) {
#pragma unroll
      for (int h = 0; h < HEADS; h++) {
        sum[t][h] = Matrix::sumOverTokens(sum[t][h]);
      }
    }
  }

  // Calls put(dim, output) for each output that this lane has of a query row.
  template <class Function>
  KV_DEVICE void outputs(int lane, int t, int h, Function put) const {
#pragma unroll
    for (int i = 0; i < STEPS; i++) {
#pragma unroll
      for (int r = 0; r < 4; r++) {
        if (Matrix::headIndex(r) == h) {
          put(Matrix::outputRow(lane, r) * LANE_DIMS + i * Matrix::LANE_ROWS +
                  Matrix::outputStep(r),
              out[i][t][r]);
        }
      }
    }
  }

  // True of the lane that speaks for a query row of which several lanes have outputs.
  KV_DEVICE static bool speaks(int lane) {
    return Matrix::outputRow(lane, 0) == 0 && Matrix::outputStep(0) == 0;
  }
};

}  // namespace kvcache
