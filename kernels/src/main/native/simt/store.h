// Rows of new tokens to slots: basis, rotation, codes and scales in one launch for a layer. 32 lanes
// take a token; results are those of quant4bit's encoders to the last bit.
#pragma once

#include "../math/e2m1.h"
#include "../math/lm16.h"
#include "../math/ue8m0.h"
#include "queries.h"

namespace kvcache {

// Writes N codes of BITS bits at once, if the token is there.
template <int BITS, int N>
KV_DEVICE void putCodes(bool there, uint8_t* at, const uint32_t (&codes)[N]) {
  constexpr int BYTES = N * BITS / 8;
  if (!there) {
    return;
  }
  if constexpr (BYTES == 1) {
    *at = (uint8_t)(codes[0] | codes[1] << BITS);
  } else if constexpr (BYTES == 2) {
    uint32_t word = 0;
#pragma unroll
    for (int i = 0; i < N; i++) {
      word |= codes[i] << (BITS * i);
    }
    *(uint16_t*)at = (uint16_t)word;
  } else {
    constexpr int PER_WORD = 32 / BITS;
    Words<BYTES / 4> words;
#pragma unroll
    for (int w = 0; w < BYTES / 4; w++) {
      words.w[w] = 0;
#pragma unroll
      for (int i = 0; i < PER_WORD; i++) {
        words.w[w] |= codes[w * PER_WORD + i] << (BITS * i);
      }
    }
    *(Words<BYTES / 4>*)at = words;
  }
}

// Lanes that share a group of 32 elements, when each has N.
template <int N>
constexpr int GROUP_LANES = 32 / N;

template <int N>
KV_DEVICE uint32_t greatestBits(const float (&x)[N]) {
  uint32_t bits = 0;
#pragma unroll
  for (int i = 0; i < N; i++) {
    bits = greatest(bits, bitsOf(x[i]) & 0x7fffffffu);
  }
#pragma unroll
  for (int mask = 1; mask < GROUP_LANES<N>; mask *= 2) {
    bits = greatest(bits, shuffleXor(bits, mask));
  }
  return bits;
}

struct StoreBf16 {
  template <int N>
  KV_DEVICE static void row(const float (&x)[N], int lane, bool there, uint8_t* codes, uint8_t*, int) {
    uint32_t bits[N];
#pragma unroll
    for (int i = 0; i < N; i++) {
      bits[i] = toBf16(x[i]);
    }
    putCodes<16>(there, codes + lane * N * 2, bits);
  }
};

struct StoreFp8 {
  template <int N>
  KV_DEVICE static void row(const float (&x)[N], int lane, bool there, uint8_t* codes, uint8_t*, int) {
    uint32_t bits[N];
#pragma unroll
    for (int i = 0; i < N; i++) {
      bits[i] = toE4M3(x[i]);
    }
    putCodes<8>(there, codes + lane * N, bits);
  }
};

struct StoreMxfp4 {
  template <int N>
  KV_DEVICE static void row(const float (&x)[N], int lane, bool there, uint8_t* codes,
                            uint8_t* scales, int rule) {
    uint32_t amax = greatestBits(x);
    uint32_t scale = toUE8M0(scaleRule(rule), amax);
    bool zero = amax == 0 || scale == UE8M0_NAN;
    float inverse = inverseUE8M0(zero ? 127 : scale);
    uint32_t bits[N];
#pragma unroll
    for (int i = 0; i < N; i++) {
      float y = x[i] * inverse;
      bits[i] = zero ? 0 : rule == UQ ? toE2M1TiesDown(y) : toE2M1(y);
    }
    putCodes<4>(there, codes + lane * N / 2, bits);
    if (there && lane % GROUP_LANES<N> == 0) {
      scales[lane / GROUP_LANES<N>] = (uint8_t)scale;
    }
  }
};

struct StoreLm16 {
  // The sum of squared differences in the order of FORMATS.md: elements l and l + 16 in lane l of
  // 16, then lanes j + half into lanes j.
  template <int N>
  KV_DEVICE static float error(const float (&x)[N], int lane, float scale) {
    float squares[N];
#pragma unroll
    for (int i = 0; i < N; i++) {
      float mine = lm16Difference(x[i], scale);
      float other = shuffleXor(mine, GROUP_LANES<N> / 2);
      bool upper = (lane & (GROUP_LANES<N> / 2)) != 0;
      float first = upper ? other : mine;
      float second = upper ? mine : other;
      squares[i] = fma(second, second, first * first);
    }
#pragma unroll
    for (int mask = GROUP_LANES<N> / 4; mask > 0; mask /= 2) {
#pragma unroll
      for (int i = 0; i < N; i++) {
        float other = shuffleXor(squares[i], mask);
        squares[i] = (lane & mask) ? other + squares[i] : squares[i] + other;
      }
    }
#pragma unroll
    for (int half = N / 2; half > 0; half /= 2) {
#pragma unroll
      for (int i = 0; i < half; i++) {
        squares[i] = squares[i] + squares[i + half];
      }
    }
    return squares[0];
  }

  // Squares in binary64, element after element.
  template <int N>
  KV_DEVICE static double squares(const float (&x)[N], int lane) {
    double sum = 0;
    for (int from = 0; from < GROUP_LANES<N>; from++) {
#pragma unroll
      for (int i = 0; i < N; i++) {
        float y = broadcast(x[i], lane / GROUP_LANES<N> * GROUP_LANES<N> + from);
        sum = sum + (double)y * y;
      }
    }
    return sum;
  }

  template <int N>
  KV_DEVICE static uint32_t chooseScale(const float (&x)[N], int lane, uint32_t amaxBits) {
    bool usable = amaxBits != 0 && amaxBits < INFINITY_BITS;
    float amax = floatOf(usable ? amaxBits : 0x3f800000u);
    uint32_t first = lm16FirstScale(amax);
    uint32_t last = first + 2;
    uint32_t best = lm16Reaches(amax, fromE4M3((uint8_t)last)) ? last : first;
    float smallest = floatOf(INFINITY_BITS);
    for (uint32_t code = first; code <= last; code++) {
      float scale = fromE4M3((uint8_t)code);
      float e = error(x, lane, scale);
      if (e < smallest && lm16Reaches(amax, scale)) {
        smallest = e;
        best = code;
      }
    }
    // No level is zero: what is tiny beside the smallest scale had better be 0. All lanes of the
    // wave come, whatever their group needs.
    if (anyLane(first == 1)) {
      double power = squares(x, lane);
      float left = error(x, lane, fromE4M3((uint8_t)best));
      best = first == 1 && power < left ? 0 : best;
    }
    return amaxBits == 0 ? 0 : usable ? best : E4M3_NAN;
  }

  template <int N>
  KV_DEVICE static void row(const float (&x)[N], int lane, bool there, uint8_t* codes,
                            uint8_t* scales, int) {
    uint32_t scale = chooseScale(x, lane, greatestBits(x));
    bool zero = scale == 0 || scale == E4M3_NAN;
    float size = fromE4M3((uint8_t)scale);
    uint32_t bits[N];
#pragma unroll
    for (int i = 0; i < N; i++) {
      bits[i] = zero ? 0 : toLm16(x[i], size);
    }
    putCodes<4>(there, codes + lane * N / 2, bits);
    if (there && lane % GROUP_LANES<N> == 0) {
      scales[lane / GROUP_LANES<N>] = (uint8_t)scale;
    }
  }
};

template <class KeyStore, class ValueStore, int KEY_BITS, int VALUE_BITS, int D>
struct Store {
  static constexpr int THREADS = 128;
  static constexpr KernelInfo INFO = {THREADS, 0, 0};
  static constexpr int N = D / 32;

  KV_DEVICE static void run(const StoreArgs& a) {
    int lane = threadId() % 32;
    int token = blockX() * (THREADS / 32) + threadId() / 32;
    int head = blockY();
    // Lanes of a wave of 64 have two tokens: they stay together, and only writing is left out.
    bool there = token < a.tokens && a.places[least(token, a.tokens - 1)] >= 0;
    int from = least(token, a.tokens - 1);
    int64_t place = greatest(a.places[from], (int64_t)0);
    uint8_t* block = a.kv.base + place / a.kv.blockTokens * a.kv.slotBytes + head * a.kv.headBytes;
    int row = (int)(place % a.kv.blockTokens);
    int64_t offset = from * a.tokenStride + (int64_t)head * D + lane * N;
    float x[N];
#pragma unroll
    for (int i = 0; i < N; i++) {
      x[i] = loadElement(a.keys, a.rows, offset + i);
      if (a.keyDivide != nullptr) {
        float mean = a.keyMean == nullptr ? 0.0f : a.keyMean[head * D + lane * N + i];
        x[i] = (x[i] - mean) * a.keyDivide[head * D + lane * N + i];
      }
    }
    if (a.rotate != 0) {
      walshHadamard<N, 32>(x, lane, ExchangeLanes());
    }
    put<KeyStore, KEY_BITS>(x, lane, there, block, 0, a.kv.keyScales, row, a.rule);
    float unit = a.valueUnit == nullptr ? 1.0f : a.valueUnit[head];
#pragma unroll
    for (int i = 0; i < N; i++) {
      x[i] = loadElement(a.values, a.rows, offset + i) / unit;
    }
    put<ValueStore, VALUE_BITS>(x, lane, there, block, a.kv.valueCodes, a.kv.valueScales, row,
                                a.rule);
  }

 private:
  template <class Format, int BITS>
  KV_DEVICE static void put(const float (&x)[N], int lane, bool there, uint8_t* block,
                            int codePlane, int scalePlane, int row, int rule) {
    Format::row(x, lane, there, block + codePlane + row * (D * BITS / 8),
                block + scalePlane + row * (D / 32), rule);
  }
};

}  // namespace kvcache
