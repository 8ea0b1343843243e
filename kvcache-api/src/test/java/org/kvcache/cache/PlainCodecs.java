package org.kvcache.cache;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.kvcache.HeadCalibration;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockLayout;
import org.kvcache.spi.BlockReader;
import org.kvcache.spi.BlockWriter;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.FormatOptions;
import org.kvcache.spi.FormatSpec;
import org.kvcache.spi.KeyScorer;
import org.kvcache.spi.SchemeSpec;
import org.kvcache.spi.TensorCodec;
import org.kvcache.spi.ValueSum;

/** Floats as they are; {@code plain} row by row, {@code plain4} four rows together. */
public final class PlainCodecs implements CodecCatalog {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  @Override
  public List<FormatSpec> formats() {
    return List.of(format("plain", 1), format("plain4", 4));
  }

  private static FormatSpec format(String name, int rowGroup) {
    return new FormatSpec(name, name, List.of(), options -> new Rows(options.headDim(), rowGroup));
  }

  @Override
  public List<SchemeSpec> schemes() {
    return List.of(scheme("plain"), scheme("plain4"));
  }

  private static SchemeSpec scheme(String name) {
    return new SchemeSpec(name, name, name, name, false, false, false, true);
  }

  @Override
  public BlockCodec blockCodec(
      SchemeSpec scheme, int headDim, int blockTokens, HeadCalibration calibration) {
    TensorCodec rows = CodecCatalog.format(scheme.keys()).codec(new FormatOptions(headDim, "", 1));
    return new Codec(scheme, calibration, rows, rows, BlockLayout.of(rows, rows, blockTokens));
  }

  record Rows(int headDim, int rowGroup) implements TensorCodec {
    @Override
    public long codeBytes(int rows) {
      return 4L * rows * headDim;
    }

    @Override
    public long scaleBytes(int rows) {
      return 0;
    }

    @Override
    public void encode(
        float[] rows, int offset, int count, MemorySegment memory, long codes, long scales) {
      if (count % rowGroup != 0) {
        throw new IllegalArgumentException(count + " rows are no whole groups of " + rowGroup);
      }
      MemorySegment.copy(rows, offset, memory, FLOAT, codes, count * headDim);
    }

    @Override
    public void decode(
        MemorySegment memory, long codes, long scales, int count, float[] rows, int offset) {
      if (count % rowGroup != 0) {
        throw new IllegalArgumentException(count + " rows are no whole groups of " + rowGroup);
      }
      MemorySegment.copy(memory, FLOAT, codes, rows, offset, count * headDim);
    }

    @Override
    public KeyScorer newScorer(int heads) {
      throw new IllegalStateException("tests read rows");
    }

    @Override
    public ValueSum newSum(int heads) {
      throw new IllegalStateException("tests read rows");
    }
  }

  record Codec(
      SchemeSpec scheme,
      HeadCalibration calibration,
      TensorCodec keys,
      TensorCodec values,
      BlockLayout layout)
      implements BlockCodec {

    @Override
    public BlockWriter newWriter() {
      return new BlockWriter() {
        @Override
        public void keys(
            float[] rows, int offset, int count, MemorySegment memory, long block, int row) {
          keys.encode(rows, offset, count, memory, block + keys.codeBytes(row), 0);
        }

        @Override
        public void values(
            float[] rows, int offset, int count, MemorySegment memory, long block, int row) {
          long plane = block + layout.valueCodes();
          values.encode(rows, offset, count, memory, plane + keys.codeBytes(row), 0);
        }
      };
    }

    @Override
    public BlockReader newReader(int heads) {
      return new Reader(this);
    }
  }

  private record Reader(Codec codec) implements BlockReader {
    @Override
    public void keys(
        MemorySegment memory, long block, int row, int count, float[] rows, int offset) {
      codec.keys.decode(memory, block + codec.keys.codeBytes(row), 0, count, rows, offset);
    }

    @Override
    public void values(
        MemorySegment memory, long block, int row, int count, float[] rows, int offset) {
      long plane = block + codec.layout.valueCodes();
      codec.values.decode(memory, plane + codec.keys.codeBytes(row), 0, count, rows, offset);
    }

    @Override
    public void query(int head, float[] q, int offset) {
      throw new IllegalStateException("tests read rows");
    }

    @Override
    public void score(
        MemorySegment memory,
        long block,
        int row,
        int count,
        float[] logits,
        int offset,
        int stride) {
      throw new IllegalStateException("tests read rows");
    }

    @Override
    public void clear() {}

    @Override
    public void rescale(int head, float factor) {}

    @Override
    public void add(
        float[] weights,
        int offset,
        int stride,
        MemorySegment memory,
        long block,
        int row,
        int count) {
      throw new IllegalStateException("tests read rows");
    }

    @Override
    public void output(int head, float[] out, int offset) {}
  }
}
