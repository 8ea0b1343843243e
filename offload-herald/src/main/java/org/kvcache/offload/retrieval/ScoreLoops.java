package org.kvcache.offload.retrieval;

/**
 * The loops over queries, logits and weights. Both twins round at the same places and sum over the
 * same lanes, so their results differ in no bit. Belong to one thread.
 *
 * <p>A sum over lanes: lane {@code l} adds up the elements {@code 16 c + l} over {@code c} from 0,
 * then lanes {@code l} and {@code l + 8} are added, {@code l + 4}, {@code l + 2}, {@code l + 1}.
 */
interface ScoreLoops {

  /** Lanes over which a sum is defined, however many the processor has; counts are multiples. */
  int LANES = 16;

  /** The largest of {@code x[offset .. offset + count)}, whatever is NaN left out. */
  float largest(float[] x, int offset, int count);

  /**
   * Replaces each {@code x} by {@code exp(x · scale − max)}, which is at most 1 and 0 for {@code x
   * = −∞} and for NaN, and returns their sum over lanes.
   */
  float weigh(float[] x, int offset, int count, float scale, float max);

  /**
   * The sums of {@code pages} runs of {@code pageTokens} numbers each: over lanes as far as there
   * are whole sixteens, one after the other, then what is left in its order.
   */
  void pageSums(float[] x, int offset, int pages, int pageTokens, float[] sums, int sumsOffset);

  /** {@code to[toOffset + i] += factor · x[offset + i]}, for any count. */
  void addScaled(float[] x, int offset, int count, float factor, float[] to, int toOffset);

  /** {@code a · b}, summed over lanes. */
  float dot(float[] a, int aOffset, float[] b, int bOffset, int count);

  /**
   * The most that {@code q · k} can be for a {@code k} within bounds, summed over lanes.
   *
   * @param bounds {@code count} least values of channels, then their greatest
   */
  float bound(float[] q, int qOffset, float[] bounds, int boundsOffset, int count);
}
