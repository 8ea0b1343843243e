package org.kvcache.quant;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.kvcache.spi.ValueSum;

/** Sums of the rows of an {@link UnpackedCodec}. */
final class UnpackedSum implements ValueSum {

  private final UnpackedCodec codec;
  private final RowKernels kernels;
  private final int heads;
  private final float[] sums;
  private final RowTile tile;
  private final float[] scaledWeights;

  UnpackedSum(UnpackedCodec codec, RowKernels kernels, int heads) {
    this.codec = codec;
    this.kernels = kernels;
    this.heads = heads;
    sums = new float[heads * codec.headDim()];
    tile = codec.newTile();
    scaledWeights = new float[tile.capacity];
  }

  @Override
  public void clear() {
    Arrays.fill(sums, 0);
  }

  @Override
  public void scale(int head, float factor) {
    Objects.checkIndex(head, heads);
    int end = (head + 1) * codec.headDim();
    for (int i = end - codec.headDim(); i < end; i++) {
      sums[i] *= factor;
    }
  }

  @Override
  public void add(
      float[] weights,
      int offset,
      int stride,
      MemorySegment memory,
      long codes,
      long scales,
      int count) {
    codec.checkPlanes(memory, codes, scales, count);
    for (int h = 0; h < heads; h++) {
      Objects.checkFromIndexSize(offset + (long) h * stride, count, weights.length);
    }
    int dim = codec.headDim();
    for (int first = 0; first < count; first += tile.capacity) {
      int rows = Math.min(tile.capacity, count - first);
      codec.load(tile, memory, codes, scales, first, rows);
      for (int h = 0; h < heads; h++) {
        int at = offset + h * stride + first;
        for (int r = 0; r < rows; r++) {
          scaledWeights[r] = weights[at + r] * tile.scales[r];
        }
        kernels.accumulate(scaledWeights, tile.elements, dim, rows, sums, h * dim);
      }
    }
  }

  @Override
  public void get(int head, float[] out, int offset) {
    Objects.checkIndex(head, heads);
    System.arraycopy(sums, head * codec.headDim(), out, offset, codec.headDim());
  }
}
