package org.kvcache.quant;

/** The twins in plain Java. */
enum ScalarKernels implements Kernels {
  INSTANCE;

  @Override
  public Hadamard hadamard() {
    return ScalarHadamard.INSTANCE;
  }

  @Override
  public RowKernels rows() {
    return ScalarRowKernels.INSTANCE;
  }

  @Override
  public NibbleKernels nibbles() {
    return ScalarNibbleKernels.INSTANCE;
  }

  @Override
  public GroupEncoders encoders() {
    return ScalarGroupEncoders.INSTANCE;
  }

  @Override
  public String toString() {
    return "plain Java";
  }
}
