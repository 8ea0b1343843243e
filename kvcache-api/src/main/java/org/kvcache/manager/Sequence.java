package org.kvcache.manager;

import java.util.Arrays;
import org.kvcache.BlockKeys;
import org.kvcache.RetentionPriority;

/**
 * What an open table holds: parallel arrays by block. Apart from {@link Table} so that it survives
 * a table that was dropped, and its pins can be taken back.
 */
final class Sequence {

  static final int NONE = -1;

  private static final int INITIAL_BLOCKS = 16;

  int size;
  int matched;
  int committed;
  boolean closed;

  /**
   * The keys of the blocks as foretold by {@code match}; may be longer or shorter than the table.
   */
  final BlockKeys expected = new BlockKeys();

  final BlockKeys demotedKeys = new BlockKeys();

  /** Blocks evicted by the last call that took slots. */
  int evictions;

  private int[] demotedSlots = new int[0];

  private int[] slots = new int[INITIAL_BLOCKS];

  // The entry pinned for the block: NONE while it is private. A block that lost the race to publish
  // pins the winner's entry and keeps its own slot.
  private int[] entries = new int[INITIAL_BLOCKS];

  // These come with the first fork and the first retain.
  private int[] copySources = {};
  private byte[] priorities = {};
  private long[] untilMillis = {};

  int slot(int index) {
    return slots[index];
  }

  int entry(int index) {
    return entries[index];
  }

  void setEntry(int index, int entry) {
    entries[index] = entry;
  }

  void add(int slot, int entry) {
    if (size == slots.length) {
      grow();
    }
    slots[size] = slot;
    entries[size] = entry;
    if (copySources.length > 0) {
      copySources[size] = NONE;
    }
    if (priorities.length > 0) {
      priorities[size] = RetentionPriority.DEFAULT;
    }
    size++;
  }

  private void grow() {
    int capacity = 2 * slots.length;
    slots = Arrays.copyOf(slots, capacity);
    entries = Arrays.copyOf(entries, capacity);
    if (copySources.length > 0) {
      copySources = Arrays.copyOf(copySources, capacity);
    }
    if (priorities.length > 0) {
      priorities = Arrays.copyOf(priorities, capacity);
      untilMillis = Arrays.copyOf(untilMillis, capacity);
    }
  }

  int copySource(int index) {
    return copySources.length == 0 ? NONE : copySources[index];
  }

  void setCopySource(int index, int slot) {
    if (copySources.length == 0) {
      copySources = new int[slots.length];
      Arrays.fill(copySources, NONE);
    }
    copySources[index] = slot;
  }

  void retain(int from, int to, int priority, long until) {
    if (priorities.length == 0) {
      priorities = new byte[slots.length];
      Arrays.fill(priorities, (byte) RetentionPriority.DEFAULT);
      untilMillis = new long[slots.length];
    }
    for (int i = from; i < to; i++) {
      priorities[i] = (byte) priority;
      untilMillis[i] = until;
    }
  }

  int priority(int index) {
    return priorities.length == 0 ? RetentionPriority.DEFAULT : priorities[index];
  }

  long untilMillis(int index) {
    return untilMillis.length == 0 ? 0 : untilMillis[index];
  }

  void forgetEvictions() {
    evictions = 0;
    demotedKeys.clear();
  }

  void demoted(int slot, long hi, long lo) {
    int count = demotedKeys.size();
    if (count == demotedSlots.length) {
      demotedSlots = Arrays.copyOf(demotedSlots, Math.max(INITIAL_BLOCKS, 2 * count));
    }
    demotedSlots[count] = slot;
    demotedKeys.add(hi, lo);
  }

  int demotedSlot(int index) {
    return demotedSlots[index];
  }

  /** Back to an empty table. */
  void clear() {
    size = 0;
    matched = 0;
    committed = 0;
    expected.clear();
  }
}
