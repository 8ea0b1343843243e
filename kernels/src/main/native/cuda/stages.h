// Chunks on their way from global to shared memory: a ring of stages, filled by asynchronous copies
// of 16 bytes. Rows of codes are swizzled so that the lanes of a warp, which read the same column of
// eight rows, meet different banks; the bytes in memory stay in natural order.
#pragma once

#include "../simt/formats.h"
#include "../simt/pages.h"
#include "platform.h"

namespace kvcache::cuda {

template <class KF, class VF, int D>
struct StagedChunk {
  using Shape = ChunkShape<KF, VF, D>;

  uint8_t* at;

  // Where 16-byte unit `unit` of row `row` lies. What lanes read together of a row is BITS / 4
  // units.
  template <int ROW_BYTES, int BITS>
  KV_DEVICE static int swizzled(int row, int unit) {
    constexpr int UNITS = ROW_BYTES / 16;
    constexpr int SPAN = UNITS < 8 ? UNITS : 8;
    int turn = (UNITS < 8 ? row * UNITS / 8 : row) * (BITS / 4);
    return row * ROW_BYTES + 16 * (unit ^ (turn & (SPAN - 1)));
  }

  template <int N>
  KV_DEVICE void key(int row, int group, int quarter, uint32_t (&words)[N]) const {
    int byte = group * 4 * KF::BITS + quarter * KF::BITS;
    loadWords(at + swizzled<Shape::KEY_ROW, KF::BITS>(row, byte / 16) + byte % 16, words);
  }

  template <int N>
  KV_DEVICE void keyScales(int row, uint32_t (&bytes)[N]) const {
    const uint8_t* from = at + Shape::KEY_SCALES + row * Shape::GROUPS;
    if constexpr (Shape::GROUPS == 2) {
      bytes[0] = *(const uint16_t*)from;
    } else {
      loadWords(from, bytes);
    }
  }

  // The `piece`-th N words of a token's value.
  template <int N>
  KV_DEVICE void value(int token, int piece, uint32_t (&words)[N]) const {
    constexpr int BYTES = 4 * N;
    const uint8_t* plane = at + Shape::VALUE_CODES;
#pragma unroll
    for (int i = 0; i < BYTES; i += 16) {
      int byte = piece * BYTES + i;
      const uint8_t* from =
          plane + swizzled<Shape::VALUE_ROW, VF::BITS>(token, byte / 16) + byte % 16;
      uint32_t some[N < 4 ? N : 4];
      loadWords(from, some);
#pragma unroll
      for (int w = 0; w < (N < 4 ? N : 4); w++) {
        words[i / 4 + w] = some[w];
      }
    }
  }

  KV_DEVICE uint32_t valueScale(int token, int row) const {
    return at[Shape::VALUE_SCALES + token * Shape::GROUPS + row * Shape::GROUPS / 8];
  }

  // Starts copies of the chunk's planes by one warp.
  KV_DEVICE void fetch(const uint8_t* block, const Pages& pages, int row, int lane) const {
    copyRows<Shape::KEY_ROW, KF::BITS>(at, block + row * Shape::KEY_ROW, lane);
    copyRows<Shape::VALUE_ROW, VF::BITS>(at + Shape::VALUE_CODES,
                                         block + pages.valueCodes + row * Shape::VALUE_ROW, lane);
    if constexpr (KF::SCALED) {
      copyUnits(at + Shape::KEY_SCALES, block + pages.keyScales + row * Shape::GROUPS, lane);
    }
    if constexpr (VF::SCALED) {
      copyUnits(at + Shape::VALUE_SCALES, block + pages.valueScales + row * Shape::GROUPS, lane);
    }
  }

  // Only the keys, for scores.
  KV_DEVICE void fetchKeys(const uint8_t* block, const Pages& pages, int row, int lane) const {
    copyRows<Shape::KEY_ROW, KF::BITS>(at, block + row * Shape::KEY_ROW, lane);
    if constexpr (KF::SCALED) {
      copyUnits(at + Shape::KEY_SCALES, block + pages.keyScales + row * Shape::GROUPS, lane);
    }
  }

  // Writes unit `unit` of a row of fresh keys or values.
  KV_DEVICE void put(bool values, int row, int unit, const uint32_t (&words)[4]) const {
    uint8_t* to = values ? at + Shape::VALUE_CODES + swizzled<Shape::VALUE_ROW, VF::BITS>(row, unit)
                         : at + swizzled<Shape::KEY_ROW, KF::BITS>(row, unit);
    *(Words<4>*)to = {{words[0], words[1], words[2], words[3]}};
  }

 private:
  template <int ROW_BYTES, int BITS>
  KV_DEVICE static void copyRows(uint8_t* to, const uint8_t* from, int lane) {
    constexpr int UNITS = ROW_BYTES / 16;
#pragma unroll
    for (int i = 0; i < 16 * UNITS; i += 32) {
      int unit = i + lane;
      if (16 * UNITS % 32 == 0 || unit < 16 * UNITS) {
        copyAsync<16>(to + swizzled<ROW_BYTES, BITS>(unit / UNITS, unit % UNITS),
                      from + 16 * unit);
      }
    }
  }

  KV_DEVICE static void copyUnits(uint8_t* to, const uint8_t* from, int lane) {
    if (lane < Shape::GROUPS) {
      copyAsync<16>(to + 16 * lane, from + 16 * lane);
    }
  }
};

// The ring. Chunk w of a tile is copied by wave w; `fetch` is called once for each tile, in order,
// by all waves, `arrive` before a tile is read.
template <class KF, class VF, int D, int WAVES, int STAGES, bool KEYS_ONLY = false>
class Stages {
 public:
  using Chunk = StagedChunk<KF, VF, D>;
  static constexpr int DEPTH = STAGES;
  static constexpr int CHUNK_BYTES = KEYS_ONLY ? Chunk::Shape::VALUE_CODES : Chunk::Shape::BYTES;
  static constexpr int BYTES = STAGES * WAVES * CHUNK_BYTES;

  KV_DEVICE Stages(uint8_t* shared, const Pages& pages_) : base(shared), pages(pages_) {}

  KV_DEVICE Chunk chunk(int tile, int wave) const {
    return Chunk{base + (tile % STAGES * WAVES + wave) * CHUNK_BYTES};
  }

  // Starts copying chunk `chunk` of the sequence, the wave's part of a tile; below 0: none.
  KV_DEVICE void fetch(int tile, int wave, int lane, int chunkOfSequence) const {
    if (chunkOfSequence >= 0) {
      const uint8_t* block = pages.block(chunkOfSequence);
      int row = pages.row(chunkOfSequence);
      if constexpr (KEYS_ONLY) {
        chunk(tile, wave).fetchKeys(block, pages, row, lane);
      } else {
        chunk(tile, wave).fetch(block, pages, row, lane);
      }
    }
    commitAsync();
  }

  // Waits for the oldest tile of DEPTH - 1 under way.
  KV_DEVICE void arrive() const { waitAsync<STAGES - 2>(); }
  KV_DEVICE void drain() const { waitAsync<0>(); }

 private:
  uint8_t* base;
  const Pages& pages;
};

}  // namespace kvcache::cuda
