package org.kvcache.quant;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import org.kvcache.spi.FormatOptions;
import org.kvcache.spi.KeyScorer;
import org.kvcache.spi.TensorCodec;
import org.kvcache.spi.ValueSum;

/**
 * Rows of elements of whole bytes, each element divided by the tensor's scale, or by a scale of its
 * row, which is then a little-endian binary32 in the plane of scales.
 */
final class UnpackedCodec implements TensorCodec {

  /** The rule that gives each row a scale of its own. */
  static final String PER_ROW = "row";

  private static final ValueLayout.OfFloat SCALE =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);

  private final RowElement element;
  private final RowKernels kernels;
  private final int headDim;
  private final float tensorScale;
  private final boolean perRow;

  /**
   * @throws IllegalArgumentException if the head dim is not a multiple of {@link RowKernels#CHUNK},
   *     or if rows with scales of their own are to have a tensor scale too
   */
  UnpackedCodec(RowElement element, FormatOptions options, Kernels kernels) {
    this.element = element;
    this.kernels = kernels.rows();
    headDim = options.headDim();
    tensorScale = options.tensorScale();
    perRow = options.rule().equals(PER_ROW);
    if (headDim % RowKernels.CHUNK != 0) {
      throw new IllegalArgumentException(
          "head dim is %d; this format needs a multiple of %d"
              .formatted(headDim, RowKernels.CHUNK));
    }
    if (perRow && tensorScale != 1) {
      throw new IllegalArgumentException(
          "tensor scale is %s; with a scale for each row it must be 1".formatted(tensorScale));
    }
  }

  @Override
  public int headDim() {
    return headDim;
  }

  @Override
  public int rowGroup() {
    return 1;
  }

  @Override
  public long codeBytes(int rows) {
    return (long) rows * headDim * element.bytes();
  }

  @Override
  public long scaleBytes(int rows) {
    return perRow ? (long) rows * Float.BYTES : 0;
  }

  @Override
  public void encode(
      float[] rows, int offset, int count, MemorySegment memory, long codes, long scales) {
    checkRows(rows, offset, count);
    checkPlanes(memory, codes, scales, count);
    if (!perRow) {
      kernels.encode(element, rows, offset, count * headDim, tensorScale, memory, codes);
      return;
    }
    for (int r = 0; r < count; r++) {
      int row = offset + r * headDim;
      float scale = rowScale(kernels.largest(rows, row, headDim));
      memory.set(SCALE, scales + scaleBytes(r), scale);
      kernels.encode(element, rows, row, headDim, scale, memory, codes + codeBytes(r));
    }
  }

  /** No smaller than a normal number: a subnormal scale would be too coarse for its row. */
  private static float rowScale(float largest) {
    return largest == 0 ? 1 : Math.max(largest / E4M3.MAX, Float.MIN_NORMAL);
  }

  @Override
  public void decode(
      MemorySegment memory, long codes, long scales, int count, float[] rows, int offset) {
    checkRows(rows, offset, count);
    checkPlanes(memory, codes, scales, count);
    if (!perRow) {
      kernels.decode(element, memory, codes, count * headDim, tensorScale, rows, offset);
      return;
    }
    for (int r = 0; r < count; r++) {
      float scale = memory.get(SCALE, scales + scaleBytes(r));
      int row = offset + r * headDim;
      kernels.decode(element, memory, codes + codeBytes(r), headDim, scale, rows, row);
    }
  }

  @Override
  public KeyScorer newScorer(int heads) {
    return new UnpackedScorer(this, kernels, heads);
  }

  @Override
  public ValueSum newSum(int heads) {
    return new UnpackedSum(this, kernels, heads);
  }

  RowTile newTile() {
    RowTile tile = new RowTile(headDim);
    Arrays.fill(tile.scales, tensorScale);
    return tile;
  }

  /** Decodes {@code count} rows from row {@code first} on into a tile of {@link #newTile}. */
  void load(RowTile tile, MemorySegment memory, long codes, long scales, int first, int count) {
    kernels.decode(element, memory, codes + codeBytes(first), count * headDim, 1, tile.elements, 0);
    if (perRow) {
      for (int r = 0; r < count; r++) {
        tile.scales[r] = memory.get(SCALE, scales + scaleBytes(first + r));
      }
    }
  }

  void checkPlanes(MemorySegment memory, long codes, long scales, int count) {
    Objects.checkFromIndexSize(codes, codeBytes(count), memory.byteSize());
    Objects.checkFromIndexSize(scales, scaleBytes(count), memory.byteSize());
  }

  private void checkRows(float[] rows, int offset, int count) {
    Objects.checkFromIndexSize((long) offset, (long) count * headDim, rows.length);
  }
}
