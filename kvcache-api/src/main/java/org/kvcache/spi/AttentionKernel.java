package org.kvcache.spi;

import org.kvcache.AttentionWindow;

/**
 * Attention of the query heads that share one KV head. Made by {@link AttentionBackend#kernel} for
 * one codec; belongs to one thread; allocates nothing.
 */
public interface AttentionKernel {

  /**
   * {@code softmax(logitScale · q·K) V} over the tokens that the window leaves of {@code [0,
   * length)}.
   *
   * @param length tokens seen, 1 or more
   * @param q queries of all heads of this kernel, {@code headDim} each, one after the other
   * @param out receives as many elements
   */
  void attend(
      PagedKv kv,
      int length,
      AttentionWindow window,
      float logitScale,
      float[] q,
      int qOffset,
      float[] out,
      int outOffset);
}
