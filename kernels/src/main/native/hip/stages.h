// Chunks of blocks, wherever their planes lie, and how they come to the waves: gfx950 brings them
// to a ring of stages in shared memory; gfx942, which has less of it, reads them where they are.
#pragma once

#include "../simt/formats.h"
#include "../simt/pages.h"
#include "registers.h"
#include "sharedcopy.h"

namespace kvcache::hip {

template <class KF, class VF, int D>
struct Planes {
  using Shape = ChunkShape<KF, VF, D>;

  const uint8_t* keys;
  const uint8_t* keyScalePlane;
  const uint8_t* values;
  const uint8_t* valueScalePlane;

  // Planes without gaps between them.
  KV_DEVICE explicit Planes(const uint8_t* at)
      : keys(at),
        keyScalePlane(at + Shape::KEY_SCALES),
        values(at + Shape::VALUE_CODES),
        valueScalePlane(at + Shape::VALUE_SCALES) {}

  // The planes of a block from a row on.
  KV_DEVICE Planes(const uint8_t* block, const Pages& pages, int row)
      : keys(block + row * Shape::KEY_ROW),
        keyScalePlane(block + pages.keyScales + row * Shape::GROUPS),
        values(block + pages.valueCodes + row * Shape::VALUE_ROW),
        valueScalePlane(block + pages.valueScales + row * Shape::GROUPS) {}

  template <int N>
  KV_DEVICE void key(int row, int group, int quarter, uint32_t (&words)[N]) const {
    loadWords(keys + row * Shape::KEY_ROW + (4 * group + quarter) * KF::BITS, words);
  }

  // 16 bytes of a key.
  KV_DEVICE Word4 keyUnit(int row, int unit) const {
    return *(const Word4*)(keys + row * Shape::KEY_ROW + 16 * unit);
  }

  template <int N>
  KV_DEVICE void keyScales(int row, uint32_t (&bytes)[N]) const {
    const uint8_t* from = keyScalePlane + row * Shape::GROUPS;
    if constexpr (Shape::GROUPS == 2) {
      bytes[0] = *(const uint16_t*)from;
    } else {
      loadWords(from, bytes);
    }
  }

  // The `piece`-th 16th of a token's value.
  template <int N>
  KV_DEVICE void value(int token, int piece, uint32_t (&words)[N]) const {
    const uint8_t* from = values + token * Shape::VALUE_ROW + piece * (Shape::VALUE_ROW / 16);
    if constexpr (Shape::VALUE_ROW / 16 == 2) {
      words[0] = *(const uint16_t*)from;
    } else {
      loadWords(from, words);
    }
  }

  KV_DEVICE uint32_t valueScale(int token, int row) const {
    return valueScalePlane[token * Shape::GROUPS + row * Shape::GROUPS / 16];
  }

  // Writes unit `unit` of a row of fresh keys or values, which lie in shared memory.
  KV_DEVICE void put(bool ofValues, int row, int unit, const uint32_t (&words)[4]) const {
    uint8_t* to = (uint8_t*)(ofValues ? values + row * Shape::VALUE_ROW : keys + row * Shape::KEY_ROW);
    *(Word4*)(to + 16 * unit) = Word4{words[0], words[1], words[2], words[3]};
  }
};

#if defined(KV_CDNA4)

// The ring. Chunk w of a tile is copied by wave w; `fetch` is called once for each tile, in order,
// by all waves, `arrive` before a tile is read. Once there is no chunk for a wave, no other comes.
template <class KF, class VF, int D, int WAVES, int STAGES, bool KEYS_ONLY = false>
class RingStages {
  using Shape = ChunkShape<KF, VF, D>;

 public:
  using Chunk = Planes<KF, VF, D>;
  static constexpr int DEPTH = STAGES;
  static constexpr int CHUNK_BYTES = KEYS_ONLY ? Shape::VALUE_CODES : Shape::BYTES;
  static constexpr int BYTES = STAGES * WAVES * CHUNK_BYTES;

  KV_DEVICE RingStages(uint8_t* shared, const Pages& pages_) : base(shared), pages(pages_) {}

  KV_DEVICE Chunk chunk(int tile, int wave) const { return Chunk(place(tile, wave)); }

  // Starts copying chunk `chunk` of the sequence, the wave's part of a tile; below 0: none.
  KV_DEVICE void fetch(int tile, int wave, int lane, int chunkOfSequence) const {
    int chunk = uniform(chunkOfSequence);
    if (chunk < 0) {
      // No later copies are there to be counted.
      waitForAllBut<0>();
      return;
    }
    int slot = loadUniform(pages.table + (chunk * CHUNK_TOKENS >> pages.blockShift));
    Chunk from(pages.base + slot * pages.slotBytes, pages, pages.row(chunk));
    uint8_t* to = place(tile, uniform(wave));
    copyPlane<Shape::KEY_SCALES>(to, from.keys, lane);
    copyPlane<Shape::VALUE_CODES - Shape::KEY_SCALES>(to + Shape::KEY_SCALES, from.keyScalePlane,
                                                      lane);
    if constexpr (!KEYS_ONLY) {
      copyPlane<Shape::VALUE_SCALES - Shape::VALUE_CODES>(to + Shape::VALUE_CODES, from.values,
                                                          lane);
      copyPlane<Shape::BYTES - Shape::VALUE_SCALES>(to + Shape::VALUE_SCALES,
                                                    from.valueScalePlane, lane);
    }
  }

  // Waits for the oldest tile of DEPTH - 1 under way.
  KV_DEVICE void arrive() const { waitForAllBut<(STAGES - 2) * CHUNK_PIECES>(); }
  KV_DEVICE void drain() const { waitForAllBut<0>(); }

 private:
  static constexpr int KEY_PIECES =
      pieces(Shape::KEY_SCALES) + pieces(Shape::VALUE_CODES - Shape::KEY_SCALES);
  static constexpr int CHUNK_PIECES =
      KEY_PIECES + (KEYS_ONLY ? 0
                              : pieces(Shape::VALUE_SCALES - Shape::VALUE_CODES) +
                                    pieces(Shape::BYTES - Shape::VALUE_SCALES));

  KV_DEVICE uint8_t* place(int tile, int wave) const {
    return base + (tile % STAGES * WAVES + wave) * CHUNK_BYTES;
  }

  template <int PLANE_BYTES>
  KV_DEVICE static void copyPlane(uint8_t* to, const uint8_t* from, int lane) {
    copyPieces<PLANE_BYTES, 0>(to, from, lane);
  }

  template <int PLANE_BYTES, int AT>
  KV_DEVICE static void copyPieces(uint8_t* to, const uint8_t* from, int lane) {
    if constexpr (AT < PLANE_BYTES) {
      copyPiece<least(PLANE_BYTES - AT, PIECE_BYTES)>(to + AT, from + AT, lane);
      copyPieces<PLANE_BYTES, AT + PIECE_BYTES>(to, from, lane);
    }
  }

  uint8_t* base;
  const Pages& pages;
};

#endif

// Chunks are read in place, and other waves hide what that takes; stages only say where they are.
template <class KF, class VF, int D, int WAVES>
class PlaceStages {
  struct Place {
    const uint8_t* block;
    int64_t row;
  };

 public:
  using Chunk = Planes<KF, VF, D>;
  static constexpr int DEPTH = 2;
  static constexpr int BYTES = DEPTH * WAVES * (int)sizeof(Place);

  KV_DEVICE PlaceStages(uint8_t* shared, const Pages& pages_)
      : places((Place*)shared), pages(pages_) {}

  KV_DEVICE Chunk chunk(int tile, int wave) const {
    const Place& place = places[tile % DEPTH * WAVES + wave];
    return Chunk(place.block, pages, (int)place.row);
  }

  KV_DEVICE void fetch(int tile, int wave, int lane, int chunk) const {
    if (chunk >= 0 && lane == 0) {
      places[tile % DEPTH * WAVES + wave] = {pages.block(chunk), pages.row(chunk)};
    }
  }

  KV_DEVICE void arrive() const {}
  KV_DEVICE void drain() const {}

 private:
  Place* places;
  const Pages& pages;
};

}  // namespace kvcache::hip
