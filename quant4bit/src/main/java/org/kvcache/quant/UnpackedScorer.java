package org.kvcache.quant;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.kvcache.spi.KeyScorer;

/** Scores against the rows of an {@link UnpackedCodec}. */
final class UnpackedScorer implements KeyScorer {

  private final UnpackedCodec codec;
  private final RowKernels kernels;
  private final int heads;
  private final float[] queries;
  private final RowTile tile;

  UnpackedScorer(UnpackedCodec codec, RowKernels kernels, int heads) {
    this.codec = codec;
    this.kernels = kernels;
    this.heads = heads;
    queries = new float[heads * codec.headDim()];
    tile = codec.newTile();
  }

  @Override
  public void query(int head, float[] q, int offset) {
    Objects.checkIndex(head, heads);
    System.arraycopy(q, offset, queries, head * codec.headDim(), codec.headDim());
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
    codec.checkPlanes(memory, codes, scales, count);
    for (int h = 0; h < heads; h++) {
      Objects.checkFromIndexSize(offset + (long) h * stride, count, logits.length);
    }
    int dim = codec.headDim();
    for (int first = 0; first < count; first += tile.capacity) {
      int rows = Math.min(tile.capacity, count - first);
      codec.load(tile, memory, codes, scales, first, rows);
      for (int h = 0; h < heads; h++) {
        int at = offset + h * stride + first;
        kernels.score(queries, h * dim, tile.elements, dim, tile.scales, rows, logits, at);
      }
    }
  }
}
