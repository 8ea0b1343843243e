package org.kvcache.offload.retrieval;

import java.util.Arrays;

/** In plain Java. */
final class ScalarScoreLoops implements ScoreLoops {

  private final float[] sums = new float[LANES];

  @Override
  public float largest(float[] x, int offset, int count) {
    float largest = Float.NEGATIVE_INFINITY;
    for (int i = offset; i < offset + count; i++) {
      largest = x[i] > largest ? x[i] : largest;
    }
    return largest;
  }

  @Override
  public float weigh(float[] x, int offset, int count, float scale, float max) {
    Arrays.fill(sums, 0);
    for (int i = 0; i < count; i++) {
      float weight = Exponential.of(Math.fma(x[offset + i], scale, -max));
      x[offset + i] = weight;
      sums[i % LANES] += weight;
    }
    return Lanes.sum(sums, 0);
  }

  @Override
  public void pageSums(float[] x, int offset, int pages, int pageTokens, float[] to, int toOffset) {
    int whole = pageTokens / LANES * LANES;
    for (int page = 0, at = offset; page < pages; page++) {
      float sum = 0;
      int end = at + pageTokens;
      for (int last = at + whole; at < last; at += LANES) {
        sum += Lanes.sum(x, at);
      }
      for (; at < end; at++) {
        sum += x[at];
      }
      to[toOffset + page] = sum;
    }
  }

  @Override
  public void addScaled(float[] x, int offset, int count, float factor, float[] to, int toOffset) {
    for (int i = 0; i < count; i++) {
      to[toOffset + i] = Math.fma(x[offset + i], factor, to[toOffset + i]);
    }
  }

  @Override
  public float dot(float[] a, int aOffset, float[] b, int bOffset, int count) {
    Arrays.fill(sums, 0);
    for (int i = 0; i < count; i++) {
      sums[i % LANES] = Math.fma(a[aOffset + i], b[bOffset + i], sums[i % LANES]);
    }
    return Lanes.sum(sums, 0);
  }

  @Override
  public float bound(float[] q, int qOffset, float[] bounds, int boundsOffset, int count) {
    Arrays.fill(sums, 0);
    for (int i = 0; i < count; i++) {
      float x = q[qOffset + i];
      float least = x * bounds[boundsOffset + i];
      float most = x * bounds[boundsOffset + count + i];
      sums[i % LANES] += Math.max(least, most);
    }
    return Lanes.sum(sums, 0);
  }

  @Override
  public String toString() {
    return "plain Java";
  }
}
