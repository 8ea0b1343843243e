package org.kvcache.bench.quality;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.cli.Progress;
import org.kvcache.spi.TensorCodec;

/**
 * Takes the rows of files through a codec, as many at a time as fit into a few megabytes. Rows are
 * little-endian binary32, row after row; planes are those of {@link TensorCodec}.
 */
final class RowFile {
  private static final ValueLayout.OfFloat F32 =
      JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int CHUNK_ELEMENTS = 1 << 20;

  private final TensorCodec codec;
  private final int chunkRows;
  private final float[] rows;
  private final byte[] rowBytes;
  private final byte[] planes;
  private final MemorySegment memory;
  private final int scales;

  RowFile(TensorCodec codec) {
    this.codec = codec;
    int group = codec.rowGroup();
    chunkRows = Math.max(1, CHUNK_ELEMENTS / codec.headDim() / group) * group;
    rows = new float[chunkRows * codec.headDim()];
    rowBytes = new byte[rows.length * Float.BYTES];
    scales = Math.toIntExact(codec.codeBytes(chunkRows));
    planes = new byte[Math.toIntExact(scales + codec.scaleBytes(chunkRows))];
    memory = MemorySegment.ofArray(planes);
  }

  /** How often {@link Progress} steps for so many rows. */
  long chunks(long count) {
    return Math.ceilDiv(count, chunkRows);
  }

  /** The largest finite magnitude in the file, which is then read from its start again. */
  float largest(SourceFile source, long count, Progress progress) {
    float largest = 0;
    for (long row = 0; row < count; row += chunkRows) {
      int chunk = read(source, count - row);
      largest = Math.max(largest, largest(rows, chunk * codec.headDim()));
      progress.step();
    }
    source.rewind();
    return largest;
  }

  /** The largest finite magnitude of the first {@code count} elements. */
  static float largest(float[] elements, int count) {
    float largest = 0;
    for (int i = 0; i < count; i++) {
      float magnitude = Math.abs(elements[i]);
      if (magnitude > largest && magnitude <= Float.MAX_VALUE) {
        largest = magnitude;
      }
    }
    return largest;
  }

  /** Encodes {@code count} rows, a multiple of the codec's row group. */
  void encode(
      SourceFile source,
      long count,
      TargetFile codeFile,
      @Nullable TargetFile scaleFile,
      Progress progress) {
    for (long row = 0; row < count; row += chunkRows) {
      int chunk = read(source, count - row);
      codec.encode(rows, 0, chunk, memory, 0, scales);
      codeFile.write(planes, 0, Math.toIntExact(codec.codeBytes(chunk)));
      if (scaleFile != null) {
        scaleFile.write(planes, scales, Math.toIntExact(codec.scaleBytes(chunk)));
      }
      progress.step();
    }
  }

  /** Decodes {@code count} rows, a multiple of the codec's row group. */
  void decode(
      SourceFile codeFile,
      @Nullable SourceFile scaleFile,
      long count,
      TargetFile target,
      Progress progress) {
    byte[] scaleBytes = new byte[planes.length - scales];
    for (long row = 0; row < count; row += chunkRows) {
      int chunk = chunk(count - row);
      codeFile.read(planes, Math.toIntExact(codec.codeBytes(chunk)));
      if (scaleFile != null) {
        int bytes = Math.toIntExact(codec.scaleBytes(chunk));
        scaleFile.read(scaleBytes, bytes);
        System.arraycopy(scaleBytes, 0, planes, scales, bytes);
      }
      codec.decode(memory, 0, scales, chunk, rows, 0);
      int elements = chunk * codec.headDim();
      MemorySegment.copy(rows, 0, MemorySegment.ofArray(rowBytes), F32, 0, elements);
      target.write(rowBytes, 0, elements * Float.BYTES);
      progress.step();
    }
  }

  private int read(SourceFile source, long left) {
    int chunk = chunk(left);
    int elements = chunk * codec.headDim();
    source.read(rowBytes, elements * Float.BYTES);
    MemorySegment.copy(MemorySegment.ofArray(rowBytes), F32, 0, rows, 0, elements);
    return chunk;
  }

  private int chunk(long left) {
    return (int) Math.min(chunkRows, left);
  }
}
