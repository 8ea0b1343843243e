package org.kvcache.kernels.device;

/** Which fresh tokens a query token sees. */
public enum Mask {
  /** All of them: the tokens of a denoising block see each other. */
  ALL_FRESH(0),
  /** Those up to its own place, the last query token being the last fresh one: prefill. */
  CAUSAL(1);

  private final int code;

  Mask(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
