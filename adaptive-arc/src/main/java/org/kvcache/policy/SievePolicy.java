package org.kvcache.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;

/**
 * SIEVE, Y. Zhang, J. Yang, Y. Yue, Y. Vigfusson and K. V. Rashmi, "SIEVE is Simpler than LRU: an
 * Efficient Turn-Key Eviction Algorithm for Web Caches", USENIX NSDI 2024, algorithm 1.
 *
 * <p>One queue in order of arrival and a hand that moves from its old end to its young end and
 * starts over. The hand clears the visited bit of the blocks it passes and stops at the first one
 * without. It passes pinned blocks as if they were not there: their visited bits stay.
 */
public final class SievePolicy implements EvictionPolicy {

  private static final int QUEUE = 0;

  private final EntryLists lists;
  private final boolean[] visited;
  private final boolean[] unpinned;
  private int hand = NONE; // NONE: it starts over at the old end
  private int size;
  private int choices; // residents that are not pinned

  /** An empty policy. */
  public SievePolicy(PolicyContext context) {
    lists = new EntryLists(context.maxEntries(), 1);
    visited = new boolean[context.maxEntries()];
    unpinned = new boolean[context.maxEntries()];
  }

  @Override
  public void miss(int entry) {}

  @Override
  public void insert(int entry) {
    visited[entry] = false;
    lists.append(QUEUE, entry);
    size++;
  }

  @Override
  public void hit(int entry) {
    visited[entry] = true;
    setPinned(entry, true);
  }

  @Override
  public void release(int entry, boolean evictable) {
    if (evictable) {
      setPinned(entry, false);
    }
  }

  @Override
  public void expose(int entry) {
    setPinned(entry, false);
  }

  private void setPinned(int entry, boolean pinned) {
    if (unpinned[entry] == pinned) {
      unpinned[entry] = !pinned;
      choices += pinned ? -1 : 1;
    }
  }

  @Override
  public int victim() {
    if (choices == 0) {
      return NONE;
    }
    // Ends within two rounds: the first clears the visited bit of every block that may go.
    int at = hand != NONE ? hand : lists.first(QUEUE);
    while (!unpinned[at] || visited[at]) {
      if (unpinned[at]) {
        visited[at] = false;
      }
      int younger = lists.younger(at);
      at = younger != NONE ? younger : lists.first(QUEUE);
    }
    hand = at;
    return at;
  }

  @Override
  public boolean evict(int entry) {
    remove(entry);
    return false;
  }

  @Override
  public void remove(int entry) {
    if (hand == entry) {
      hand = lists.younger(entry);
    }
    setPinned(entry, true);
    if (lists.isLinked(entry)) {
      lists.unlink(entry);
      size--;
    }
  }

  @Override
  public Map<String, Double> state() {
    int behind = 0;
    for (int at = hand; at != NONE; at = lists.older(at)) {
      behind++;
    }
    var state = new LinkedHashMap<String, Double>();
    state.put("queue", (double) size);
    state.put("hand", size == 0 ? 0 : (double) behind / size);
    return state;
  }
}
