package org.kvcache.policy;

import java.util.Arrays;

/**
 * Lists of unpinned entries in the order of last use, of which some may not be evicted yet because
 * a continuation of theirs is resident. Finding the oldest evictable entry takes constant time on
 * average.
 *
 * <p>An entry that is met at the old end while it cannot be evicted is <i>parked</i>: taken out, to
 * come back by its stamp when it is exposed. Everything still in the list is younger than it, apart
 * from those that came back before, so its place is near the old end.
 */
final class RecencyLists {

  static final int NONE = EntryLists.NONE;

  private static final int MAX_STEPS = 16;

  private final EntryLists lists;
  private final long[] lastUse;
  private final boolean[] evictable;
  private final int[] young; // by list: no evictable entry was found younger than this one
  private final int[] returned; // by list: the entry that last came back from parking, or NONE

  /** Lists {@code 0} to {@code recencyLists - 1} by last use, and {@code plainLists} more. */
  RecencyLists(int entries, int recencyLists, int plainLists) {
    lists = new EntryLists(entries, recencyLists + plainLists);
    lastUse = new long[entries];
    evictable = new boolean[entries];
    young = new int[recencyLists];
    returned = new int[recencyLists];
    Arrays.fill(young, NONE);
    Arrays.fill(returned, NONE);
  }

  /** The stamp {@code entry} was last released with. */
  long lastUse(int entry) {
    return lastUse[entry];
  }

  /** Links {@code entry} as the most recently used; stamps never fall. */
  void release(int list, int entry, long stamp, boolean canGo) {
    lastUse[entry] = stamp;
    evictable[entry] = canGo;
    lists.append(list, entry);
    if (canGo) {
      young[list] = entry;
    }
  }

  /** {@code entry} of {@code list} can be evicted from now on. */
  void expose(int list, int entry) {
    evictable[entry] = true;
    if (!lists.isLinked(entry)) {
      int hint = returned[list];
      lists.insertByStamp(list, entry, lastUse, hint);
      returned[list] = entry;
    }
    int other = young[list];
    if (other == NONE || lastUse[entry] >= lastUse[other]) {
      young[list] = entry;
    }
  }

  /** Takes {@code entry} out of {@code list}, if it is there. */
  void unlink(int list, int entry) {
    evictable[entry] = false;
    if (young[list] == entry) {
      young[list] = lists.older(entry);
    }
    if (returned[list] == entry) {
      returned[list] = NONE;
    }
    lists.unlinkIfLinked(entry);
  }

  /** The evictable entry least recently used, or {@link #NONE}. */
  int oldest(int list) {
    int entry = lists.first(list);
    while (entry != NONE && !evictable[entry]) {
      if (young[list] == entry) {
        young[list] = NONE;
      }
      lists.unlink(entry);
      entry = lists.first(list);
    }
    return entry;
  }

  /**
   * The evictable entry most recently used, or {@link #NONE} if none was found in a few steps; the
   * search goes on in the next call.
   */
  int youngest(int list) {
    int entry = young[list];
    for (int steps = 0; steps < MAX_STEPS && entry != NONE && !evictable[entry]; steps++) {
      entry = lists.older(entry);
    }
    young[list] = entry;
    return entry != NONE && evictable[entry] ? entry : NONE;
  }

  // --- lists without an order of use, for ghosts

  void append(int plainList, int entry) {
    lists.append(plainList, entry);
  }

  int first(int plainList) {
    return lists.first(plainList);
  }

  void unlinkPlain(int entry) {
    lists.unlinkIfLinked(entry);
  }
}
