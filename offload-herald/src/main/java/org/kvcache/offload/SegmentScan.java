package org.kvcache.offload;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.kvcache.BlockKey;

/**
 * Finds the records of a segment that an earlier owner left. It reads through a channel, since a
 * mapping cannot say that the disk failed.
 *
 * <p>Of the newest segment, which may have been in the making when its owner was killed, each
 * record is checked as a whole. Of the others only headers are read, so that opening a large tier
 * does not read it all; payloads are checked whenever they are loaded.
 */
final class SegmentScan {

  /** Told of each record that looks right. */
  @FunctionalInterface
  interface Found {
    void record(int position, long hi, long lo);
  }

  private final BlockKey space;
  private final DiskLayout layout;
  private int wrong;

  SegmentScan(BlockKey space, DiskLayout layout) {
    this.space = space;
    this.layout = layout;
  }

  /** Records that were begun and are not right, in all scans. */
  int wrong() {
    return wrong;
  }

  /**
   * Scans one file.
   *
   * @param newest whether to check payloads, and to cut off what is behind the last right record
   * @return records up to the last that looks right
   */
  int scan(Path file, boolean newest, Found found) throws IOException {
    long bytes = newest ? BlockRecord.bytes(layout.blockBytes()) : BlockRecord.HEADER_BYTES;
    int records = 0;
    try (FileChannel channel = FileChannel.open(file, READ, WRITE);
        Arena arena = Arena.ofConfined()) {
      MemorySegment record = arena.allocate(bytes, Long.BYTES);
      MemorySegment header = record.asSlice(0, BlockRecord.HEADER_BYTES);
      long size = channel.size();
      for (int i = 0; i < layout.recordsPerSegment() && i * layout.recordBytes() < size; i++) {
        long at = i * layout.recordBytes();
        read(channel, at, header);
        if (isBlank(header)) {
          continue;
        }
        if (isRight(channel, at, record)) {
          found.record(i, BlockRecord.keyHi(record), BlockRecord.keyLo(record));
          records = i + 1;
        } else {
          wrong++;
        }
      }
      if (newest) {
        channel.truncate(records * layout.recordBytes());
      }
    }
    return records;
  }

  private boolean isRight(FileChannel channel, long at, MemorySegment record) throws IOException {
    if (record.byteSize() == BlockRecord.HEADER_BYTES) {
      return BlockRecord.hasHeader(record, space, layout.blockBytes());
    }
    read(channel, at, record);
    return BlockRecord.isWhole(record, space, layout.blockBytes());
  }

  // What is behind the end of the file reads as zeros.
  private static void read(FileChannel channel, long at, MemorySegment into) throws IOException {
    ByteBuffer buffer = into.fill((byte) 0).asByteBuffer();
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, at + buffer.position()) < 0) {
        return;
      }
    }
  }

  private static boolean isBlank(MemorySegment header) {
    for (long at = 0; at < BlockRecord.HEADER_BYTES; at += Long.BYTES) {
      if (header.get(JAVA_LONG, at) != 0) {
        return false;
      }
    }
    return true;
  }
}
