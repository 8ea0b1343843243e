package org.kvcache.quant;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.kvcache.spi.ValueSum;

/** Weighted sums of four-bit values, kept plane by plane, see {@link NibbleShape}. */
final class NibbleSum implements ValueSum {

  private final NibbleCodec codec;
  private final GroupFormat format;
  private final NibbleShape shape;
  private final NibbleKernels kernels;
  private final int heads;
  private final NibbleTile tile;
  private final float[] planes;
  private final float[] zeroSums;

  NibbleSum(NibbleCodec codec, GroupFormat format, NibbleKernels kernels, int heads) {
    this.codec = codec;
    this.format = format;
    this.shape = format.shape();
    this.kernels = kernels;
    this.heads = heads;
    this.tile = new NibbleTile(format);
    this.planes = new float[heads * shape.dim];
    this.zeroSums = new float[format.hasZeros() ? heads * shape.groups : 0];
  }

  @Override
  public void clear() {
    Arrays.fill(planes, 0);
    Arrays.fill(zeroSums, 0);
  }

  @Override
  public void scale(int head, float factor) {
    Objects.checkIndex(head, heads);
    for (int i = head * shape.dim; i < (head + 1) * shape.dim; i++) {
      planes[i] *= factor;
    }
    if (format.hasZeros()) {
      for (int i = head * shape.groups; i < (head + 1) * shape.groups; i++) {
        zeroSums[i] *= factor;
      }
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
    codec.check(memory, codes, scales, count);
    for (int head = 0; head < heads; head++) {
      Objects.checkFromIndexSize(offset + (long) head * stride, count, weights.length);
    }
    for (int row = 0; row < count; row += NibbleTile.ROWS) {
      int n = Math.min(NibbleTile.ROWS, count - row);
      long at = codes + codec.codeBytes(row);
      format.scales(memory, scales + codec.scaleBytes(row), n, tile.scales, tile.zeros);
      for (int head = 0; head < heads; head++) {
        int from = offset + head * stride + row;
        kernels.add(shape, weights, from, memory, at, tile.scales, n, planes, head * shape.dim);
        if (format.hasZeros()) {
          addZeros(head, n, weights, from);
        }
      }
    }
  }

  private void addZeros(int head, int count, float[] weights, int offset) {
    for (int row = 0; row < count; row++) {
      for (int group = 0; group < shape.groups; group++) {
        int sum = head * shape.groups + group;
        float zero = tile.zeros[row * shape.groups + group];
        zeroSums[sum] = Math.fma(weights[offset + row], zero, zeroSums[sum]);
      }
    }
  }

  @Override
  public void get(int head, float[] out, int offset) {
    Objects.checkIndex(head, heads);
    shape.fromPlanes(planes, head * shape.dim, out, offset);
    if (format.hasZeros()) {
      for (int i = 0; i < shape.dim; i++) {
        out[offset + i] += zeroSums[head * shape.groups + i / shape.group];
      }
    }
  }
}
