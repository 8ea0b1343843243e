package org.kvcache;

/**
 * The shape of a model's KV cache.
 *
 * @param layers attention layers that keep K and V
 * @param kvHeads KV heads of a layer
 * @param headDim elements of a K or V row of one head
 * @param queryHeads query heads of a layer, a multiple of {@code kvHeads}; query head {@code h}
 *     reads KV head {@code h / (queryHeads / kvHeads)}
 */
public record KvShape(int layers, int kvHeads, int headDim, int queryHeads) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException naming the number that makes no sense
   */
  public KvShape {
    if (layers < 1 || kvHeads < 1 || headDim < 1 || queryHeads < 1) {
      throw new IllegalArgumentException(
          "%d layers, %d KV heads of %d, %d query heads; each must be at least 1"
              .formatted(layers, kvHeads, headDim, queryHeads));
    }
    if (queryHeads % kvHeads != 0) {
      throw new IllegalArgumentException(
          "%d query heads cannot share %d KV heads evenly; give a multiple"
              .formatted(queryHeads, kvHeads));
    }
  }

  /** The same as the constructor, in the words of a configuration. */
  public static KvShape of(int layers, int kvHeads, int headDim, int queryHeads) {
    return new KvShape(layers, kvHeads, headDim, queryHeads);
  }

  /** Query heads that share one KV head. */
  public int groupSize() {
    return queryHeads / kvHeads;
  }

  /** Elements of the K, or V, of one token in one layer: all KV heads in a row. */
  public int kvDim() {
    return kvHeads * headDim;
  }

  /** Elements of the queries of one token in one layer: all query heads in a row. */
  public int queryDim() {
    return queryHeads * headDim;
  }

  /** Bytes of one token in binary32, K and V of all layers. */
  public long floatBytesPerToken() {
    return 2L * layers * kvDim() * Float.BYTES;
  }
}
