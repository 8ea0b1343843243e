package org.kvcache.kernels.cpu;

/**
 * The element-wise part of an online softmax. Both twins round at the same places and sum over the
 * same lanes, so their results differ in no bit.
 */
interface Softmax {

  /** Lanes over which a sum is defined, however many the processor has; counts are multiples. */
  int LANES = 16;

  /** The largest of {@code x[offset .. offset + count)}, which holds no NaN. */
  float largest(float[] x, int offset, int count);

  /**
   * Replaces each {@code x} by {@code exp(x · scale − max)}, which is at most 1 and 0 for {@code x
   * = −∞}, and returns their sum: lane {@code l} adds up the elements {@code 16 c + l} over {@code
   * c} from 0, then lanes {@code l} and {@code l + 8} are added, {@code l + 4}, {@code l + 2},
   * {@code l + 1}.
   */
  float weights(float[] x, int offset, int count, float scale, float max);
}
