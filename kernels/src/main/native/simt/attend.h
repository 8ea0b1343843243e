// Attention of a tile of query rows over the blocks of one sequence and KV head, and over fresh
// rows that are in no block yet. Decoding (few rows): the waves of a block share the rows and split
// the tokens. Otherwise every wave has rows of its own and they share the tokens. Further blocks
// may take other parts of the tokens (split-KV); the last one to finish merges all parts in their
// order, so results do not depend on who was last.
#pragma once

#include "accumulator.h"
#include "pages.h"
#include "queries.h"

namespace kvcache {

// Target: cuda::Target or hip::Target. SHARE_ROWS: decoding.
template <class Target, class KF, class VF, int D, int TILES, bool SHARE_ROWS>
class Attend {
  using Matrix = typename Target::template Matrix<TILES>;
  using Scores = typename Matrix::template Scores<KF, D>;
  using Fresh = Plain<KF::IS_BF16>;
  using FreshScores = HalfScores<Matrix, Fresh, D>;
  using State = Accumulator<Matrix, D>;

 public:
  static constexpr int WAVES = ChunkShape<KF, VF, D>::BYTES >= 16384 ? 2 : 4;
  static constexpr int THREADS = WAVES * Matrix::LANES;
  static constexpr int WAVE_ROWS = Matrix::ROWS * TILES;
  static constexpr int ROWS = SHARE_ROWS ? WAVE_ROWS : WAVES * WAVE_ROWS;
  static constexpr int TILE_TOKENS = WAVES * CHUNK_TOKENS;

 private:
  using Stages = typename Target::template Stages<KF, VF, D, WAVES>;
  using FreshStages = typename Target::template FreshStages<Fresh, D, WAVES>;

  // Shared memory: stages (later the fresh rows, then the merged outputs), queries, factors, and a
  // word.
  static constexpr int QUERY_BYTES = ROWS * greatest(Scores::ROW_BYTES, FreshScores::ROW_BYTES);
  static constexpr int MERGED_BYTES = SHARE_ROWS ? ROWS * (D + 2) * 4 : 0;
  static constexpr int QUERIES =
      greatest(greatest(Stages::BYTES, FreshStages::BYTES), (MERGED_BYTES + 15) / 16 * 16);
  static constexpr int FACTORS = QUERIES + QUERY_BYTES;
  static constexpr int FLAG = FACTORS + ROWS * 4;

 public:
  static constexpr KernelInfo INFO = {THREADS, ROWS, FLAG + 16, TILE_TOKENS};

  KV_DEVICE explicit Attend(const AttendArgs& args)
      : a(args),
        shared(sharedBase()),
        lane(threadId() % Matrix::LANES),
        wave(threadId() / Matrix::LANES),
        head(blockZ() % args.kvHeads),
        sequence(blockZ() / args.kvHeads),
        stored(args.lengths == nullptr
                   ? 0
                   : args.lengths[(int64_t)sequence * args.lengthStride +
                                  (int64_t)head * args.lengthHeadStride]),
        rows(args.queryTokens * args.group),
        firstRow(blockY() * ROWS),
        waveRow(SHARE_ROWS ? 0 : wave * WAVE_ROWS) {}

  KV_DEVICE void run() {
    state.clear();
    int firstEnd = end(firstRow / a.group);
    tileEnd = end((least(firstRow + ROWS, rows) - 1) / a.group);
    tileStart = a.window >= firstEnd ? 0 : firstEnd - a.window;
    ChunkList chunks(stored, a.sinks, tileStart);
    int tiles = (chunks.count + WAVES - 1) / WAVES;
    int from = (int)((int64_t)tiles * blockX() / gridX());
    int to = (int)((int64_t)tiles * (blockX() + 1) / gridX());
    if (from < to) {
      attendStored(chunks, from, to);
    }
    state.settle(VF::VALUE_UNIT);
    if (a.freshTokens > 0 && blockX() == gridX() - 1) {
      attendFresh();
    }
    state.sumOverLanes();
    finish();
  }

 private:
  // One past the last token that a query token sees.
  KV_DEVICE int end(int queryToken) const {
    int all = stored + a.freshTokens;
    return a.mask == CAUSAL ? all - (a.queryTokens - 1 - queryToken) : all;
  }

  KV_DEVICE int64_t queryOffset(int row) const {
    int64_t token = (int64_t)sequence * a.queryTokens + row / a.group;
    return (token * a.kvHeads + head) * a.group + row % a.group;
  }

  template <class S>
  KV_DEVICE void prepare(const float* factor, bool rotate) {
    prepareQueries<S, D, THREADS>(
        a.q, a.queries, factor, rotate, a.logitScale,
        ((int64_t)sequence * a.queryTokens * a.kvHeads + head) * a.group * D, a.group, a.kvHeads,
        firstRow, ROWS, rows, shared + QUERIES, (float*)(shared + FACTORS));
    syncBlock();
  }

  KV_DEVICE void attendStored(const ChunkList& chunks, int from, int to) {
    Pages pages(a.kv,
                a.table + (int64_t)sequence * a.tableStride + (int64_t)head * a.tableHeadStride,
                head);
    Stages stages(shared, pages);
    auto fetch = [&](int tile) {
      int i = tile * WAVES + wave;
      stages.fetch(tile, wave, lane, tile < to && i < chunks.count ? chunks.chunk(i) : -1);
    };
#pragma unroll
    for (int i = 0; i < Stages::DEPTH - 1; i++) {
      fetch(from + i);
    }
    prepare<Scores>(
        a.queryFactor == nullptr ? nullptr : a.queryFactor + head * D, a.rotate != 0);
    Scores scores;
    scores.load(shared + QUERIES + waveRow * Scores::ROW_BYTES, lane);
    loadFactors();
    for (int tile = from; tile < to; tile++) {
      stages.arrive();
      meet();
      fetch(tile + Stages::DEPTH - 1);
#pragma unroll 1
      for (int w = SHARE_ROWS ? wave : 0; w < (SHARE_ROWS ? wave + 1 : WAVES); w++) {
        int i = tile * WAVES + w;
        if (i < chunks.count) {
          attendChunk<VF>(scores, stages.chunk(tile, w), chunks.chunk(i) * CHUNK_TOKENS, stored);
        }
      }
    }
    stages.drain();
    syncBlock();
  }

  // What one wave has copied is for itself when waves share the rows, else for all.
  KV_DEVICE void meet() const {
    if constexpr (SHARE_ROWS) {
      syncWave();
    } else {
      syncBlock();
    }
  }

  KV_DEVICE void attendFresh() {
    prepare<FreshScores>(nullptr, false);
    FreshScores scores;
    scores.load(shared + QUERIES + waveRow * FreshScores::ROW_BYTES, lane);
    loadFactors();
    FreshStages stages(shared);
    int last = least(a.freshTokens, tileEnd - stored);
    for (int from = 0; from < last; from += TILE_TOKENS) {
      stages.template load<THREADS>(a, sequence, head, from);
      syncBlock();
#pragma unroll 1
      for (int w = SHARE_ROWS ? wave : 0; w < (SHARE_ROWS ? wave + 1 : WAVES); w++) {
        int token = from + w * CHUNK_TOKENS;
        if (token < last) {
          attendChunk<Fresh>(scores, stages.chunk(w), stored + token, stored + a.freshTokens);
        }
      }
      syncBlock();
    }
  }

  KV_DEVICE void loadFactors() {
    const float* factors = (const float*)(shared + FACTORS) + waveRow;
#pragma unroll
    for (int t = 0; t < TILES; t++) {
#pragma unroll
      for (int h = 0; h < Matrix::LANE_HEADS; h++) {
        factor[t][h] = factors[t * Matrix::ROWS + Matrix::head(lane, h)];
      }
    }
  }

  // Takes in 16 tokens from `first` on, of which those before `limit` are there.
  template <class F, class S, class Chunk>
  KV_DEVICE void attendChunk(const S& scores, const Chunk& chunk, int first, int limit) {
    float s[TILES][4];
    scores.score(chunk, lane, s);
#pragma unroll
    for (int t = 0; t < TILES; t++) {
#pragma unroll
      for (int r = 0; r < 4; r++) {
        s[t][r] *= factor[t][Matrix::headIndex(r)];
      }
    }
    int keep = 15;
    bool whole = first + CHUNK_TOKENS <= limit && a.window == INT32_MAX && a.mask != CAUSAL;
    if (!whole) {
      hide(s, first, limit);
      keep = kept(first, limit);
    }
    bool grow = state.outgrown(s);
    int exponent = 0;
    if constexpr (F::FLOATING) {
      exponent = State::template exponent<F>(chunk, lane, keep);
      grow |= exponent > state.reference + 1;
    }
    if (anyLane(grow)) {
      state.raise(s);
      if constexpr (F::FLOATING) {
        state.raiseReference(exponent);
      }
    }
    state.weigh(s);
    state.template add<F>(chunk, lane, s, keep);
  }

  KV_DEVICE void hide(float (&s)[TILES][4], int first, int limit) const {
#pragma unroll
    for (int t = 0; t < TILES; t++) {
#pragma unroll
      for (int h = 0; h < Matrix::LANE_HEADS; h++) {
        int row = firstRow + waveRow + t * Matrix::ROWS + Matrix::head(lane, h);
        Sight sight(end(least(row, rows - 1) / a.group), a.sinks, a.window);
#pragma unroll
        for (int r = 0; r < 4; r++) {
          if (Matrix::headIndex(r) == h) {
            int token = first + Matrix::scoreToken(lane, Matrix::scoreIndex(r));
            bool seen = token < limit && sight.sees(token);
            s[t][r] = seen ? s[t][r] : -floatOf(INFINITY_BITS);
          }
        }
      }
    }
  }

  // Of the lane's four tokens those that some row of the tile sees: what lies elsewhere may be no
  // numbers at all.
  KV_DEVICE int kept(int first, int limit) const {
    int keep = 0;
#pragma unroll
    for (int j = 0; j < 4; j++) {
      int token = first + Matrix::valueToken(Matrix::quarter(lane), j);
      bool seen = token < limit && token < tileEnd && (token < a.sinks || token >= tileStart);
      keep |= seen ? 1 << j : 0;
    }
    return keep;
  }

  KV_DEVICE void finish() {
    if constexpr (SHARE_ROWS) {
      syncBlock();
      float* out = (float*)shared;
#pragma unroll 1
      for (int w = 0; w < WAVES; w++) {
        if (wave == w) {
          mergeWave(out, out + ROWS * D, out + ROWS * (D + 1), w > 0);
        }
        syncBlock();
      }
      if (gridX() == 1) {
        for (int i = threadId(); i < ROWS * D; i += THREADS) {
          int row = i / D;
          write(row, i % D, out[i], out[ROWS * D + row], out[ROWS * (D + 1) + row]);
        }
        return;
      }
      float* part = partial(blockX());
      for (int i = threadId(); i < ROWS * (D + 2); i += THREADS) {
        part[i] = out[i];
      }
    } else if (gridX() == 1) {
      state.forEach(lane, [&](int t, int h, int dim, float x) {
        int row = waveRow + t * Matrix::ROWS + Matrix::head(lane, h);
        write(row, dim, x, state.max[t][h], state.sum[t][h]);
      });
      return;
    } else {
      float* part = partial(blockX());
      putParts(part, part + ROWS * D, part + ROWS * (D + 1), waveRow);
    }
    reduce();
  }

  KV_DEVICE float* partial(int split) const {
    int64_t tile = (int64_t)blockZ() * gridY() + blockY();
    return a.partial + (tile * gridX() + split) * (ROWS * (D + 2));
  }

  KV_DEVICE void putParts(float* out, float* max, float* sum, int base) const {
    state.forEach(lane, [&](int t, int h, int dim, float x) {
      int row = base + t * Matrix::ROWS + Matrix::head(lane, h);
      out[row * D + dim] = x;
      if (dim == 0) {
        max[row] = state.max[t][h];
        sum[row] = state.sum[t][h];
      }
    });
  }

  // Merges this wave's part into the one in shared memory.
  KV_DEVICE void mergeWave(float* out, float* max, float* sum, bool there) {
    if (!there) {
      putParts(out, max, sum, 0);
      return;
    }
    float before[TILES][Matrix::LANE_HEADS];
    float sums[TILES][Matrix::LANE_HEADS];
#pragma unroll
    for (int t = 0; t < TILES; t++) {
#pragma unroll
      for (int h = 0; h < Matrix::LANE_HEADS; h++) {
        int row = t * Matrix::ROWS + Matrix::head(lane, h);
        before[t][h] = max[row];
        sums[t][h] = sum[row];
      }
    }
    syncWave();
    state.forEach(lane, [&](int t, int h, int dim, float x) {
      int row = t * Matrix::ROWS + Matrix::head(lane, h);
      Merge m = merge(before[t][h], state.max[t][h], Exp2());
      out[row * D + dim] = fma(x, m.second, out[row * D + dim] * m.first);
      if (dim == 0) {
        max[row] = m.max;
        sum[row] = fma(state.sum[t][h], m.second, sums[t][h] * m.first);
      }
    });
  }

  KV_DEVICE void write(int row, int dim, float out, float max, float sum) const {
    int r = firstRow + row;
    if (r < rows) {
      int64_t at = queryOffset(r);
      float unit = a.valueUnit == nullptr ? 1.0f : a.valueUnit[head];
      // Nothing seen: nothing given. NaN stays NaN.
      a.out[at * D + dim] = sum == 0 ? 0.0f : out * unit / sum;
      if (dim == 0 && a.lse != nullptr) {
        float log = max + (log2Fast(sum) - WEIGHT_BIAS);
        a.lse[at] = sum == 0 ? -floatOf(INFINITY_BITS) : log * 0x1.62e43p-1f;
      }
    }
  }

  // The last block of the tile merges the parts of all, from the first to the last.
  KV_DEVICE void reduce() {
    uint32_t* flag = (uint32_t*)(shared + FLAG);
    fenceDevice();
    syncBlock();
    if (threadId() == 0) {
      *flag = atomicAddDevice(a.arrived + (int64_t)blockZ() * gridY() + blockY(), 1);
    }
    syncBlock();
    int splits = gridX();
    if (*flag != (uint32_t)(splits - 1)) {
      return;
    }
    fenceDevice();
    if (threadId() == 0) {
      a.arrived[(int64_t)blockZ() * gridY() + blockY()] = 0;
    }
    for (int i = threadId(); i < ROWS * D; i += THREADS) {
      int row = i / D;
      float max = NO_LOGIT;
      for (int s = 0; s < splits; s++) {
        max = greatest(max, loadDevice(partial(s) + ROWS * D + row));
      }
      float out = 0;
      float sum = 0;
      for (int s = 0; s < splits; s++) {
        const float* part = partial(s);
        float weight = exp2Fast(loadDevice(part + ROWS * D + row) - max);
        out = fma(loadDevice(part + i), weight, out);
        sum = fma(loadDevice(part + ROWS * (D + 1) + row), weight, sum);
      }
      write(row, i % D, out, max, sum);
    }
  }

  const AttendArgs& a;
  uint8_t* shared;
  const int lane;
  const int wave;
  const int head;
  const int sequence;
  const int stored;
  const int rows;
  const int firstRow;
  const int waveRow;
  int tileStart;  // of the window of the tile's first row
  int tileEnd;    // of what the tile's last row sees
  State state;
  float factor[TILES][Matrix::LANE_HEADS];
};

}  // namespace kvcache
