package org.kvcache.manager;

import java.util.Arrays;
import java.util.function.LongSupplier;
import org.kvcache.RetentionPriority;

/**
 * Unpinned blocks with a priority of their own, and until when. To the eviction policy they look
 * pinned; when their time is over they are handed to it.
 *
 * <p>Its arrays come with the first such block, since most managers never have one. Within a
 * priority the block released first goes first.
 */
final class Retention {

  static final int NONE = -1;

  /** Until used again. */
  static final long FOREVER = Long.MAX_VALUE;

  private static final int LEVELS = RetentionPriority.HIGHEST + 1;
  private static final byte NOT_HELD = -1;

  private final int entries;
  private final LongSupplier clockMillis;
  private byte[] priority = {};
  private int[] older = {};
  private int[] younger = {};
  private final ExpiryHeap expiries = new ExpiryHeap();
  private int held;

  Retention(int entries, LongSupplier clockMillis) {
    this.entries = entries;
    this.clockMillis = clockMillis;
  }

  /** Takes an unpinned block until {@code untilMillis}, {@link Long#MAX_VALUE} for no end. */
  void keep(int entry, int level, long untilMillis, boolean evictable) {
    if (priority.length == 0) {
      allocate();
    }
    priority[entry] = (byte) level;
    held++;
    if (untilMillis != FOREVER) {
      expiries.add(entry, untilMillis);
    }
    if (evictable) {
      link(entry);
    }
  }

  private void allocate() {
    priority = new byte[entries];
    Arrays.fill(priority, NOT_HELD);
    older = new int[entries + LEVELS];
    younger = new int[entries + LEVELS];
    for (int i = 0; i < older.length; i++) {
      older[i] = i;
      younger[i] = i;
    }
    expiries.reserve(entries);
  }

  private void link(int entry) {
    int head = entries + priority[entry];
    int last = older[head];
    older[entry] = last;
    younger[entry] = head;
    younger[last] = entry;
    older[head] = entry;
  }

  boolean holds(int entry) {
    return held > 0 && priority[entry] != NOT_HELD;
  }

  int priority(int entry) {
    return holds(entry) ? priority[entry] : RetentionPriority.DEFAULT;
  }

  /** The last resident child of a held block went. */
  void expose(int entry) {
    link(entry);
  }

  /** Gives the block up if it is held here. */
  boolean withdraw(int entry) {
    if (!holds(entry)) {
      return false;
    }
    expiries.remove(entry);
    younger[older[entry]] = younger[entry];
    older[younger[entry]] = older[entry];
    older[entry] = entry;
    younger[entry] = entry;
    priority[entry] = NOT_HELD;
    held--;
    return true;
  }

  /** Withdraws a block whose time is over and returns it, or {@link #NONE}. */
  int nextExpired() {
    if (expiries.isEmpty() || expiries.firstDeadline() > clockMillis.getAsLong()) {
      return NONE;
    }
    int entry = expiries.first();
    withdraw(entry);
    return entry;
  }

  /** The block to evict before asking the policy, or {@link #NONE}. */
  int lowest() {
    return held == 0 ? NONE : firstWithin(RetentionPriority.LOWEST, RetentionPriority.DEFAULT);
  }

  /** The block to evict when the policy has none, or {@link #NONE}. */
  int highest() {
    return held == 0 ? NONE : firstWithin(RetentionPriority.DEFAULT + 1, LEVELS);
  }

  private int firstWithin(int from, int to) {
    for (int level = from; level < to; level++) {
      int first = younger[entries + level];
      if (first < entries) {
        return first;
      }
    }
    return NONE;
  }
}
