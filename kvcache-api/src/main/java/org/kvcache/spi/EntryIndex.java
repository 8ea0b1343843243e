package org.kvcache.spi;

import java.util.Arrays;

/**
 * A hash index from key to entry that stores only entries and hash fragments; the caller keeps the
 * keys and compares them. Open addressing with linear probing and backward-shift deletion, at most
 * half full.
 *
 * <p>To look a key up, compare the keys of {@link #first} and then {@link #next} until {@link
 * #NONE}. Not thread-safe, no allocation after construction.
 */
public final class EntryIndex {

  /** No entry. */
  public static final int NONE = -1;

  private static final long EMPTY = -1L;
  private static final long FRAGMENT = 0xFFFF_FFFF_0000_0000L;

  // Upper half: the hash's upper half, which also gives the home; lower half: the entry. So one
  // load decides almost every probe, and closing a gap needs no look at the keys.
  private final long[] table;
  private final int mask;
  private int cursor;

  @SuppressWarnings("UnusedVariable") // written so that touch() is not optimised away
  private long touched;

  /** An empty index for up to {@code entries} entries. */
  public EntryIndex(int entries) {
    int size = Integer.highestOneBit(Math.max(4, Math.min(entries, 1 << 28)) * 2 - 1) << 1;
    table = new long[size];
    mask = size - 1;
    Arrays.fill(table, EMPTY);
  }

  /** The hash of a 128-bit key. */
  public static long hash(long hi, long lo) {
    long h = (lo ^ hi * 0x9E3779B97F4A7C15L) * 0xBF58476D1CE4E5B9L;
    return (h ^ (h >>> 32)) * 0x94D049BB133111EBL;
  }

  /** The first entry whose key may have {@code hash}. */
  public int first(long hash) {
    cursor = home(hash);
    return probe(hash);
  }

  /** The candidate after the one last returned for the same {@code hash}. */
  public int next(long hash) {
    cursor = (cursor + 1) & mask;
    return probe(hash);
  }

  private int probe(long hash) {
    long fragment = hash & FRAGMENT;
    int at = cursor;
    while (table[at] != EMPTY && (table[at] & FRAGMENT) != fragment) {
      at = (at + 1) & mask;
    }
    cursor = at;
    return (int) table[at]; // EMPTY reads as NONE
  }

  /**
   * Brings the part of the table that {@code hash} leads to into the processor's cache. A caller
   * that knows the keys to come touches some of them at once, so that the loads overlap.
   */
  public void touch(long hash) {
    touched += table[home(hash)];
  }

  /** Adds an entry that is not in the index. */
  public void put(long hash, int entry) {
    int at = home(hash);
    while (table[at] != EMPTY) {
      at = (at + 1) & mask;
    }
    table[at] = (hash & FRAGMENT) | entry;
  }

  /** Removes an entry that was put with this {@code hash}. */
  public void remove(long hash, int entry) {
    int at = home(hash);
    while ((int) table[at] != entry) {
      if (table[at] == EMPTY) {
        throw new IllegalStateException("entry " + entry + " is not in the index");
      }
      at = (at + 1) & mask;
    }
    closeGap(at);
  }

  private void closeGap(int gap) {
    for (int at = (gap + 1) & mask; table[at] != EMPTY; at = (at + 1) & mask) {
      int home = home(table[at]);
      if (((at - home) & mask) >= ((at - gap) & mask)) {
        table[gap] = table[at];
        gap = at;
      }
    }
    table[gap] = EMPTY;
  }

  private int home(long hashOrCell) {
    return (int) (hashOrCell >>> 32) & mask;
  }

  /** Forgets everything. */
  public void clear() {
    Arrays.fill(table, EMPTY);
  }
}
