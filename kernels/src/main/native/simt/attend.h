// Attention of a tile of query rows over the blocks of one sequence and KV head. Decoding (few
// rows): the waves of a block share the rows and split the tokens. Otherwise every wave has rows of
// its own, they share the tokens, and there may be fresh rows that are in no block yet. Further
// blocks may take other parts of the tokens (split-KV); the last one to finish merges all parts in
// their order, so results do not depend on who was last.
#pragma once

#include "accumulator.h"
#include "pages.h"
#include "queries.h"

namespace kvcache {

// Target: cuda::Target or hip::Target. SHARE_ROWS: decoding.
template <class Target, class KF, class VF, int D, int TILES, bool SHARE_ROWS>
class Attend {
  using Matrix = typename Target::template Matrix<TILES>;
  using Scores = typename Target::template Scores<Matrix, KF, D, SHARE_ROWS>;
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

  // Shared memory: stages (later the fresh rows, or the merged outputs), queries, factors, a word.
  static constexpr int QUERY_BYTES =
      ROWS * greatest(Scores::ROW_BYTES, SHARE_ROWS ? 0 : FreshScores::ROW_BYTES);
  static constexpr int MERGED_BYTES = SHARE_ROWS ? ROWS * (D + 2) * 4 : 0;
  static constexpr int QUERIES =
      greatest(greatest(Stages::BYTES, SHARE_ROWS ? 0 : FreshStages::BYTES),
               (MERGED_BYTES + 15) / 16 * 16);
  static constexpr int FACTORS = QUERIES + QUERY_BYTES;
  static constexpr int FLAG = FACTORS + ROWS * 4;

 public:
  static constexpr KernelInfo INFO = {THREADS, ROWS, FLAG + 16};

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
    firstEnd = end(firstRow / a.group);
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
    if constexpr (!SHARE_ROWS) {
      if (a.freshTokens > 0 && blockX() == gridX() - 1) {
        attendFresh();
      }
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
        // A wave without a chunk comes with none of its tokens seen, where all waves have to come.
        if (Scores::WHOLE_GROUP || i < chunks.count) {
          attendChunk<VF>(scores, stages.chunk(tile, w), chunks.chunk(i) * CHUNK_TOKENS,
                          i < chunks.count ? stored : 0);
        }
      }
    }
    stages.drain();
    syncBlock();
  }

  // What one wave has copied is for itself when the waves share the rows, else for all.
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
      for (int w = 0; w < WAVES; w++) {
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
    // Every row sees every token of most chunks.
    bool whole =
        first + CHUNK_TOKENS <= least(limit, firstEnd) && first >= tileEnd - a.window;
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
    if constexpr (D * TILES > 256) {
      // Values are not to be asked for sooner: there are no registers for them.
      syncWave();
    }
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
          mergeWave(out, w > 0);
        }
        syncBlock();
      }
      if (gridX() == 1) {
#pragma unroll 1
        for (int i = threadId(); i < ROWS * D; i += THREADS) {
          int row = i / D;
          write(row, i % D, out[i], maxima(out)[row], sums(out)[row]);
        }
        return;
      }
      float* part = partial(blockX());
#pragma unroll 1
      for (int i = threadId(); i < PART; i += THREADS) {
        part[i] = out[i];
      }
    } else if (gridX() == 1) {
      writeAll();
      return;
    } else {
      putParts(partial(blockX()), waveRow);
    }
    reduce();
  }

  // A part: outputs of all rows, then their maxima, then their sums.
  static constexpr int PART = ROWS * (D + 2);
  KV_DEVICE static float* maxima(float* part) { return part + ROWS * D; }
  KV_DEVICE static float* sums(float* part) { return part + ROWS * (D + 1); }

  KV_DEVICE float* partial(int split) const {
    int64_t tile = (int64_t)blockZ() * gridY() + blockY();
    return a.partial + (tile * gridX() + split) * PART;
  }

  template <class Function>
  KV_DEVICE void forRows(Function f) const {
#pragma unroll
    for (int t = 0; t < TILES; t++) {
#pragma unroll
      for (int h = 0; h < Matrix::LANE_HEADS; h++) {
        f(t, h, t * Matrix::ROWS + Matrix::head(lane, h));
      }
    }
  }

  KV_DEVICE void putParts(float* part, int base) const {
    forRows([&](int t, int h, int row) {
      float* to = part + (base + row) * D;
      state.outputs(lane, t, h, [&](int dim, float x) { to[dim] = x; });
      if (State::speaks(lane)) {
        maxima(part)[base + row] = state.max[t][h];
        sums(part)[base + row] = state.sum[t][h];
      }
    });
  }

  // Merges this wave's part into the one in shared memory.
  KV_DEVICE void mergeWave(float* part, bool there) {
    if (!there) {
      putParts(part, 0);
      return;
    }
    forRows([&](int t, int h, int row) {
      Merge m = merge(maxima(part)[row], state.max[t][h], Exp2());
      float sum = fma(state.sum[t][h], m.second, sums(part)[row] * m.first);
      syncWave();
      float* to = part + row * D;
      state.outputs(lane, t, h,
                    [&](int dim, float x) { to[dim] = fma(x, m.second, to[dim] * m.first); });
      if (State::speaks(lane)) {
        maxima(part)[row] = m.max;
        sums(part)[row] = sum;
      }
    });
  }

  // Outputs of rows that this wave alone has had.
  KV_DEVICE void writeAll() const {
    forRows([&](int t, int h, int row) {
      int r = firstRow + waveRow + row;
      if (r < rows) {
        float* to = a.out + queryOffset(r) * D;
        float sum = state.sum[t][h];
        float share = shareOf(sum);
        state.outputs(lane, t, h, [&](int dim, float x) { to[dim] = sum == 0 ? 0 : x * share; });
        if (State::speaks(lane)) {
          writeLse(r, state.max[t][h], sum);
        }
      }
    });
  }

  KV_DEVICE float shareOf(float sum) const {
    return (a.valueUnit == nullptr ? 1.0f : a.valueUnit[head]) / sum;
  }

  // Nothing seen: nothing given. NaN stays NaN.
  KV_DEVICE void write(int row, int dim, float out, float max, float sum) const {
    int r = firstRow + row;
    if (r < rows) {
      a.out[queryOffset(r) * D + dim] = sum == 0 ? 0 : out * shareOf(sum);
      if (dim == 0) {
        writeLse(r, max, sum);
      }
    }
  }

  KV_DEVICE void writeLse(int r, float max, float sum) const {
    if (a.lse != nullptr) {
      float log = max + (log2Fast(sum) - WEIGHT_BIAS);
      a.lse[queryOffset(r)] = sum == 0 ? -floatOf(INFINITY_BITS) : log * 0x1.62e43p-1f;
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
    // Maxima and sums of some rows at a time: read side by side, then turned into weights.
    int some = QUERIES / (8 * splits);
    float* weights = (float*)shared;
    float* totals = weights + some * splits;
    for (int first = 0; first < ROWS; first += some) {
      int count = least(some, ROWS - first);
      for (int i = threadId(); i < count * splits; i += THREADS) {
        int row = first + i / splits;
        weights[i] = loadDevice(maxima(partial(i % splits)) + row);
        totals[i] = loadDevice(sums(partial(i % splits)) + row);
      }
      syncBlock();
      for (int i = threadId(); i < count; i += THREADS) {
        weigh(weights + i * splits, totals + i * splits, splits);
      }
      syncBlock();
#pragma unroll 1
      for (int i = threadId(); i < count * D; i += THREADS) {
        int row = i / D;
        float out = 0;
        for (int s = 0; s < splits; s++) {
          out = fma(loadDevice(partial(s) + first * D + i), weights[row * splits + s], out);
        }
        write(first + row, i % D, out, totals[row * splits + 1], totals[row * splits]);
      }
      syncBlock();
    }
  }

  // Maxima become weights; of the sums, the first becomes that of all, the second their maximum.
  KV_DEVICE static void weigh(float* maxima, float* sums, int splits) {
    float max = NO_LOGIT;
    for (int s = 0; s < splits; s++) {
      max = greatest(max, maxima[s]);
    }
    float sum = 0;
    for (int s = 0; s < splits; s++) {
      maxima[s] = exp2Fast(maxima[s] - max);
      sum = fma(sums[s], maxima[s], sum);
    }
    sums[0] = sum;
    sums[1] = max;
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
  int firstEnd;   // of what the tile's first row sees
  int tileStart;  // of its window
  int tileEnd;    // of what the tile's last row sees
  State state;
  float factor[TILES][Matrix::LANE_HEADS];
};

}  // namespace kvcache
