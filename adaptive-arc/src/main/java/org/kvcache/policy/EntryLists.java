package org.kvcache.policy;

import java.util.Arrays;

/**
 * Doubly linked lists of entries, each entry in at most one of them; the first is the oldest.
 *
 * <p>The links of an entry lie side by side, so that unlinking touches one cache line for the entry
 * and one for each neighbour. List heads are sentinels behind the entries.
 */
final class EntryLists {

  static final int NONE = -1;

  // Walking farther than this to find the exact place is not worth the time: by then the entry is
  // not the next to go.
  private static final int MAX_WALK = 64;

  private static final int UNLINKED = -1;

  private final int entries;
  private final int[] links; // links[2e] = older neighbour, links[2e + 1] = younger neighbour

  EntryLists(int entries, int lists) {
    this.entries = entries;
    links = new int[2 * (entries + lists)];
    Arrays.fill(links, 0, 2 * entries, UNLINKED);
    for (int node = entries; node < entries + lists; node++) {
      links[2 * node] = node;
      links[2 * node + 1] = node;
    }
  }

  int first(int list) {
    int node = links[2 * (entries + list) + 1];
    return node < entries ? node : NONE;
  }

  int last(int list) {
    int node = links[2 * (entries + list)];
    return node < entries ? node : NONE;
  }

  /** The next younger entry of the same list, or {@link #NONE}. */
  int younger(int entry) {
    int node = links[2 * entry + 1];
    return node < entries ? node : NONE;
  }

  /** The next older entry of the same list, or {@link #NONE}. */
  int older(int entry) {
    int node = links[2 * entry];
    return node < entries ? node : NONE;
  }

  boolean isLinked(int entry) {
    return links[2 * entry] != UNLINKED;
  }

  /** Links {@code entry} as the youngest of {@code list}. */
  void append(int list, int entry) {
    insertBefore(entries + list, entry);
  }

  /** Links {@code entry} as the oldest of {@code list}. */
  void prepend(int list, int entry) {
    insertBefore(links[2 * (entries + list) + 1], entry);
  }

  /**
   * Links {@code entry} by its stamp into a list that is sorted by stamp, in bounded time: exact at
   * both ends and within {@link #MAX_WALK} of the old one or of {@code hint}.
   *
   * @param hint a linked entry of the same list that may be near, or {@link #NONE}
   */
  void insertByStamp(int list, int entry, long[] stamps, int hint) {
    long stamp = stamps[entry];
    int head = entries + list;
    int youngest = links[2 * head];
    if (youngest == head || stamps[youngest] <= stamp) {
      insertBefore(head, entry);
      return;
    }
    int at = hint != NONE && stamps[hint] < stamp ? hint : links[2 * head + 1];
    for (int steps = 0; steps < MAX_WALK && stamps[at] < stamp; steps++) {
      at = links[2 * at + 1];
    }
    insertBefore(at, entry);
  }

  private void insertBefore(int node, int entry) {
    int older = links[2 * node];
    links[2 * entry] = older;
    links[2 * entry + 1] = node;
    links[2 * older + 1] = entry;
    links[2 * node] = entry;
  }

  void unlink(int entry) {
    int older = links[2 * entry];
    int younger = links[2 * entry + 1];
    links[2 * older + 1] = younger;
    links[2 * younger] = older;
    links[2 * entry] = UNLINKED;
  }

  /** Unlinks {@code entry} if it is in a list. */
  void unlinkIfLinked(int entry) {
    if (isLinked(entry)) {
      unlink(entry);
    }
  }
}
