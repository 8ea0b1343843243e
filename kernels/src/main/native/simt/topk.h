// The k greatest of a list of numbers that are 0 or more: radix selection on their bits, 8 at a
// time, by one block per list, then the indices in their order.
#pragma once

#include "../math/platform.h"
#include "abi.h"

namespace kvcache {

struct TopK {
  static constexpr int THREADS = 256;
  // 256 counters, and two numbers of each thread.
  static constexpr KernelInfo INFO = {THREADS, 0, (256 + 2 * THREADS) * 4};

  KV_DEVICE static void run(const TopKArgs& a) {
    int list = blockX();
    const float* values = a.values + list * a.stride;
    int count = a.counts == nullptr ? a.count : a.counts[list];
    int k = least(a.k, count);
    int32_t* indices = a.indices + (int64_t)list * a.k;
    uint32_t* counters = (uint32_t*)sharedBase();
    uint32_t* above = counters + 256;
    uint32_t* equal = above + THREADS;

    // The bits of the k-th greatest number, and how many of its equals belong to the k.
    uint32_t prefix = 0;
    uint32_t wanted = (uint32_t)k;
    for (int shift = 24; shift >= 0; shift -= 8) {
      counters[threadId()] = 0;
      syncBlock();
      for (int i = threadId(); i < count; i += THREADS) {
        uint32_t bits = bitsOf(values[i]);
        if (shift == 24 || bits >> (shift + 8) == prefix >> (shift + 8)) {
          atomicAddShared(&counters[(bits >> shift) & 255], 1);
        }
      }
      syncBlock();
      // Every thread goes down the counters by itself: 256 steps, and no one has to wait.
      int digit = 255;
      uint32_t rest = wanted;
      while (digit > 0 && counters[digit] < rest) {
        rest -= counters[digit];
        digit--;
      }
      wanted = rest;
      prefix |= (uint32_t)digit << shift;
      syncBlock();
    }

    // Each thread has a run of neighbours; what is before it says where its own go.
    int run = (count + THREADS - 1) / THREADS;
    int from = least(threadId() * run, count);
    int to = least(from + run, count);
    uint32_t mineAbove = 0;
    uint32_t mineEqual = 0;
    for (int i = from; i < to; i++) {
      uint32_t bits = bitsOf(values[i]);
      mineAbove += bits > prefix ? 1u : 0u;
      mineEqual += bits == prefix ? 1u : 0u;
    }
    above[threadId()] = mineAbove;
    equal[threadId()] = mineEqual;
    syncBlock();
    uint32_t aboveBefore = 0;
    uint32_t equalBefore = 0;
    for (int i = 0; i < threadId(); i++) {
      aboveBefore += above[i];
      equalBefore += equal[i];
    }
    uint32_t place = aboveBefore + least(equalBefore, wanted);
    for (int i = from; i < to && k > 0; i++) {
      uint32_t bits = bitsOf(values[i]);
      bool taken = bits > prefix;
      if (bits == prefix) {
        taken = equalBefore < wanted;
        equalBefore++;
      }
      if (taken) {
        indices[place++] = i;
      }
    }
    for (int i = k + threadId(); i < a.k; i += THREADS) {
      indices[i] = -1;
    }
  }
};

}  // namespace kvcache
