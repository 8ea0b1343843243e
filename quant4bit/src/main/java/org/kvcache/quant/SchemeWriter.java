package org.kvcache.quant;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.kvcache.spi.BlockLayout;
import org.kvcache.spi.BlockWriter;
import org.kvcache.spi.TensorCodec;

/** Takes rows to the stored basis and encodes them, some at a time. */
final class SchemeWriter implements BlockWriter {

  private static final int ROWS = 16;

  private final SchemeCodec codec;
  private final BlockLayout layout;
  private final float[] stored;

  SchemeWriter(SchemeCodec codec) {
    this.codec = codec;
    this.layout = codec.layout();
    int rows = Math.max(ROWS, Math.max(codec.keys().rowGroup(), codec.values().rowGroup()));
    this.stored = new float[rows * layout.headDim()];
  }

  @Override
  public void keys(float[] rows, int offset, int count, MemorySegment memory, long block, int row) {
    TensorCodec format = codec.keys();
    check(format, rows, offset, count, memory, block, row);
    int step = step(format);
    for (int i = 0; i < count; i += step) {
      int n = Math.min(step, count - i);
      codec.keyBasis().toStored(rows, offset + i * layout.headDim(), n, stored);
      long codes = block + layout.keyCodes() + format.codeBytes(row + i);
      long scales = block + layout.keyScales() + format.scaleBytes(row + i);
      format.encode(stored, 0, n, memory, codes, scales);
    }
  }

  @Override
  public void values(
      float[] rows, int offset, int count, MemorySegment memory, long block, int row) {
    TensorCodec format = codec.values();
    check(format, rows, offset, count, memory, block, row);
    if (codec.valueBasis().isIdentity()) {
      long codes = block + layout.valueCodes() + format.codeBytes(row);
      long scales = block + layout.valueScales() + format.scaleBytes(row);
      format.encode(rows, offset, count, memory, codes, scales);
      return;
    }
    int step = step(format);
    for (int i = 0; i < count; i += step) {
      int n = Math.min(step, count - i);
      codec.valueBasis().toStored(rows, offset + i * layout.headDim(), n, stored);
      long codes = block + layout.valueCodes() + format.codeBytes(row + i);
      long scales = block + layout.valueScales() + format.scaleBytes(row + i);
      format.encode(stored, 0, n, memory, codes, scales);
    }
  }

  private int step(TensorCodec format) {
    return stored.length / layout.headDim() / format.rowGroup() * format.rowGroup();
  }

  private void check(
      TensorCodec format,
      float[] rows,
      int offset,
      int count,
      MemorySegment memory,
      long block,
      int row) {
    Objects.checkFromIndexSize(block, layout.bytes(), memory.byteSize());
    Objects.checkFromIndexSize(row, count, layout.blockTokens());
    Objects.checkFromIndexSize(offset, (long) count * layout.headDim(), rows.length);
    if (row % format.rowGroup() != 0 || count % format.rowGroup() != 0) {
      throw new IllegalArgumentException(
          "rows %d to %d; the format encodes %d tokens together, so begin and end on a multiple"
              .formatted(row, row + count, format.rowGroup()));
    }
  }
}
