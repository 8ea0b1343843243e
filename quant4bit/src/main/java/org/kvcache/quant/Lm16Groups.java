package org.kvcache.quant;

import java.lang.foreign.MemorySegment;

/** {@code lm16}: groups of 32 codes of {@link Lm16} with an E4M3 scale. */
record Lm16Groups(NibbleShape shape, float tensorScale, Kernels kernels) implements GroupFormat {

  Lm16Groups(int dim, float tensorScale, Kernels kernels) {
    this(NibbleShape.natural(dim, 32, Lm16.TABLE), tensorScale, kernels);
  }

  @Override
  public int scaleBytes() {
    return shape.groups;
  }

  @Override
  public void encode(
      float[] rows, int offset, int count, MemorySegment memory, long codes, long scales) {
    kernels.encoders().lm16(tensorScale, rows, offset, count * shape.groups, memory, codes, scales);
  }

  @Override
  public void scales(MemorySegment memory, long from, int count, float[] scales, float[] zeros) {
    kernels.nibbles().e4m3(memory, from, count * shape.groups, tensorScale, scales);
  }
}
