package org.kvcache.manager;

import java.util.Arrays;
import org.kvcache.BlockKeys;
import org.kvcache.spi.EntryIndex;

/** The keys that are known, resident or ghost, each under an entry of its own. */
final class KeyDirectory {

  static final int NONE = -1;

  /** Keys that are looked up or dropped together, so that their cache misses overlap. */
  static final int BATCH = 16;

  private final EntryIndex index;
  private final long[] keys; // interleaved: hi, lo
  private final boolean[] known;
  private final int[] likelyChild; // the block that last followed this one, or NONE

  private final int[] free;
  private int freeCount;

  // Forgotten keys that are still in the index.
  private final int[] forgotten = new int[BATCH];
  private int forgottenCount;

  KeyDirectory(int entries) {
    index = new EntryIndex(entries);
    keys = new long[2 * entries];
    known = new boolean[entries];
    likelyChild = new int[entries];
    Arrays.fill(likelyChild, NONE);
    free = new int[entries];
    Arrays.setAll(free, i -> entries - 1 - i);
    freeCount = entries;
  }

  /** The entry of this key, which may be known to follow {@code parent}; {@link #NONE} if none. */
  int find(long hi, long lo, int parent) {
    if (parent != NONE) {
      // Chains are mostly walked the way they were walked last, which needs no hashing.
      int child = likelyChild[parent];
      if (child != NONE && hasKey(child, hi, lo)) {
        return child;
      }
    }
    long hash = EntryIndex.hash(hi, lo);
    int entry = index.first(hash);
    while (entry != NONE && !hasKey(entry, hi, lo)) {
      entry = index.next(hash);
    }
    if (entry != NONE && parent != NONE) {
      likelyChild[parent] = entry;
    }
    return entry;
  }

  private boolean hasKey(int entry, long hi, long lo) {
    return keys[2 * entry + 1] == lo && keys[2 * entry] == hi && known[entry];
  }

  /** Announces up to {@link #BATCH} keys that will be looked up next. */
  void touch(BlockKeys next, int from) {
    int to = Math.min(from + BATCH, next.size());
    for (int i = from; i < to; i++) {
      index.touch(EntryIndex.hash(next.hi(i), next.lo(i)));
    }
  }

  /** An entry for a key that is not known, or {@link #NONE} if all are taken. */
  int add(long hi, long lo) {
    if (freeCount == 0) {
      dropForgotten();
      if (freeCount == 0) {
        return NONE;
      }
    }
    int entry = free[--freeCount];
    keys[2 * entry] = hi;
    keys[2 * entry + 1] = lo;
    known[entry] = true;
    likelyChild[entry] = NONE;
    index.put(EntryIndex.hash(hi, lo), entry);
    return entry;
  }

  /** The block of {@code child} follows that of {@code parent}. */
  void follows(int parent, int child) {
    likelyChild[parent] = child;
  }

  void forget(int entry) {
    known[entry] = false;
    forgotten[forgottenCount++] = entry;
    if (forgottenCount == BATCH) {
      dropForgotten();
    }
  }

  private void dropForgotten() {
    for (int i = 0; i < forgottenCount; i++) {
      index.touch(hash(forgotten[i]));
    }
    for (int i = 0; i < forgottenCount; i++) {
      int entry = forgotten[i];
      index.remove(hash(entry), entry);
      free[freeCount++] = entry;
    }
    forgottenCount = 0;
  }

  long hash(int entry) {
    return EntryIndex.hash(hi(entry), lo(entry));
  }

  long hi(int entry) {
    return keys[2 * entry];
  }

  long lo(int entry) {
    return keys[2 * entry + 1];
  }
}
