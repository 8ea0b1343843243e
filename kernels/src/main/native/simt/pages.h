// Which tokens a tile of query rows sees, in chunks of 16, and where those lie.
#pragma once

#include "../math/platform.h"
#include "abi.h"

namespace kvcache {

constexpr int CHUNK_TOKENS = 16;

// What one query token sees of the tokens of a sequence: those before end that are sinks or in the
// window.
struct Sight {
  int end;
  int sinks;
  int windowStart;

  KV_DEVICE Sight(int end_, int sinks_, int window)
      : end(end_), sinks(sinks_), windowStart(end_ - window) {}

  KV_DEVICE bool sees(int token) const {
    return token < end && (token < sinks || token >= windowStart);
  }
};

// The chunks of a sequence's blocks that a tile needs: leading ones with sinks, then those from the
// window's on.
struct ChunkList {
  int sinkChunks;
  int windowChunk;
  int count;

  KV_DEVICE ChunkList(int stored, int sinks, int windowStart) {
    int start = greatest(windowStart, 0);
    int chunks = (stored + CHUNK_TOKENS - 1) / CHUNK_TOKENS;
    windowChunk = least(start / CHUNK_TOKENS, chunks);
    sinkChunks = (least(sinks, stored) + CHUNK_TOKENS - 1) / CHUNK_TOKENS;
    if (sinkChunks >= windowChunk) {
      sinkChunks = windowChunk;
    }
    count = sinkChunks + chunks - windowChunk;
  }

  // The i-th of them, as a chunk of the sequence.
  KV_DEVICE int chunk(int i) const { return i < sinkChunks ? i : windowChunk + i - sinkChunks; }
};

// The blocks of one sequence and KV head.
struct Pages {
  const uint8_t* base;
  const int32_t* table;
  int64_t slotBytes;
  int keyScales;
  int valueCodes;
  int valueScales;
  int blockTokens;
  int blockShift;

  KV_DEVICE Pages(const BlockLayout& kv, const int32_t* table_, int head)
      : base(kv.base + head * kv.headBytes),
        table(table_),
        slotBytes(kv.slotBytes),
        keyScales(kv.keyScales),
        valueCodes(kv.valueCodes),
        valueScales(kv.valueScales),
        blockTokens(kv.blockTokens),
        blockShift(0) {
    for (int tokens = kv.blockTokens; tokens > 1; tokens >>= 1) {
      blockShift++;
    }
  }

  KV_DEVICE const uint8_t* block(int chunk) const {
    return base + table[chunk * CHUNK_TOKENS >> blockShift] * slotBytes;
  }

  KV_DEVICE int row(int chunk) const { return chunk * CHUNK_TOKENS & (blockTokens - 1); }
};

}  // namespace kvcache
