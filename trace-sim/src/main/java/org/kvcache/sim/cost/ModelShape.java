package org.kvcache.sim.cost;

/**
 * What of a model decides its cost.
 *
 * @param name its name on the command line
 * @param layers layers, all of which keep a cache
 * @param queryHeads query heads of a layer, a multiple of {@code kvHeads}
 * @param kvHeads heads of keys and values of a layer
 * @param headDim elements of a head
 * @param parameters weights in all
 * @param activeParameters weights that one token meets; fewer than {@code parameters} for a mixture
 *     of experts
 * @param weightBits bits of a stored weight
 * @param kvBits bits of a stored element of keys and values
 */
public record ModelShape(
    String name,
    int layers,
    int queryHeads,
    int kvHeads,
    int headDim,
    double parameters,
    double activeParameters,
    double weightBits,
    double kvBits) {
  /** Of a mixture, as in LLaDA2.0: a pass of few tokens meets few of the experts. */
  private static final double EXPERTS_PER_TOKEN = 8;

  private static final double EXPERTS = 256;

  /** Checks what the model divides by. */
  public ModelShape {
    if (queryHeads % kvHeads != 0) {
      throw new IllegalArgumentException(
          "queryHeads is %d; it must be a multiple of kvHeads, %d".formatted(queryHeads, kvHeads));
    }
    if (activeParameters > parameters) {
      throw new IllegalArgumentException(
          "activeParameters is %s; it must be at most parameters, %s"
              .formatted(activeParameters, parameters));
    }
  }

  /** Bytes of keys and values of one token in all layers. */
  public double kvBytesPerToken() {
    return 2 * keysPerToken() * kvBits / Byte.SIZE;
  }

  /** Bytes of all weights. */
  public double weightBytes() {
    return parameters * weightBits / Byte.SIZE;
  }

  /** Elements of the keys of one token in all layers. */
  double keysPerToken() {
    return (double) layers * kvHeads * headDim;
  }

  int group() {
    return queryHeads / kvHeads;
  }

  /** Bytes of the weights that {@code tokens} tokens of one pass meet. */
  double weightBytesRead(double tokens) {
    double experts =
        activeParameters < parameters ? Math.min(1, tokens * EXPERTS_PER_TOKEN / EXPERTS) : 1;
    double met = activeParameters + (parameters - activeParameters) * experts;
    return met * weightBits / Byte.SIZE;
  }
}
