package org.kvcache.offload.retrieval;

/** The sum over lanes of {@link ScoreLoops}, of what the loops left in 16 lanes. */
final class Lanes {

  private Lanes() {}

  static float sum(float[] x, int offset) {
    float lane0 = (x[offset] + x[offset + 8]) + (x[offset + 4] + x[offset + 12]);
    float lane1 = (x[offset + 1] + x[offset + 9]) + (x[offset + 5] + x[offset + 13]);
    float lane2 = (x[offset + 2] + x[offset + 10]) + (x[offset + 6] + x[offset + 14]);
    float lane3 = (x[offset + 3] + x[offset + 11]) + (x[offset + 7] + x[offset + 15]);
    return (lane0 + lane2) + (lane1 + lane3);
  }

  /** The sums of {@code pages} runs of {@code pageTokens} numbers each. */
  static void pageSums(
      float[] x, int offset, int pages, int pageTokens, float[] sums, int sumsOffset) {
    if (pageTokens == 1) {
      System.arraycopy(x, offset, sums, sumsOffset, pages);
      return;
    }
    int whole = pageTokens / ScoreLoops.LANES * ScoreLoops.LANES;
    for (int page = 0, at = offset; page < pages; page++) {
      float sum = 0;
      int end = at + pageTokens;
      for (int to = at + whole; at < to; at += ScoreLoops.LANES) {
        sum += sum(x, at);
      }
      for (; at < end; at++) {
        sum += x[at];
      }
      sums[sumsOffset + page] = sum;
    }
  }
}
