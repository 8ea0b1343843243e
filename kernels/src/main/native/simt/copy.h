// Pages from anywhere the device can read to anywhere it can write, all in one launch: slots to
// slots, or pinned host memory to slots.
#pragma once

#include "../math/platform.h"
#include "abi.h"

namespace kvcache {

struct Copy {
  static constexpr int THREADS = 256;
  static constexpr KernelInfo INFO = {THREADS, 0, 0};

  KV_DEVICE static void run(const CopyArgs& a) {
    int64_t from = a.from[blockX()];
    int64_t to = a.to[blockX()];
    if (from < 0) {
      return;
    }
    const Words<4>* source = (const Words<4>*)(a.source + from * a.sourceStride);
    Words<4>* target = (Words<4>*)(a.target + to * a.targetStride);
    int64_t step = (int64_t)gridY() * THREADS;
    int64_t words = a.bytes / 16;
    int64_t i = (int64_t)blockY() * THREADS + threadId();
    // Four loads under way at a time: reads over the bus take long.
    for (; i + 3 * step < words; i += 4 * step) {
      Words<4> w0 = source[i];
      Words<4> w1 = source[i + step];
      Words<4> w2 = source[i + 2 * step];
      Words<4> w3 = source[i + 3 * step];
      target[i] = w0;
      target[i + step] = w1;
      target[i + 2 * step] = w2;
      target[i + 3 * step] = w3;
    }
    for (; i < words; i += step) {
      target[i] = source[i];
    }
  }
};

}  // namespace kvcache
