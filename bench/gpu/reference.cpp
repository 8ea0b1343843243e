#include "reference.h"

#include <numeric>

namespace kvcache::gpu {
namespace {

int aligned(int bytes) { return (bytes + 15) / 16 * 16; }

int longest(const Shape& shape) {
  return *std::max_element(shape.lengths.begin(), shape.lengths.end());
}

}  // namespace

Cache::Cache(Backend& device, const Scheme& of, const Shape& with, uint32_t seed, bool calibrate)
    : scheme(of),
      shape(with),
      calibrated(calibrate),
      blocksPerSequence(std::max(1, (longest(with) + with.blockTokens - 1) / with.blockTokens)),
      tables(device, (size_t)(blocksPerSequence * with.sequences())),
      stored(device, with.lengths),
      mean(device, (size_t)(with.kvHeads * with.dim)),
      factor(device, (size_t)(with.kvHeads * with.dim)),
      unit(device, (size_t)with.kvHeads),
      memory(device, [&] {
        int tokens = with.blockTokens;
        kv.keyScales = aligned(tokens * of.keys.codeBytes(with.dim));
        kv.valueCodes = aligned(kv.keyScales + tokens * of.keys.scaleBytes(with.dim));
        kv.valueScales = aligned(kv.valueCodes + tokens * of.values.codeBytes(with.dim));
        kv.headBytes = aligned(kv.valueScales + tokens * of.values.scaleBytes(with.dim));
        kv.slotBytes = kv.headBytes * with.kvHeads;
        kv.blockTokens = tokens;
        return (size_t)(kv.slotBytes * blocksPerSequence * with.sequences());
      }()) {
  std::mt19937 random(seed);
  kv.base = memory.at();
  size_t blocks = (size_t)(blocksPerSequence * shape.sequences());
  slots.resize(blocks);
  std::iota(slots.begin(), slots.end(), 0);
  std::shuffle(slots.begin(), slots.end(), random);
  tables.set(slots);
  // What no token has written is poison: NaN in every format.
  std::vector<uint8_t> poison((size_t)kv.slotBytes * blocks, 0xff);
  memory.set(poison);

  size_t channels = (size_t)(shape.kvHeads * shape.dim);
  means = normal(random, channels, 2);
  factors.resize(channels);
  std::vector<float> divide(channels);
  for (size_t c = 0; c < channels; c++) {
    float scale = std::ldexp(1.0f + (float)(random() % 64) / 64, (int)(random() % 2) - 1);
    float sign = random() % 2 == 0 ? 1.0f : -1.0f;
    factors[c] = sign * scale;
    divide[c] = sign / scale;
  }
  units.assign((size_t)shape.kvHeads, 0.5f);
  mean.set(means);
  factor.set(factors);
  unit.set(units);

  int tokens = std::accumulate(shape.lengths.begin(), shape.lengths.end(), 0);
  rowsOfKeys = normal(random, (size_t)tokens * channels);
  rowsOfValues = normal(random, (size_t)tokens * channels);
  std::vector<int64_t> places;
  for (int s = 0, t = 0; s < shape.sequences(); s++) {
    for (int i = 0; i < shape.lengths[(size_t)s]; i++, t++) {
      int slot = slots[(size_t)(s * blocksPerSequence + i / shape.blockTokens)];
      places.push_back((int64_t)slot * shape.blockTokens + i % shape.blockTokens);
      for (size_t c = 0; calibrated && c < channels; c++) {
        float& k = rowsOfKeys[(size_t)t * channels + c];
        k = k * std::fabs(factors[c]) + means[c];
      }
    }
  }
  if (tokens > 0) {
    Array<float> k(device, rowsOfKeys);
    Array<float> v(device, rowsOfValues);
    Array<int64_t> where(device, places);
    Array<float> divided(device, divide);
    StoreArgs args = {};
    args.kv = kv;
    args.keys = k.at();
    args.values = v.at();
    args.places = where.at();
    args.keyMean = keyMean();
    args.keyDivide = calibrated ? divided.at() : nullptr;
    args.valueUnit = valueUnit();
    args.tokenStride = (int64_t)channels;
    args.tokens = tokens;
    args.kvHeads = shape.kvHeads;
    args.rows = F32;
    args.rule = T7;
    args.rotate = scheme.rotate;
    std::string kernel = "kvcache_store_" + scheme.name + "_" + std::to_string(shape.dim);
    device.launch(kernel, (tokens + 3) / 4, shape.kvHeads, 1, args);
    device.synchronize();
  }
  bytes = memory.get();
  decode();
}

void Cache::decode() {
  int next = 0;
  for (int length : shape.lengths) {
    starts.push_back(next);
    next += length;
  }
  keys.resize((size_t)(next * shape.kvHeads * shape.dim));
  values.resize(keys.size());
  for (int s = 0; s < shape.sequences(); s++) {
    for (int token = 0; token < shape.lengths[(size_t)s]; token++) {
      int slot = slots[(size_t)(s * blocksPerSequence + token / shape.blockTokens)];
      int in = token % shape.blockTokens;
      for (int head = 0; head < shape.kvHeads; head++) {
        const uint8_t* block = bytes.data() + slot * kv.slotBytes + head * kv.headBytes;
        const uint8_t* k = block + in * scheme.keys.codeBytes(shape.dim);
        const uint8_t* ks = block + kv.keyScales + in * scheme.keys.scaleBytes(shape.dim);
        const uint8_t* v = block + kv.valueCodes + in * scheme.values.codeBytes(shape.dim);
        const uint8_t* vs = block + kv.valueScales + in * scheme.values.scaleBytes(shape.dim);
        double unit = calibrated ? units[(size_t)head] : 1;
        for (int d = 0; d < shape.dim; d++) {
          keys[row(s, head, token) + (size_t)d] = scheme.keys.value(k, ks, d);
          values[row(s, head, token) + (size_t)d] = unit * scheme.values.value(v, vs, d);
        }
      }
    }
  }
}

int64_t Cache::packedBytes() const {
  int64_t row = scheme.keys.codeBytes(shape.dim) + scheme.keys.scaleBytes(shape.dim) +
                scheme.values.codeBytes(shape.dim) + scheme.values.scaleBytes(shape.dim);
  return row * shape.kvHeads *
         std::accumulate(shape.lengths.begin(), shape.lengths.end(), (int64_t)0);
}

std::vector<double> Cache::rotated(const float* q, int head) const {
  int dim = shape.dim;
  std::vector<double> x((size_t)dim);
  for (int d = 0; d < dim; d++) {
    x[(size_t)d] = (double)q[d] * (calibrated ? factors[(size_t)(head * dim + d)] : 1.0f);
  }
  if (!scheme.rotate) {
    return x;
  }
  for (int stride = 1; stride < dim; stride *= 2) {
    for (int i = 0; i < dim; i++) {
      if ((i & stride) == 0) {
        double a = x[(size_t)i];
        double b = x[(size_t)(i + stride)];
        x[(size_t)i] = a + b;
        x[(size_t)(i + stride)] = a - b;
      }
    }
  }
  for (double& y : x) {
    y /= std::sqrt((double)dim);
  }
  return x;
}

}  // namespace kvcache::gpu
