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
 * @param kvBits bits of a stored element of keys and values, scales included
 * @param expertShare of a mixture, share of the experts that one token meets; 1 if there are none
 * @param blockDiffusion whether blocks of tokens are denoised together, instead of one token after
 *     the other
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
    double kvBits,
    double expertShare,
    boolean blockDiffusion) {

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

  /** Elements of keys and values of one token in all layers. */
  public long kvElementsPerToken() {
    return 2L * layers * kvHeads * headDim;
  }

  /** Bytes of keys and values of one token in all layers. */
  public double kvBytesPerToken() {
    return kvElementsPerToken() * kvBits / Byte.SIZE;
  }

  /** Bytes of all weights. */
  public double weightBytes() {
    return parameters * weightBits / Byte.SIZE;
  }

  /** Elements of the keys of one token in all layers. */
  double keysPerToken() {
    return (double) layers * kvHeads * headDim;
  }

  /** The same model with keys and values stored in so many bits an element. */
  public ModelShape withKvBits(double bits) {
    return new ModelShape(
        name,
        layers,
        queryHeads,
        kvHeads,
        headDim,
        parameters,
        activeParameters,
        weightBits,
        bits,
        expertShare,
        blockDiffusion);
  }

  /** The same model with weights stored in so many bits. */
  public ModelShape withWeightBits(double bits) {
    return new ModelShape(
        name,
        layers,
        queryHeads,
        kvHeads,
        headDim,
        parameters,
        activeParameters,
        bits,
        kvBits,
        expertShare,
        blockDiffusion);
  }

  int group() {
    return queryHeads / kvHeads;
  }

  /** Bytes of the weights that {@code tokens} tokens of one pass meet. */
  double weightBytesRead(double tokens) {
    // A pass of few tokens meets few of the experts.
    double experts = activeParameters < parameters ? Math.min(1, tokens * expertShare) : 1;
    double met = activeParameters + (parameters - activeParameters) * experts;
    return met * weightBits / Byte.SIZE;
  }
}
