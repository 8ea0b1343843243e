package org.kvcache.bench.diffusion;

/** Sees what full attention pays to each token. */
@FunctionalInterface
public interface AttentionObserver {

  /** Looks away. */
  AttentionObserver NONE = (layer, kvHead, weights, rows, tokens) -> {};

  /**
   * The weights of one layer and KV head, valid during the call.
   *
   * @param weights {@code rows} times {@code tokens}, each row adds up to 1
   * @param rows one for each query: all heads of the group of the block's first token, then of the
   *     second
   * @param tokens all that are visible, the block's own last
   */
  void weights(int layer, int kvHead, float[] weights, int rows, int tokens);
}
