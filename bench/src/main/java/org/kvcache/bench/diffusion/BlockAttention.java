package org.kvcache.bench.diffusion;

/**
 * What a {@link BlockPass} needs of a KV cache: where K and V of its tokens go, and attention of
 * their queries. Rows of K and V have {@code kvHeads × headDim} elements, those of queries and
 * outputs {@code heads × headDim}; they stand in the order of the tokens.
 */
interface BlockAttention {

  /**
   * Stores K (rotated) and V of all tokens of the pass in one layer, over what an earlier pass
   * wrote.
   *
   * @return false if the pass is not wanted any more
   */
  boolean write(int layer, float[] k, float[] v);

  /**
   * Attention of all tokens of the pass in a layer that was written before.
   *
   * @return false if the pass is not wanted any more
   */
  boolean attend(int layer, float[] q, float[] out);
}
