package org.kvcache.bench.engine;

/**
 * What an engine needs of its KV cache: the first two of the three places to change. Rows of K and
 * V have {@code kvHeads × headDim} elements, those of queries and outputs {@code heads × headDim}.
 */
interface KvStore {

  /** Stores K (rotated) and V of {@code tokens} tokens from {@code position} on. */
  void append(int layer, int position, int tokens, float[] k, float[] v);

  /** Attention of {@code tokens} queries; the one at {@code p} sees the tokens up to {@code p}. */
  void attend(int layer, int position, int tokens, float[] q, float[] out);
}
