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
}
