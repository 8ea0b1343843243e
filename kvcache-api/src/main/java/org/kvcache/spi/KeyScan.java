package org.kvcache.spi;

/**
 * Logits of a few queries against many stored keys, each key read once. Made by {@link
 * AttentionBackend#scan} for one codec; belongs to one thread; allocates nothing in steady state.
 */
public interface KeyScan {

  /**
   * Writes {@code q[i] · key[t]} to {@code logits[i * stride + t - from]} for each query and for
   * the tokens {@code [from, to)}, up to one constant for each query, which softmax does not see.
   *
   * @param kv its encoded blocks are read
   * @param from first token, a multiple of the format's row group
   * @param to one past the last, a multiple too
   * @param q queries as the model makes them, {@code headDim} each, one after the other
   */
  void logits(PagedKv kv, int from, int to, float[] q, int qOffset, float[] logits, int stride);
}
