// q·K of 16 tokens and the query rows of a wave on CDNA4's scaled products: codes of keys are the
// operand as they lie in memory, and their scales another. Queries are E4M3, in three parts.
#pragma once

#include "../simt/scores.h"
#include "instructions.h"

namespace kvcache::hip {

#if defined(KV_CDNA4)

template <class Matrix, class F, int D>
class ScaledScores {
 public:
  static constexpr bool WHOLE_GROUP = false;
  static constexpr int PARTS = 3;
  static constexpr int ROW_BYTES = D * PARTS;
  static constexpr float UNIT = 1;

  // The first part of an element below 2 is as large as E4M3 has it, each further one is what those
  // before have lost, at most 2^-4 of the last, 2^5 times as large: twelve bits, as FP16 has.
  template <int N>
  KV_DEVICE static void put(uint8_t* rows, int index, int first, const float (&x)[N]) {
    uint8_t* row = rows + index * ROW_BYTES;
#pragma unroll
    for (int i = 0; i < N; i++) {
      float rest = x[i] * 0x1p7f;
#pragma unroll
      for (int part = 0; part < PARTS; part++) {
        uint8_t code = toE4M3(rest);
        row[part * D + first + i] = code;
        rest = (rest - fromE4M3(code)) * 0x1p5f;
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
        for (int i = 0; i < PRODUCTS * PARTS; i++) {
          kept[t * PRODUCTS * PARTS + i] = fetch(t, i / PARTS, i % PARTS);
        }
      }
    }
  }

  template <class Chunk>
  KV_DEVICE void score(const Chunk& chunk, int lane, float (&s)[Matrix::TILES][4]) const {
    Float4 sums[Matrix::TILES];
#pragma unroll
    for (int t = 0; t < Matrix::TILES; t++) {
      sums[t] = Float4{0, 0, 0, 0};
    }
    uint32_t scales[PRODUCTS];
    keyScales(chunk, lane, scales);
#pragma unroll
    for (int p = 0; p < PRODUCTS; p++) {
      if constexpr (F::BITS == 4) {
        Word4 a = chunk.keyUnit(Matrix::row(lane), 4 * p + unitInRow(lane));
        multiply(a, p, scales[p], sums);
      } else {
        int unit = 8 * p + Matrix::quarter(lane);
        Word8 a = {chunk.keyUnit(Matrix::row(lane), unit), Word4{0, 0, 0, 0}};
        if constexpr (D > 64) {
          a.high = chunk.keyUnit(Matrix::row(lane), unit + 4);
        }
        multiply(a, p, scales[p], sums);
      }
    }
#pragma unroll
    for (int t = 0; t < Matrix::TILES; t++) {
#pragma unroll
      for (int r = 0; r < 4; r++) {
        s[t][r] = sums[t][r];
      }
    }
  }

 private:
  static constexpr uint32_t ONE = 127;  // UE8M0
  static constexpr int PRODUCTS = (D + 127) / 128;
  static constexpr bool IN_REGISTERS = Matrix::TILES * D <= 256;

  // A row of 64 elements has no more than two units; the other lanes' meet queries of 0.
  KV_DEVICE static int unitInRow(int lane) {
    return D == 64 ? Matrix::quarter(lane) & 1 : Matrix::quarter(lane);
  }

  // The lane's group of each product, in the low byte; the hardware does not read the others.
  template <class Chunk>
  KV_DEVICE static void keyScales(const Chunk& chunk, int lane, uint32_t (&scales)[PRODUCTS]) {
    if constexpr (F::SCALED) {
      uint32_t bytes[PRODUCTS];
      chunk.keyScales(Matrix::row(lane), bytes);
#pragma unroll
      for (int p = 0; p < PRODUCTS; p++) {
        scales[p] = bytes[p] >> (8 * unitInRow(lane));
      }
    } else {
#pragma unroll
      for (int p = 0; p < PRODUCTS; p++) {
        scales[p] = ONE;
      }
    }
  }

  template <class Words>
  KV_DEVICE void multiply(Words a, int p, uint32_t scale, Float4 (&sums)[Matrix::TILES]) const {
#pragma unroll
    for (int t = 0; t < Matrix::TILES; t++) {
#pragma unroll
      for (int part = 0; part < PARTS; part++) {
        Word8 b = IN_REGISTERS ? kept[(t * PRODUCTS + p) * PARTS + part] : fetch(t, p, part);
        uint32_t unit = ONE - 7 - 5 * (uint32_t)part;
        if constexpr (F::BITS == 4) {
          sums[t] = mfmaScaledE2M1(a, b, sums[t], scale, unit);
        } else {
          sums[t] = mfmaScaledE4M3(a, b, sums[t], scale, unit);
        }
      }
    }
  }

  KV_DEVICE Word8 fetch(int t, int p, int part) const {
    const uint8_t* at = mine + t * Matrix::ROWS * ROW_BYTES + part * D + 128 * p;
    Word8 words = {*(const Word4*)at, Word4{0, 0, 0, 0}};
    if constexpr (D > 64) {
      words.high = *(const Word4*)(at + 64);
    }
    return words;
  }

  const uint8_t* mine;
  Word8 kept[IN_REGISTERS ? Matrix::TILES * PRODUCTS * PARTS : 1];
};

template <class F>
constexpr bool HAS_SCALED_PRODUCT = false;
template <>
inline constexpr bool HAS_SCALED_PRODUCT<Mxfp4> = true;
template <>
inline constexpr bool HAS_SCALED_PRODUCT<Fp8> = true;

template <bool SCALED, class Matrix, class F, int D>
struct Choice {
  using Type = HalfScores<Matrix, F, D>;
};
template <class Matrix, class F, int D>
struct Choice<true, Matrix, F, D> {
  using Type = ScaledScores<Matrix, F, D>;
};

template <class Matrix, class F, int D>
using ScoresOf = Choice<HAS_SCALED_PRODUCT<F>, Matrix, F, D>;

#else

template <class Matrix, class F, int D>
struct ScoresOf {
  using Type = HalfScores<Matrix, F, D>;
};

#endif

}  // namespace kvcache::hip
