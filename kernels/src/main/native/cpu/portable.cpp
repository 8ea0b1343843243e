// For processors that have none of the other levels: plain C++ on vectors of four, which every
// compiler has.
#include "../math/e4m3.h"
#include "../math/half.h"
#include "../math/ue8m0.h"
#include "levels.h"
#include "plan.h"

namespace kvcache {
namespace portable {

typedef float Vector __attribute__((vector_size(16)));
typedef int Ints __attribute__((vector_size(16)));

static constexpr int WIDTH = 4;
static constexpr int HEADS = 2;

static inline Vector load(const float* from) {
  Vector x;
  __builtin_memcpy(&x, from, 16);
  return x;
}

static inline void store(float* to, Vector x) { __builtin_memcpy(to, &x, 16); }
static inline Vector all(float x) { return Vector{x, x, x, x}; }
static inline Vector multiplyAdd(Vector a, Vector b, Vector c) { return a * b + c; }

#include "tiles.h"

template <Format F, bool NANS>
static inline Vector element(const uint8_t* from) {
  Vector x;
  if constexpr (F == F32) {
    __builtin_memcpy(&x, from, 16);
  } else if constexpr (F == BF16) {
    uint16_t words[4];
    __builtin_memcpy(words, from, 8);
    x = Vector{fromBf16(words[0]), fromBf16(words[1]), fromBf16(words[2]), fromBf16(words[3])};
  } else {
    Ints bytes = {from[0], from[1], from[2], from[3]};
    Ints size = bytes & 0x7f;
    Ints bits = (Ints)((Vector)(size << 20) * 0x1p120f);
    bits = size == (int)E4M3_NAN ? bits * 0 + (int)NAN_BITS : bits;
    x = (Vector)(bits | (bytes & 0x80) << 24);
  }
  return x;
}

static inline bool anyNan(const uint8_t*, int) { return false; }  // element keeps NaN

static inline void fourSums(float* to, const Vector x[4]) {
  for (int i = 0; i < 4; i++) {
    to[i] = (x[i][0] + x[i][2]) + (x[i][1] + x[i][3]);
  }
}

#include "elements.h"

// A row of a four-bit format as floats.
template <Format F, int D>
static inline void decode(const uint8_t* codes, const uint8_t* scales, float* out) {
  const int16_t* levels = F == MXFP4 ? E2M1_LEVELS : LM16_SIGNED;
  for (int group = 0; group < D / 32; group++) {
    float scale = F == MXFP4 ? fromUE8M0(scales[group]) * 0.5f : fromE4M3(scales[group]) * 0x1p-7f;
    for (int i = 0; i < 16; i++) {
      uint32_t byte = codes[16 * group + i];
      out[32 * group + 2 * i] = (float)levels[byte & 15] * scale;
      out[32 * group + 2 * i + 1] = (float)levels[byte >> 4] * scale;
    }
  }
}

// Decodes a few rows at a time and leaves the rest to the kernels of f32.
template <template <Format, int, bool> class K, Format F, int D>
static void decoded(const Work& work, const Rows& rows) {
  constexpr int ROWS = 16;
  float floats[ROWS * D];
  for (int at = 0; at < rows.count; at += ROWS) {
    int count = least(ROWS, rows.count - at);
    for (int i = 0; i < count; i++) {
      decode<F, D>(rows.codes + (at + i) * (D / 2), rows.scales + (at + i) * (D / 32),
                   floats + i * D);
    }
    allHeads<K<F32, D, false>>(work, {(const uint8_t*)floats, nullptr, count, rows.at + at});
  }
}

template <template <Format, int, bool> class K, Format F>
static Kernel decodedKernel(int dim) {
  return dim == 64 ? decoded<K, F, 64> : dim == 128 ? decoded<K, F, 128> : decoded<K, F, 256>;
}

template <template <Format, int, bool> class K>
static Kernel kernelOf(int format, int dim) {
  return format == MXFP4  ? decodedKernel<K, MXFP4>(dim)
         : format == LM16 ? decodedKernel<K, LM16>(dim)
                          : elementKernelOf<K>(format, dim);
}

static Kernel scoreOf(int format, int dim) { return kernelOf<ElementScore>(format, dim); }
static Kernel sumOf(int format, int dim) { return kernelOf<ElementSum>(format, dim); }

static int wordChannel(int i, int dim) { return i % dim; }
static int sumChannel(int i, int dim) { return i % dim; }

}  // namespace portable
}  // namespace kvcache
