package org.kvcache.quant;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.kvcache.spi.KeyScorer;

/** Scores of four-bit keys. Queries are kept plane by plane, see {@link NibbleShape}. */
final class NibbleScorer implements KeyScorer {

  private final NibbleCodec codec;
  private final GroupFormat format;
  private final NibbleShape shape;
  private final NibbleKernels kernels;
  private final int heads;
  private final NibbleTile tile;
  private final float[] planes;
  private final float[] groupSums;

  NibbleScorer(NibbleCodec codec, GroupFormat format, NibbleKernels kernels, int heads) {
    this.codec = codec;
    this.format = format;
    this.shape = format.shape();
    this.kernels = kernels;
    this.heads = heads;
    this.tile = new NibbleTile(format);
    this.planes = new float[heads * shape.dim + NibbleKernels.SLACK];
    this.groupSums = new float[format.hasZeros() ? heads * shape.groups : 0];
  }

  @Override
  public void query(int head, float[] q, int offset) {
    Objects.checkIndex(head, heads);
    Objects.checkFromIndexSize(offset, shape.dim, q.length);
    shape.toPlanes(q, offset, planes, head * shape.dim);
    if (format.hasZeros()) {
      for (int group = 0; group < shape.groups; group++) {
        float sum = 0;
        int start = offset + group * shape.group;
        for (int i = start; i < start + shape.group; i++) {
          sum += q[i];
        }
        groupSums[head * shape.groups + group] = sum;
      }
    }
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
    for (int row = 0; row < count; row += NibbleTile.ROWS) {
      int n = Math.min(NibbleTile.ROWS, count - row);
      long at = codes + codec.codeBytes(row);
      format.scales(memory, scales + codec.scaleBytes(row), n, tile.scales, tile.zeros);
      for (int head = 0; head < heads; head++) {
        int to = offset + head * stride + row;
        kernels.score(
            shape, planes, head * shape.dim, memory, at, tile.scales, n, logits, to, tile.lanes);
        if (format.hasZeros()) {
          addZeros(head, n, logits, to);
        }
      }
    }
  }

  private void addZeros(int head, int count, float[] logits, int offset) {
    for (int row = 0; row < count; row++) {
      float logit = logits[offset + row];
      for (int group = 0; group < shape.groups; group++) {
        float zero = tile.zeros[row * shape.groups + group];
        logit = Math.fma(zero, groupSums[head * shape.groups + group], logit);
      }
      logits[offset + row] = logit;
    }
  }
}
