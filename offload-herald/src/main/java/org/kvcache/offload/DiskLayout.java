package org.kvcache.offload;

import org.kvcache.ByteSize;

/**
 * How a space lies on disk: segments of equal size, records of equal size in them.
 *
 * <p>The log takes all segments but one; the last is room to compact into. An eighth of the log at
 * least is dead, so that compacting always gains: greedily chosen, a segment has that share of dead
 * records or more.
 *
 * @param blockBytes bytes of a block
 * @param recordBytes bytes from one record to the next
 * @param segmentBytes bytes of a segment's file
 * @param recordsPerSegment records in it
 * @param segments segments on disk at most
 * @param capacity live records at most
 */
record DiskLayout(
    long blockBytes,
    long recordBytes,
    long segmentBytes,
    int recordsPerSegment,
    int segments,
    int capacity) {

  // Mapped files have lengths that are multiples of a page; this is one on every system.
  private static final long GRANULE = 1 << 16;
  private static final long ALIGNMENT = 64;
  private static final long LARGEST_DEFAULT = ByteSize.gib(1);
  private static final int DEFAULT_SEGMENTS = 128;
  private static final int FEWEST_SEGMENTS = 3;
  private static final int DEAD_SHARE = 8;
  private static final int MOST_RECORDS = 1 << 26; // what arrays take, ghosts included

  /**
   * The layout within a limit.
   *
   * @param segmentBytes size of a segment; 0 for a share of the limit
   * @throws IllegalArgumentException if the limit is too small for such blocks or segments
   */
  static DiskLayout of(long maxBytes, long segmentBytes, long blockBytes) {
    long recordBytes = roundUp(BlockRecord.bytes(blockBytes), ALIGNMENT);
    long wanted =
        segmentBytes > 0 ? segmentBytes : Math.min(maxBytes / DEFAULT_SEGMENTS, LARGEST_DEFAULT);
    long bytes = roundUp(Math.max(wanted, recordBytes), GRANULE);
    long segments = maxBytes / bytes;
    if (segments < FEWEST_SEGMENTS) {
      throw new IllegalArgumentException(
          "a disk tier of %s is too small for blocks of %s in segments of %s; it takes %s at least"
              .formatted(
                  text(maxBytes), text(blockBytes), text(bytes), text(FEWEST_SEGMENTS * bytes)));
    }
    long perSegment = bytes / recordBytes;
    if (segments * perSegment > MOST_RECORDS) {
      throw new IllegalArgumentException(
          "a disk tier of %s holds more than %,d blocks of %s; make blocks larger or the tier smaller"
              .formatted(text(maxBytes), MOST_RECORDS, text(blockBytes)));
    }
    long inLog = (segments - 1) * perSegment;
    return new DiskLayout(
        blockBytes,
        recordBytes,
        bytes,
        (int) perSegment,
        (int) segments,
        (int) (inLog - Math.max(1, inLog / DEAD_SHARE)));
  }

  /** Records of all segments. */
  int places() {
    return segments * recordsPerSegment;
  }

  private static String text(long bytes) {
    return ByteSize.format((double) bytes);
  }

  private static long roundUp(long value, long unit) {
    return (value + unit - 1) / unit * unit;
  }
}
