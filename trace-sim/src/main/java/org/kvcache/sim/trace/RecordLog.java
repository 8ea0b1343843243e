package org.kvcache.sim.trace;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An append-only log of equal-sized little-endian records. The first records lie on the heap, the
 * rest in a mapped temporary file, so that a long trace costs page cache and not heap.
 *
 * <p>One thread writes; once {@link #close closed} for writing, any thread may read. The mapping
 * goes when the log is collected.
 */
final class RecordLog implements AutoCloseable {
  /** Records kept on the heap by default. */
  static final long HEAP_RECORDS = 1L << 22;

  private static final int CHUNK_SHIFT = 16;
  private static final int CHUNK_RECORDS = 1 << CHUNK_SHIFT;
  private static final int CHUNK_MASK = CHUNK_RECORDS - 1;

  private static final ValueLayout.OfInt INT =
      JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final int recordBytes;
  private final long heapRecords;
  private @Nullable MemorySegment[] chunks = new @Nullable MemorySegment[1];
  private @Nullable FileChannel spill;
  private long size;

  RecordLog(int recordBytes, long heapRecords) {
    this.recordBytes = recordBytes;
    this.heapRecords = heapRecords;
  }

  /** Number of records. */
  long size() {
    return size;
  }

  /** Adds a zeroed record and returns its index. */
  long append() {
    if ((size & CHUNK_MASK) == 0) {
      int used = (int) (size >>> CHUNK_SHIFT);
      if (used == chunks.length) {
        chunks = Arrays.copyOf(chunks, used * 2);
      }
      chunks[used] = (size < heapRecords) ? heapChunk() : mappedChunk();
    }
    return size++;
  }

  int getInt(long record, int offset) {
    return chunk(record).get(INT, at(record, offset));
  }

  void putInt(long record, int offset, int value) {
    chunk(record).set(INT, at(record, offset), value);
  }

  void putLong(long record, int offset, long value) {
    chunk(record).set(LONG, at(record, offset), value);
  }

  double getDouble(long record, int offset) {
    return chunk(record).get(DOUBLE, at(record, offset));
  }

  void putDouble(long record, int offset, double value) {
    chunk(record).set(DOUBLE, at(record, offset), value);
  }

  /** The bytes of the records from the chunk of {@code record} on, to that chunk's end. */
  ByteBuffer bytesFrom(long record) {
    long inChunk = Math.min(size - record, CHUNK_RECORDS - (record & CHUNK_MASK));
    return chunk(record).asSlice(at(record, 0), inChunk * recordBytes).asByteBuffer();
  }

  /** Ends writing and gives the temporary file's name back; the records stay readable. */
  @Override
  public void close() {
    FileChannel channel = spill;
    spill = null;
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException ignored) {
        // The mapping does not need the channel; at worst the file lives until the JVM exits.
      }
    }
  }

  private MemorySegment chunk(long record) {
    return Objects.requireNonNull(chunks[(int) (record >>> CHUNK_SHIFT)]);
  }

  private long at(long record, int offset) {
    return (record & CHUNK_MASK) * recordBytes + offset;
  }

  private MemorySegment heapChunk() {
    return MemorySegment.ofArray(new byte[CHUNK_RECORDS * recordBytes]);
  }

  private MemorySegment mappedChunk() {
    Path directory = Path.of(System.getProperty("java.io.tmpdir"));
    try {
      FileChannel channel = spill;
      if (channel == null) {
        Path file = directory.resolve("kvcache-trace-" + UUID.randomUUID() + ".tmp");
        channel = FileChannel.open(file, CREATE_NEW, READ, WRITE, DELETE_ON_CLOSE);
        spill = channel;
      }
      long bytes = (long) CHUNK_RECORDS * recordBytes;
      long from = channel.size();
      reserve(channel, from, bytes);
      return channel.map(MapMode.READ_WRITE, from, bytes, Arena.ofAuto());
    } catch (IOException e) {
      String free = Files.isWritable(directory) ? "" : " (not writable)";
      throw new TraceException(
          directory
              + free
              + ": cannot hold the requests of a long trace there ("
              + e.getMessage()
              + "); free some space or set -Djava.io.tmpdir",
          e);
    }
  }

  /** Writes zeros first: a full disk is then an IOException, not a fault inside the mapping. */
  private static void reserve(FileChannel channel, long from, long bytes) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocate(1 << 16);
    for (long done = 0; done < bytes; ) {
      zeros.clear().limit((int) Math.min(zeros.capacity(), bytes - done));
      done += channel.write(zeros, from + done);
    }
  }
}
