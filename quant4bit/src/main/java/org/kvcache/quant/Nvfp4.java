package org.kvcache.quant;

import java.lang.foreign.MemorySegment;

/** {@code nvfp4}: groups of 16 E2M1 codes with an E4M3 scale, and one scale for the tensor. */
record Nvfp4(NibbleShape shape, float tensorScale, Kernels kernels) implements GroupFormat {

  Nvfp4(int dim, float tensorScale, Kernels kernels) {
    this(NibbleShape.natural(dim, 16, E2M1.VALUES), tensorScale, kernels);
  }

  @Override
  public int scaleBytes() {
    return shape.groups;
  }

  @Override
  public void encode(
      float[] rows, int offset, int count, MemorySegment memory, long codes, long scales) {
    kernels
        .encoders()
        .nvfp4(tensorScale, rows, offset, count * shape.groups, memory, codes, scales);
  }

  @Override
  public void scales(MemorySegment memory, long from, int count, float[] scales, float[] zeros) {
    kernels.nibbles().e4m3(memory, from, count * shape.groups, tensorScale, scales);
  }

  /** The E4M3 scale of 16 elements whose greatest magnitude has these bits. */
  static int scale(int amaxBits, float tensorScale) {
    float amax = Float.intBitsToFloat(amaxBits);
    return Float.isFinite(amax) ? E4M3.encode(amax / (E2M1.MAX * tensorScale)) : E4M3.NAN;
  }
}
