package org.kvcache.quant;

import java.lang.foreign.MemorySegment;

/** {@code mxfp4}: groups of 32 E2M1 codes with a UE8M0 scale, OCP MX v1.0. */
record Mxfp4(NibbleShape shape, ScaleRule rule, Kernels kernels) implements GroupFormat {

  Mxfp4(int dim, ScaleRule rule, Kernels kernels) {
    this(NibbleShape.natural(dim, 32, E2M1.VALUES), rule, kernels);
  }

  @Override
  public int scaleBytes() {
    return shape.groups;
  }

  @Override
  public void encode(
      float[] rows, int offset, int count, MemorySegment memory, long codes, long scales) {
    kernels.encoders().mxfp4(rule, rows, offset, count * shape.groups, memory, codes, scales);
  }

  @Override
  public void scales(MemorySegment memory, long from, int count, float[] scales, float[] zeros) {
    kernels.nibbles().ue8m0(memory, from, count * shape.groups, scales);
  }
}
