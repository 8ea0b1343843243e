package org.kvcache.spi;

/**
 * Logits of a few queries against many stored keys, each key read once. Made by {@link
 * AttentionBackend#scan} for one codec; belongs to one thread; allocates nothing in steady state.
 */
public interface KeyScan {

  /**
   * Takes the queries of the calls of {@link #logits} that follow.
   *
   * @param q queries as the model makes them, {@code headDim} each, one after the other
   */
  void query(float[] q, int offset);

  /**
   * Writes {@code q[i] · key[t]} to {@code logits[offset + i * stride + t - from]} for each query
   * and for the tokens {@code [from, to)}, up to one constant for each query, which softmax does
   * not see and which is the same in all calls.
   *
   * @param kv its encoded blocks are read
   * @param from first token, a multiple of the format's row group
   * @param to one past the last, a multiple too
   * @param stride at least {@code to - from} if there are several queries
   */
  void logits(PagedKv kv, int from, int to, float[] logits, int offset, int stride);
}
