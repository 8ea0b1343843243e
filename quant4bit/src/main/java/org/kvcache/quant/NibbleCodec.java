package org.kvcache.quant;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.kvcache.spi.KeyScorer;
import org.kvcache.spi.TensorCodec;
import org.kvcache.spi.ValueSum;

/** Rows of four-bit codes, each row on its own. */
final class NibbleCodec implements TensorCodec {

  private final GroupFormat format;
  private final NibbleShape shape;
  private final Kernels kernels;
  private final ThreadLocal<NibbleTile> tiles;

  NibbleCodec(GroupFormat format, Kernels kernels) {
    this.format = format;
    this.shape = format.shape();
    this.kernels = kernels;
    this.tiles = ThreadLocal.withInitial(() -> new NibbleTile(format));
  }

  @Override
  public int headDim() {
    return shape.dim;
  }

  @Override
  public int rowGroup() {
    return 1;
  }

  @Override
  public long codeBytes(int rows) {
    return (long) rows * shape.rowBytes();
  }

  @Override
  public long scaleBytes(int rows) {
    return (long) rows * format.scaleBytes();
  }

  @Override
  public void encode(
      float[] rows, int offset, int count, MemorySegment memory, long codes, long scales) {
    Objects.checkFromIndexSize(offset, count * shape.dim, rows.length);
    check(memory, codes, scales, count);
    format.encode(rows, offset, count, memory, codes, scales);
  }

  @Override
  public void decode(
      MemorySegment memory, long codes, long scales, int count, float[] rows, int offset) {
    Objects.checkFromIndexSize(offset, count * shape.dim, rows.length);
    check(memory, codes, scales, count);
    NibbleTile tile = tiles.get();
    for (int row = 0; row < count; row += NibbleTile.ROWS) {
      int n = Math.min(NibbleTile.ROWS, count - row);
      int to = offset + row * shape.dim;
      format.scales(memory, scales + scaleBytes(row), n, tile.scales, tile.zeros);
      kernels.nibbles().decode(shape, memory, codes + codeBytes(row), tile.scales, n, rows, to);
      if (format.hasZeros()) {
        addZeros(tile.zeros, n, rows, to);
      }
    }
  }

  private void addZeros(float[] zeros, int count, float[] rows, int offset) {
    for (int group = 0; group < count * shape.groups; group++) {
      int start = offset + group * shape.group;
      for (int i = start; i < start + shape.group; i++) {
        rows[i] += zeros[group];
      }
    }
  }

  /** Throws {@link IndexOutOfBoundsException} before anything is written. */
  void check(MemorySegment memory, long codes, long scales, int count) {
    Objects.checkFromIndexSize(codes, codeBytes(count), memory.byteSize());
    Objects.checkFromIndexSize(scales, scaleBytes(count), memory.byteSize());
  }

  @Override
  public KeyScorer newScorer(int heads) {
    return new NibbleScorer(this, format, kernels.nibbles(), heads);
  }

  @Override
  public ValueSum newSum(int heads) {
    return new NibbleSum(this, format, kernels.nibbles(), heads);
  }
}
