package org.kvcache.quant;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.kvcache.spi.ValueSum;

/** Weighted sums of per-channel values: codes are summed first, then multiplied by their steps. */
final class KiviSum implements ValueSum {

  private final KiviCodec codec;
  private final NibbleShape shape;
  private final NibbleKernels kernels;
  private final int heads;
  private final float[] sums;
  private final float[] planes;
  private final float[] codeSums;
  private final float[] ones = new float[KiviCodec.TOKENS + NibbleKernels.SLACK];

  KiviSum(KiviCodec codec, NibbleShape shape, NibbleKernels kernels, int heads) {
    this.codec = codec;
    this.shape = shape;
    this.kernels = kernels;
    this.heads = heads;
    this.sums = new float[heads * shape.dim];
    this.planes = new float[shape.dim];
    this.codeSums = new float[shape.dim];
    Arrays.fill(ones, 1);
  }

  @Override
  public void clear() {
    Arrays.fill(sums, 0);
  }

  @Override
  public void scale(int head, float factor) {
    Objects.checkIndex(head, heads);
    for (int i = head * shape.dim; i < (head + 1) * shape.dim; i++) {
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
    codec.check(memory, codes, scales, count);
    for (int head = 0; head < heads; head++) {
      Objects.checkFromIndexSize(offset + (long) head * stride, count, weights.length);
    }
    for (int row = 0; row < count; row += KiviCodec.TOKENS) {
      for (int head = 0; head < heads; head++) {
        addGroup(
            weights,
            offset + head * stride + row,
            memory,
            codes + codec.codeBytes(row),
            scales + codec.scaleBytes(row),
            head * shape.dim);
      }
    }
  }

  private void addGroup(
      float[] weights, int offset, MemorySegment memory, long codes, long group, int sum) {
    Arrays.fill(planes, 0);
    kernels.add(shape, weights, offset, memory, codes, ones, KiviCodec.TOKENS, planes, 0);
    shape.fromPlanes(planes, 0, codeSums, 0);
    float weight = 0;
    for (int i = offset; i < offset + KiviCodec.TOKENS; i++) {
      weight += weights[i];
    }
    for (int channel = 0; channel < shape.dim; channel++) {
      float zeros = Math.fma(weight, codec.zero(memory, group, channel), sums[sum + channel]);
      sums[sum + channel] = Math.fma(codeSums[channel], codec.step(memory, group, channel), zeros);
    }
  }

  @Override
  public void get(int head, float[] out, int offset) {
    Objects.checkIndex(head, heads);
    System.arraycopy(sums, head * shape.dim, out, offset, shape.dim);
  }
}
