package org.kvcache.quant;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.kvcache.spi.KeyScorer;

/**
 * Scores of per-channel keys: {@code Σ q (code · step + zero) = Σ (q · step) code + Σ q · zero}, so
 * that a group of tokens costs a query a multiplication by its steps, and its keys nothing.
 */
final class KiviScorer implements KeyScorer {

  private final KiviCodec codec;
  private final NibbleShape shape;
  private final NibbleKernels kernels;
  private final int heads;
  private final float[] queries;
  private final float[] stepped;
  private final float[] planes;
  private final float[] ones = new float[KiviCodec.TOKENS + NibbleKernels.SLACK];
  private final float[] lanes = new float[KiviCodec.TOKENS * NibbleKernels.SLACK];

  KiviScorer(KiviCodec codec, NibbleShape shape, NibbleKernels kernels, int heads) {
    this.codec = codec;
    this.shape = shape;
    this.kernels = kernels;
    this.heads = heads;
    this.queries = new float[heads * shape.dim];
    this.stepped = new float[shape.dim];
    this.planes = new float[shape.dim + NibbleKernels.SLACK];
    Arrays.fill(ones, 1);
  }

  @Override
  public void query(int head, float[] q, int offset) {
    Objects.checkIndex(head, heads);
    System.arraycopy(q, offset, queries, head * shape.dim, shape.dim);
  }

  @Override
  public void score(
      MemorySegment memory,
      long codes,
      long scales,
      int count,
      float[] logits,
      int offset,
      int stride) {
    codec.check(memory, codes, scales, count);
    for (int head = 0; head < heads; head++) {
      Objects.checkFromIndexSize(offset + (long) head * stride, count, logits.length);
    }
    for (int row = 0; row < count; row += KiviCodec.TOKENS) {
      long at = codes + codec.codeBytes(row);
      long group = scales + codec.scaleBytes(row);
      for (int head = 0; head < heads; head++) {
        int to = offset + head * stride + row;
        float zeros = step(memory, group, head * shape.dim);
        kernels.score(shape, planes, 0, memory, at, ones, KiviCodec.TOKENS, logits, to, lanes);
        for (int i = to; i < to + KiviCodec.TOKENS; i++) {
          logits[i] += zeros;
        }
      }
    }
  }

  private float step(MemorySegment memory, long group, int from) {
    float zeros = 0;
    for (int channel = 0; channel < shape.dim; channel++) {
      float q = queries[from + channel];
      stepped[channel] = q * codec.step(memory, group, channel);
      zeros = Math.fma(q, codec.zero(memory, group, channel), zeros);
    }
    shape.toPlanes(stepped, 0, planes, 0);
    return zeros;
  }
}
