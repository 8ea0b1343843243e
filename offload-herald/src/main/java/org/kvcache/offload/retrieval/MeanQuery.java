package org.kvcache.offload.retrieval;

import java.util.Arrays;

/** Asks one query for each head: the mean of those of the block. */
record MeanQuery(int tokenFloats, ScoreLoops loops) implements QueryChoice {

  @Override
  public int ask(float[] q, int offset, int stride, int tokens, float[] asked) {
    Arrays.fill(asked, 0, tokenFloats, 0);
    float share = 1f / tokens;
    for (int t = 0; t < tokens; t++) {
      loops.addScaled(q, offset + t * stride, tokenFloats, share, asked, 0);
    }
    return 1;
  }
}
