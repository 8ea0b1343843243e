package org.kvcache.kernels.emu;

/** Whose kernels are emulated. */
public enum EmulatedTarget {
  /** NVIDIA's, as all but sm_90a run them: warps of 32. */
  CUDA(0),
  /** AMD's, as gfx950 runs them: waves of 64. */
  HIP(1),
  /** NVIDIA's for sm_90a, where four warps decode together. */
  SM90(2);

  private final int code;

  EmulatedTarget(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
