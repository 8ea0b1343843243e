package org.kvcache.offload;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import net.openhft.chronicle.bytes.MappedBytes;
import net.openhft.chronicle.core.io.BackgroundResourceReleaser;

/**
 * One mapped file of records, filled from its start to its end: a record that is whole is never
 * written again. Belongs to one thread.
 *
 * <p>The file is as long as the mapping, with a hole behind what is written. A store into a hole
 * cannot say that the disk is full; the system would kill the process. So zeros are written through
 * the file's channel first, which can.
 */
final class Segment {

  private static final int RESERVED_AT_ONCE = 1 << 20;
  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(RESERVED_AT_ONCE);

  private final Path file;
  private final long number;
  private final DiskLayout layout;
  private final MappedBytes mapping;
  private final MemorySegment memory;
  private int records;
  private long reserved;

  private Segment(Path file, long number, DiskLayout layout, MappedBytes mapping, int records) {
    this.file = file;
    this.number = number;
    this.layout = layout;
    this.mapping = mapping;
    this.records = records;
    reserved = records * layout.recordBytes();
    memory = MemorySegment.ofAddress(mapping.addressForRead(0)).reinterpret(layout.segmentBytes());
  }

  /**
   * Maps a file, making it if it is not there.
   *
   * @param records how many it has; what is behind them is overwritten later
   */
  static Segment map(Path file, long number, DiskLayout layout, int records) throws IOException {
    try {
      MappedBytes mapping = MappedBytes.singleMappedBytes(file.toFile(), layout.segmentBytes());
      // One thread opens the tier, another uses it, a third may close it, one after the other.
      mapping.singleThreadedCheckDisabled(true);
      return new Segment(file, number, layout, mapping, records);
    } catch (RuntimeException e) {
      throw new IOException(file + ": cannot be mapped", e);
    }
  }

  long number() {
    return number;
  }

  int records() {
    return records;
  }

  boolean isFull() {
    return records == layout.recordsPerSegment();
  }

  MemorySegment record(int position) {
    return memory.asSlice(position * layout.recordBytes(), BlockRecord.bytes(layout.blockBytes()));
  }

  /** The place of the next record, with the disk behind it secured. */
  MemorySegment next() throws IOException {
    long end = (records + 1) * layout.recordBytes();
    if (end > reserved) {
      reserve(Math.min(Math.max(end, reserved + RESERVED_AT_ONCE), layout.segmentBytes()));
    }
    return record(records);
  }

  private void reserve(long end) throws IOException {
    FileChannel channel = mapping.mappedFile().raf().getChannel();
    ByteBuffer zeros = ZEROS.duplicate();
    long at = reserved;
    while (at < end) {
      zeros.clear().limit((int) Math.min(zeros.capacity(), end - at));
      at += channel.write(zeros, at);
    }
    reserved = end;
  }

  /**
   * The record at {@link #next} is whole.
   *
   * @return its position
   */
  int advance() {
    return records++;
  }

  /** Unmaps it. What was written stays, also if the process is killed. */
  void close() {
    mapping.releaseLast();
    BackgroundResourceReleaser.releasePendingResources();
  }

  /** Unmaps and deletes it. */
  void delete() throws IOException {
    close();
    Files.deleteIfExists(file);
  }
}
