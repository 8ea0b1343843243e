package org.kvcache.offload;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.kvcache.BlockKey;

/**
 * The segments of a space: records are appended to the newest one, and room is won by deleting
 * segments. A record dies when its key is evicted or its copy lies elsewhere. When all segments but
 * the spare one are full, the one with the fewest live records is copied to a new one and deleted.
 *
 * <p>The tier's thread only, apart from the counters.
 */
final class SegmentLog {

  private static final int NONE = -1;

  private final SpaceFolder folder;
  private final BlockKey space;
  private final DiskLayout layout;
  private final RecordIndex index;
  private final @Nullable Segment[] segments;
  private int newest = NONE; // its slot in segments
  private long nextNumber = 1;
  private int count;
  private volatile long bytes;
  private final AtomicLong corrupt = new AtomicLong();

  SegmentLog(SpaceFolder folder, BlockKey space, DiskLayout layout, RecordIndex index) {
    this.folder = folder;
    this.space = space;
    this.layout = layout;
    this.index = index;
    segments = new Segment[layout.segments()];
  }

  /** Takes over what earlier owners left: the newest segments, as many as the limit allows. */
  void recover() throws IOException {
    long[] numbers = folder.segmentNumbers();
    int excess = Math.max(0, numbers.length - layout.segments());
    for (int i = 0; i < excess; i++) {
      Files.delete(folder.segment(numbers[i]));
    }
    var scan = new SegmentScan(space, layout);
    for (int i = excess; i < numbers.length; i++) {
      int slot = i - excess;
      int firstPlace = firstPlace(slot);
      int records =
          scan.scan(
              folder.segment(numbers[i]),
              i == numbers.length - 1,
              (position, hi, lo) -> remember(hi, lo, firstPlace + position));
      open(slot, numbers[i], records);
    }
    corrupt.addAndGet(scan.wrong());
    countBytes();
  }

  private void remember(long hi, long lo, int place) {
    int entry = index.find(hi, lo);
    if (entry != RecordIndex.NONE) {
      index.move(entry, place); // copied by compaction, or evicted and stored again
    } else {
      index.settle(index.admit(hi, lo), place);
    }
  }

  private void open(int slot, long number, int records) throws IOException {
    segments[slot] = Segment.map(folder.segment(number), number, layout, records);
    newest = slot;
    nextNumber = number + 1;
    count++;
  }

  /**
   * Appends a record.
   *
   * @return its place
   */
  int append(long hi, long lo, MemorySegment payload) throws IOException {
    makeRoom();
    Segment segment = at(newest);
    BlockRecord.write(segment.next(), space, hi, lo, payload);
    int place = firstPlace(newest) + segment.advance();
    countBytes();
    return place;
  }

  /**
   * Copies a payload out.
   *
   * @return false if the record is not whole and right; it is counted then
   */
  boolean read(int place, long hi, long lo, MemorySegment into) {
    boolean right = BlockRecord.read(record(place), space, hi, lo, into);
    if (!right) {
      corrupt.incrementAndGet();
    }
    return right;
  }

  private void makeRoom() throws IOException {
    while (newest == NONE || at(newest).isFull() || count == layout.segments()) {
      deleteDead();
      if (newest == NONE || (at(newest).isFull() && count < layout.segments())) {
        open(freeSlot(), nextNumber, 0);
      }
      if (count == layout.segments()) {
        compact(fewestAlive());
      }
    }
  }

  private void deleteDead() throws IOException {
    for (int slot = 0; slot < segments.length; slot++) {
      if (slot != newest && segments[slot] != null && alive(slot) == 0) {
        delete(slot);
      }
    }
  }

  private int freeSlot() {
    int slot = 0;
    while (segments[slot] != null) {
      slot++;
    }
    return slot;
  }

  // The oldest of several, so that each gets its turn.
  private int fewestAlive() {
    int best = NONE;
    for (int slot = 0; slot < segments.length; slot++) {
      if (slot == newest || segments[slot] == null) {
        continue;
      }
      int order = best == NONE ? -1 : Integer.compare(alive(slot), alive(best));
      if (order < 0 || (order == 0 && at(slot).number() < at(best).number())) {
        best = slot;
      }
    }
    return best;
  }

  /**
   * Copies what is alive in a segment to the newest one and deletes it. What does not fit is given
   * up, which takes a limit that was lowered or records that were found wrong.
   */
  private void compact(int slot) throws IOException {
    int end = firstPlace(slot + 1);
    for (int place = firstPlace(slot); place < end; place++) {
      int entry = index.entryAt(place);
      if (entry == RecordIndex.NONE) {
        continue;
      }
      if (at(newest).isFull()) {
        index.giveUp(entry);
      } else {
        copy(entry);
      }
    }
    delete(slot);
  }

  private void copy(int entry) throws IOException {
    Segment target = at(newest);
    MemorySegment copy = target.next();
    if (isCopied(record(index.place(entry)), copy, index.hi(entry), index.lo(entry))) {
      index.move(entry, firstPlace(newest) + target.advance());
    } else {
      corrupt.incrementAndGet();
      index.discard(entry);
    }
  }

  private boolean isCopied(MemorySegment record, MemorySegment copy, long hi, long lo) {
    try {
      copy.copyFrom(record);
      return BlockRecord.matches(copy, space, hi, lo, layout.blockBytes());
    } catch (InternalError e) {
      return false; // the disk could not give or take a page of it
    }
  }

  private void delete(int slot) throws IOException {
    Segment segment = at(slot);
    segments[slot] = null;
    count--;
    segment.delete();
  }

  private int alive(int slot) {
    return index.alive(firstPlace(slot), firstPlace(slot + 1));
  }

  private int firstPlace(int slot) {
    return slot * layout.recordsPerSegment();
  }

  private MemorySegment record(int place) {
    return at(place / layout.recordsPerSegment()).record(place % layout.recordsPerSegment());
  }

  private Segment at(int slot) {
    Segment segment = segments[slot];
    if (segment == null) {
      throw new IllegalStateException("no segment in slot " + slot);
    }
    return segment;
  }

  private void countBytes() {
    bytes =
        newest == NONE
            ? 0
            : (count - 1) * layout.segmentBytes() + at(newest).records() * layout.recordBytes();
  }

  /** Bytes on disk, dead records included. */
  long bytes() {
    return bytes;
  }

  /** Records found wrong. */
  long corrupt() {
    return corrupt.get();
  }

  /** Unmaps all segments. */
  void close() {
    for (int slot = 0; slot < segments.length; slot++) {
      Segment segment = segments[slot];
      segments[slot] = null;
      if (segment != null) {
        segment.close();
      }
    }
    count = 0;
    newest = NONE;
  }
}
