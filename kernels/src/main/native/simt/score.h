// Logits of query rows over the tokens in blocks, for retrieval: each key is read once for all query
// rows of a tile. Then the softmax mass of each page, averaged over the rows.
#pragma once

#include "../math/softmax.h"
#include "accumulator.h"
#include "pages.h"
#include "queries.h"

namespace kvcache {

// Every wave has all rows of the tile and each WAVES-th chunk.
template <class Target, class KF, int D, int TILES>
class Score {
  using Matrix = typename Target::template Matrix<TILES>;
  using Scores = typename Target::template Scores<Matrix, KF, D, false>;

 public:
  static constexpr int WAVES = 4;
  static constexpr int THREADS = WAVES * Matrix::LANES;
  static constexpr int ROWS = Matrix::ROWS * TILES;

 private:
  using Stages = typename Target::template Stages<KF, KF, D, WAVES, true>;

  static constexpr int QUERIES = Stages::BYTES;
  static constexpr int FACTORS = QUERIES + ROWS * Scores::ROW_BYTES;
  static constexpr int PARTS = FACTORS + ROWS * 4;

 public:
  static constexpr KernelInfo INFO = {THREADS, ROWS, PARTS + WAVES * ROWS * 8};

  KV_DEVICE static void run(const ScoreArgs& a) {
    uint8_t* shared = sharedBase();
    int lane = threadId() % Matrix::LANES;
    int wave = threadId() / Matrix::LANES;
    int head = blockZ() % a.kvHeads;
    int sequence = blockZ() / a.kvHeads;
    int stored = a.lengths[(int64_t)sequence * a.lengthStride + (int64_t)head * a.lengthHeadStride];
    int rows = a.queryTokens * a.group;
    int firstRow = blockY() * ROWS;
    int chunks = (stored + CHUNK_TOKENS - 1) / CHUNK_TOKENS;
    int tiles = (chunks + WAVES - 1) / WAVES;
    int from = (int)((int64_t)tiles * blockX() / gridX());
    int to = (int)((int64_t)tiles * (blockX() + 1) / gridX());
    Pages pages(a.kv,
                a.table + (int64_t)sequence * a.tableStride + (int64_t)head * a.tableHeadStride,
                head);
    Stages stages(shared, pages);
    auto fetch = [&](int tile) {
      int i = tile * WAVES + wave;
      stages.fetch(tile, wave, lane, tile < to && i < chunks ? i : -1);
    };
#pragma unroll
    for (int i = 0; i < Stages::DEPTH - 1; i++) {
      fetch(from + i);
    }
    float* factors = (float*)(shared + FACTORS);
    prepareQueries<Scores, D, THREADS>(
        a.q, a.queries, a.queryFactor == nullptr ? nullptr : a.queryFactor + head * D,
        a.rotate != 0, a.logitScale,
        ((int64_t)sequence * a.queryTokens * a.kvHeads + head) * a.group * D, a.group, a.kvHeads,
        firstRow, ROWS, rows, shared + QUERIES, factors);
    syncBlock();
    Scores scores;
    scores.load(shared + QUERIES, lane);
    float max[TILES][Matrix::LANE_HEADS];
    float sum[TILES][Matrix::LANE_HEADS];
#pragma unroll
    for (int t = 0; t < TILES; t++) {
#pragma unroll
      for (int h = 0; h < Matrix::LANE_HEADS; h++) {
        max[t][h] = NO_LOGIT;
        sum[t][h] = 0;
      }
    }
    float* logits = a.logits + (int64_t)blockZ() * rows * a.logitStride;
    for (int tile = from; tile < to; tile++) {
      stages.arrive();
      syncWave();
      fetch(tile + Stages::DEPTH - 1);
      int chunk = tile * WAVES + wave;
      if (chunk < chunks) {
        float s[TILES][4];
        scores.score(stages.chunk(tile, wave), lane, s);
#pragma unroll
        for (int t = 0; t < TILES; t++) {
#pragma unroll
          for (int h = 0; h < Matrix::LANE_HEADS; h++) {
            int row = t * Matrix::ROWS + Matrix::head(lane, h);
            put(a, logits, firstRow + row, rows, chunk * CHUNK_TOKENS, stored, lane, h,
                factors[row], s[t], max[t][h], sum[t][h]);
          }
        }
      }
    }
    stages.drain();
    float* parts = (float*)(shared + PARTS);
#pragma unroll
    for (int t = 0; t < TILES; t++) {
#pragma unroll
      for (int h = 0; h < Matrix::LANE_HEADS; h++) {
        float most = Matrix::maxOverTokens(max[t][h]);
        float all = Matrix::sumOverTokens(sum[t][h] * exp2Fast(max[t][h] - most));
        int row = t * Matrix::ROWS + Matrix::head(lane, h);
        parts[2 * (wave * ROWS + row)] = most;
        parts[2 * (wave * ROWS + row) + 1] = all;
      }
    }
    syncBlock();
    int row = threadId();
    if (row < ROWS && firstRow + row < rows) {
      Part part = {NO_LOGIT, 0};
      for (int w = 0; w < WAVES; w++) {
        const float* of = parts + 2 * (w * ROWS + row);
        Merge m = merge(part.max, of[0], Exp2());
        part = {m.max, fma(of[1], m.second, part.sum * m.first)};
      }
      float* stats = a.stats + 2 * (((int64_t)blockZ() * gridX() + blockX()) * rows + firstRow + row);
      stats[0] = part.max;
      stats[1] = part.sum;
    }
  }

 private:
  // Writes a lane's logits of a query row, in powers of two, and keeps their maximum and sum.
  KV_DEVICE static void put(const ScoreArgs& a, float* logits, int row, int rows, int first,
                            int stored, int lane, int h, float factor, const float (&s)[4],
                            float& max, float& sum) {
    if (row >= rows) {
      return;
    }
#pragma unroll
    for (int r = 0; r < 4; r++) {
      int token = first + Matrix::scoreToken(lane, Matrix::scoreIndex(r));
      if (Matrix::headIndex(r) == h && token < stored) {
        float logit = s[r] * factor;
        logits[(int64_t)row * a.logitStride + token] = logit;
        float most = greatest(max, logit);
        sum = fma(sum, exp2Fast(max - most), exp2Fast(logit - most));
        max = most;
      }
    }
  }
};

struct Mass {
  static constexpr int THREADS = 128;
  static constexpr KernelInfo INFO = {THREADS, 0, 0};

  KV_DEVICE static void run(const MassArgs& a) {
    int list = blockY();
    int sequence = list / a.kvHeads;
    int head = list % a.kvHeads;
    int stored = a.lengths[(int64_t)sequence * a.lengthStride + (int64_t)head * a.lengthHeadStride];
    int page = blockX() * THREADS + threadId();
    if (page >= a.pages) {
      return;
    }
    int from = page * a.pageTokens;
    int to = least(from + a.pageTokens, stored);
    float mass = 0;
    for (int row = 0; row < a.rows && from < to; row++) {
      Part part = {NO_LOGIT, 0};
      for (int split = 0; split < a.splits; split++) {
        const float* of = a.stats + 2 * (((int64_t)list * a.splits + split) * a.rows + row);
        Merge m = merge(part.max, of[0], Exp2());
        part = {m.max, fma(of[1], m.second, part.sum * m.first)};
      }
      const float* logits = a.logits + ((int64_t)list * a.rows + row) * a.logitStride;
      float sum = 0;
      for (int token = from; token < to; token++) {
        sum += exp2Fast(logits[token] - part.max);
      }
      mass += sum / part.sum;
    }
    a.mass[list * a.massStride + page] = mass / (float)a.rows;
  }
};

}  // namespace kvcache
