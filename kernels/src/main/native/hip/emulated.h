// What the instructions of instructions.h do, from the registers of all 64 lanes. Sums are exact to
// the rounding of their end; the hardware rounds in an order of its own.
#pragma once

#include <vector>

#include "../math/e2m1.h"
#include "../math/e4m3.h"
#include "../math/half.h"
#include "../math/ue8m0.h"
#include "registers.h"

namespace kvcache::hip::emulated {

// Some registers of each lane.
struct Lanes {
  const uint32_t* first;
  int stride;  // words from a lane's to the next lane's

  const uint32_t* operator[](int lane) const { return first + (size_t)lane * (size_t)stride; }

  // Element of this width in bits, counted from the first register's low end.
  uint32_t element(int lane, int i, int width) const {
    int bit = i * width;
    return ((*this)[lane][bit / 32] >> (bit % 32)) & ((1u << width) - 1);
  }
};

// Numbers by their bits: conversions are most of what emulated products cost.
template <class Number>
class Table {
 public:
  Table(int count, Number number) : values((size_t)count) {
    for (int i = 0; i < count; i++) {
      values[(size_t)i] = number((uint32_t)i);
    }
  }
  float operator[](uint32_t bits) const { return values[bits]; }

 private:
  std::vector<float> values;
};

inline float half(uint32_t bits) {
  static const Table table(1 << 16, [](uint32_t x) { return fromHalf((uint16_t)x); });
  return table[bits];
}

inline float e4m3(uint32_t bits) {
  static const Table table(1 << 8, [](uint32_t x) { return fromE4M3((uint8_t)x); });
  return table[bits];
}

// Formats of operands: how many words a lane holds, and element (row, k) of A or (column, k) of B.
struct Half {
  static constexpr int WORDS = 2;
  static constexpr int DEPTH = 16;
  static float at(Lanes lanes, int row, int k) {
    return half(lanes.element(row + 16 * (k / 4), k % 4, 16));
  }
};

struct Bf16 {
  static constexpr int WORDS = 2;
  static constexpr int DEPTH = 16;
  static float at(Lanes lanes, int row, int k) {
    return fromBf16((uint16_t)lanes.element(row + 16 * (k / 4), k % 4, 16));
  }
};

struct E2M1 {
  static constexpr int WORDS = 4;
  static constexpr int DEPTH = 128;
  static float at(Lanes lanes, int row, int k) {
    return fromE2M1(lanes.element(row + 16 * (k / 32), k % 32, 4));
  }
};

struct E4M3 {
  static constexpr int WORDS = 8;
  static constexpr int DEPTH = 128;
  static float at(Lanes lanes, int row, int k) {
    int quarter = k % 64 / 16;
    return e4m3(lanes.element(row + 16 * quarter, k / 64 * 16 + k % 16, 8));
  }
};

// 2^(a + b - 254), of the low bytes of two scale registers.
inline double scaleOf(uint32_t a, uint32_t b) {
  a &= 0xffu;
  b &= 0xffu;
  return a == UE8M0_NAN || b == UE8M0_NAN ? __builtin_nan("")
                                          : __builtin_ldexp(1, (int)(a + b) - 254);
}

// The registers of D in one lane, of all lanes' A and B and this lane's C. A format of depth 128
// has scales for each 32.
template <class A, class B>
inline Float4 multiply(Lanes a, Lanes b, Lanes scaleA, Lanes scaleB, Float4 c, int lane) {
  constexpr int BLOCK = A::DEPTH < 32 ? A::DEPTH : 32;
  int column = lane % 16;
  float columnOfB[A::DEPTH];
  for (int k = 0; k < A::DEPTH; k++) {
    columnOfB[k] = B::at(b, column, k);
  }
  for (int i = 0; i < 4; i++) {
    int row = 4 * (lane / 16) + i;
    double sum = c[i];
    for (int block = 0; block < A::DEPTH / BLOCK; block++) {
      double products = 0;
      for (int k = BLOCK * block; k < BLOCK * (block + 1); k++) {
        products += (double)A::at(a, row, k) * (double)columnOfB[k];
      }
      if constexpr (A::DEPTH == 128) {
        products *= scaleOf(*scaleA[row + 16 * block], *scaleB[column + 16 * block]);
      }
      sum += products;
    }
    c[i] = (float)sum;
  }
  return c;
}

}  // namespace kvcache::hip::emulated
