package org.kvcache.kernels.emu;

/** Whose kernels are emulated. */
public enum EmulatedTarget {
  /** NVIDIA's: warps of 32. */
  CUDA(0),
  /** AMD's: waves of 64. */
  HIP(1);

  private final int code;

  EmulatedTarget(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
