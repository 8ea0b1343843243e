package org.kvcache.offload.retrieval;

import java.util.Arrays;
import org.kvcache.spi.PageSelector;
import org.kvcache.spi.PagedKv;
import org.kvcache.spi.SelectorContext;

/**
 * Chooses the blocks that could hold the key with the greatest logit of any query; single tokens in
 * the order of their blocks.
 */
final class QuestSelector implements PageSelector {

  private final PageBounds bounds;
  private final Selection selection;
  private final ScoreLoops loops;
  private final int group;
  private final int dim;
  private final int blockTokens;
  private final int pageTokens;
  private float[] scores = new float[0];

  QuestSelector(SelectorContext context, ScoreLoops loops) {
    this.loops = loops;
    bounds = new PageBounds(context);
    selection = new Selection(context);
    group = context.groupSize();
    dim = context.codec().layout().headDim();
    blockTokens = context.blockTokens();
    pageTokens = context.pageTokens();
  }

  @Override
  public void add(PagedKv prefix, int from, int to) {
    bounds.add(prefix, from, to);
  }

  @Override
  public void truncate(int blocks) {
    bounds.truncate(blocks);
  }

  @Override
  public int select(
      PagedKv prefix,
      int tokens,
      float[] q,
      int qOffset,
      int qStride,
      int queryTokens,
      int count,
      int[] chosen) {
    int blocks = tokens / blockTokens;
    if (blocks > bounds.blocks()) {
      throw new IllegalArgumentException(
          "%d blocks are to be scored; %d were added".formatted(blocks, bounds.blocks()));
    }
    int pages = tokens / pageTokens;
    if (scores.length < pages) {
      scores = new float[pages + pages / 4];
    }
    int blockPages = blockTokens / pageTokens;
    for (int block = 0; block < blocks; block++) {
      float bound = bound(block, q, qOffset, qStride, queryTokens);
      Arrays.fill(scores, block * blockPages, (block + 1) * blockPages, bound);
    }
    return selection.choose(scores, pages, count, chosen);
  }

  /** The most that a logit of any query can be, not yet scaled. */
  private float bound(int block, float[] q, int qOffset, int qStride, int queryTokens) {
    float[] chunk = bounds.chunk(block);
    int offset = bounds.offset(block);
    float most = Float.NEGATIVE_INFINITY;
    for (int token = 0; token < queryTokens; token++) {
      for (int head = 0; head < group; head++) {
        int at = qOffset + token * qStride + head * dim;
        most = Math.max(most, loops.bound(q, at, chunk, offset, dim));
      }
    }
    return most;
  }

  @Override
  public float mass() {
    return Float.NaN;
  }

  @Override
  public float massOf(int[] pages, int count) {
    return Float.NaN;
  }
}
