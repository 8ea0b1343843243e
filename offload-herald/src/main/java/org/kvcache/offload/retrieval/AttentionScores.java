package org.kvcache.offload.retrieval;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.KeyScan;
import org.kvcache.spi.PagedKv;
import org.kvcache.spi.SelectorContext;

/**
 * The share of its attention that a query pays to each page, the mean over queries. Keys are read a
 * tile at a time, each once for all queries of a batch. The softmax is an online one (Milakov and
 * Gimelshein 2018): weights are taken under the greatest logit so far and summed by page at once,
 * and of each query only those sums are kept, so that what remains to be done when all is known is
 * one pass over them.
 */
final class AttentionScores {

  /** Tokens of a tile, about: its logits stay in the first cache. */
  private static final int TILE_TOKENS = 1024;

  /** Queries of a batch, about: what is kept of each grows with the prefix. */
  private static final int BATCH_QUERIES = 32;

  private final ScannedKeys keys;
  private final AttentionBackend backend;
  private final ScoreLoops loops;
  private final int blockTokens;
  private final int pageTokens;
  private final int group;
  private final int headDim;
  private final float logitScale;
  private final int tileTokens;
  private final @Nullable KeyScan[] scans; // by the tokens whose queries they take
  private final float[] max;
  private final float[] total;
  private float[] scores = new float[0];

  AttentionScores(SelectorContext context, ScannedKeys keys, ScoreLoops loops) {
    this.keys = keys;
    this.loops = loops;
    backend = context.backend();
    blockTokens = context.blockTokens();
    pageTokens = context.pageTokens();
    group = context.groupSize();
    headDim = context.codec().layout().headDim();
    logitScale = context.logitScale();
    tileTokens = Math.ceilDiv(TILE_TOKENS, blockTokens) * blockTokens;
    int batch = Math.max(1, BATCH_QUERIES / group);
    scans = new KeyScan[batch + 1];
    max = new float[batch * group];
    total = new float[batch * group];
  }

  /** The scores of the last {@link #score}; they add up to 1. */
  float[] scores() {
    return scores;
  }

  /**
   * Scores the pages of a prefix.
   *
   * @param tokens of the prefix, a whole number of blocks
   * @param queries packed, of each token one for each head of the group
   * @param asked tokens that they are of
   */
  void score(PagedKv prefix, int tokens, float[] queries, int asked) {
    int pages = tokens / pageTokens;
    if (scores.length < pages) {
      scores = new float[pages + pages / 4];
    }
    Arrays.fill(scores, 0, pages, 0);
    int batch = scans.length - 1;
    for (int first = 0; first < asked; first += batch) {
      int count = Math.min(batch, asked - first);
      KeyScan scan = scan(count);
      scan.query(queries, first * group * headDim);
      add(scan, prefix, tokens, count * group, 1f / (asked * group));
    }
  }

  private KeyScan scan(int tokens) {
    KeyScan scan = scans[tokens];
    if (scan == null) {
      scan = backend.scan(keys.codec(), blockTokens, tokens * group);
      scans[tokens] = scan;
    }
    return scan;
  }

  /** Adds what the queries of a batch pay, each by its share. */
  private void add(KeyScan scan, PagedKv prefix, int tokens, int queries, float share) {
    int pages = tokens / pageTokens;
    int tilePages = tileTokens / pageTokens;
    int tiles = Math.ceilDiv(tokens, tileTokens);
    int stride = tileTokens + ScoreLoops.LANES;
    Scratch scratch = Scratch.get();
    float[] logits = scratch.logits(queries * stride);
    float[] sums = scratch.sums(queries * pages);
    float[] maxima = scratch.maxima(queries * tiles);
    Arrays.fill(max, 0, queries, Float.NEGATIVE_INFINITY);
    Arrays.fill(total, 0, queries, 0);
    for (int tile = 0; tile < tiles; tile++) {
      int from = tile * tileTokens;
      int count = Math.min(tileTokens, tokens - from);
      keys.logits(scan, prefix, from, from + count, logits, 0, stride);
      for (int query = 0; query < queries; query++) {
        weigh(query, logits, query * stride, count);
        maxima[query * tiles + tile] = max[query];
        int to = query * pages + tile * tilePages;
        if (pageTokens == 1) {
          System.arraycopy(logits, query * stride, sums, to, count);
        } else {
          int whole = count / pageTokens;
          loops.pageSums(logits, query * stride, whole, pageTokens, sums, to);
        }
      }
    }
    for (int query = 0; query < queries; query++) {
      if (!(total[query] > 0)) {
        continue; // no logit is a number
      }
      for (int tile = 0; tile < tiles; tile++) {
        float factor = Exponential.of(maxima[query * tiles + tile] - max[query]);
        int page = tile * tilePages;
        int count = Math.min(tilePages, pages - page);
        int from = query * pages + page;
        loops.addScaled(sums, from, count, factor / total[query] * share, scores, page);
      }
    }
  }

  /** Turns logits of a tile into weights. */
  private void weigh(int query, float[] logits, int offset, int count) {
    int padded = (count + ScoreLoops.LANES - 1) & -ScoreLoops.LANES;
    Arrays.fill(logits, offset + count, offset + padded, Float.NEGATIVE_INFINITY);
    float largest = loops.largest(logits, offset, padded) * logitScale;
    if (largest > max[query]) {
      total[query] *= Exponential.of(max[query] - largest);
      max[query] = largest;
    }
    if (max[query] == Float.NEGATIVE_INFINITY) {
      Arrays.fill(logits, offset, offset + padded, 0);
      return;
    }
    total[query] += loops.weigh(logits, offset, padded, logitScale, max[query]);
  }
}
