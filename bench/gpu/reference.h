// Attention in binary64 on what stored bytes stand for, and a cache of random rows to try it on.
#pragma once

#include <math.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "backend.h"
#include "e2m1.h"
#include "e4m3.h"
#include "half.h"
#include "lm16.h"
#include "ue8m0.h"

namespace kvcache::gpu {

struct Format {
  std::string name;
  int bits;
  bool scaled;

  int codeBytes(int dim) const { return dim * bits / 8; }
  int scaleBytes(int dim) const { return scaled ? dim / 32 : 0; }

  double value(const uint8_t* codes, const uint8_t* scales, int d) const {
    if (bits == 16) {
      return fromBf16(((const uint16_t*)codes)[d]);
    }
    if (bits == 8) {
      return fromE4M3(codes[d]);
    }
    uint32_t code = (codes[d / 2] >> (4 * (d % 2))) & 15u;
    return name == "mxfp4" ? (double)fromE2M1(code) * fromUE8M0(scales[d / 32])
                           : (double)fromLm16(code) * fromE4M3(scales[d / 32]);
  }
};

inline Format format(const std::string& name) {
  return {name, name == "bf16" ? 16 : name == "fp8" ? 8 : 4, name == "mxfp4" || name == "lm16"};
}

struct Scheme {
  std::string name;
  Format keys;
  Format values;
  bool rotate;
};

inline const std::vector<Scheme>& schemes() {
  static const std::vector<Scheme> all = {
      {"bf16", format("bf16"), format("bf16"), false},
      {"fp8", format("fp8"), format("fp8"), false},
      {"mxfp4", format("mxfp4"), format("mxfp4"), true},
      {"k8v4", format("fp8"), format("lm16"), true},
      {"lm16", format("lm16"), format("lm16"), true},
  };
  return all;
}

struct Shape {
  int dim = 128;
  int kvHeads = 2;
  int group = 4;
  int blockTokens = 16;
  std::vector<int> lengths;  // of sequences

  int sequences() const { return (int)lengths.size(); }
  int heads() const { return kvHeads * group; }
};

// Blocks of random rows in shuffled slots on a device, encoded by its own store kernel.
class Cache {
 public:
  Cache(Backend& device, const Scheme& scheme, const Shape& shape, uint32_t seed, bool calibrated);

  BlockLayout layout() const { return kv; }
  const int32_t* table() const { return tables.at(); }
  const int32_t* lengths() const { return stored.at(); }
  int tableStride() const { return blocksPerSequence; }
  const float* queryFactor() const { return calibrated ? factor.at() : nullptr; }
  const float* keyMean() const { return calibrated ? mean.at() : nullptr; }
  const float* valueUnit() const { return calibrated ? unit.at() : nullptr; }
  int64_t packedBytes() const;

  // What K (in the stored basis) or V (as given) of a token is, by its bytes.
  const double* key(int sequence, int head, int token) const {
    return keys.data() + row(sequence, head, token);
  }
  const double* value(int sequence, int head, int token) const {
    return values.data() + row(sequence, head, token);
  }

  // A query in the basis of stored keys, in binary64.
  std::vector<double> rotated(const float* q, int head) const;

  const Scheme scheme;
  const Shape shape;
  const bool calibrated;
  std::vector<float> rowsOfKeys;    // [tokens][kvHeads][dim], sequences one after the other
  std::vector<float> rowsOfValues;
  std::vector<uint8_t> bytes;       // the blocks as they are on the device
  std::vector<float> means, factors, units;

 private:
  size_t row(int sequence, int head, int token) const {
    return (size_t)((starts[(size_t)sequence] + token) * shape.kvHeads + head) *
           (size_t)shape.dim;
  }

  void decode();

  std::vector<int> starts;  // first token of each sequence, of those of all
  std::vector<double> keys, values;
  int blocksPerSequence;
  std::vector<int32_t> slots;
  BlockLayout kv;
  Array<int32_t> tables;
  Array<int32_t> stored;
  Array<float> mean, factor, unit;
  Array<uint8_t> memory;
};

inline std::vector<float> normal(std::mt19937& random, size_t count, float deviation = 1) {
  std::normal_distribution<float> of(0, deviation);
  std::vector<float> numbers(count);
  for (float& x : numbers) {
    x = of(random);
  }
  return numbers;
}

}  // namespace kvcache::gpu
