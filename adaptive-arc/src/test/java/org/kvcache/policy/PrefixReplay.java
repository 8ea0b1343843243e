package org.kvcache.policy;

import java.util.Arrays;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;
import org.kvcache.spi.PolicySpec;

/**
 * Replays requests of chained blocks one at a time. A hit is a block of the leading run of resident
 * ones; all of a request's blocks are pinned until it ends, and released tail first.
 */
final class PrefixReplay implements PolicyContext {

  private static final int NONE = EvictionPolicy.NONE;

  private final PolicySpec spec;
  private final int capacity;
  private final EvictionPolicy policy;
  private final int[] entryOf;
  private final int[] parentOf;
  private final int[] children;
  private final int[] keyOf;
  private final boolean[] resident;
  private final boolean[] pinned;
  private final int[] free;
  private int freeCount;
  private int residents;
  private int pinnedCount;

  /** For block ids less than {@code keys}. */
  PrefixReplay(PolicySpec spec, int capacity, int keys) {
    this.spec = spec;
    this.capacity = capacity;
    entryOf = filled(keys, NONE);
    parentOf = filled(keys, NONE);
    children = new int[keys];
    int entries = spec.maxEntries(capacity);
    keyOf = new int[entries];
    resident = new boolean[entries];
    pinned = new boolean[entries];
    free = new int[entries];
    for (int i = 0; i < entries; i++) {
      free[i] = entries - 1 - i;
    }
    freeCount = entries;
    policy = spec.factory().apply(this);
  }

  private static int[] filled(int length, int value) {
    int[] array = new int[length];
    Arrays.fill(array, value);
    return array;
  }

  EvictionPolicy policy() {
    return policy;
  }

  /** The hits of all requests. */
  long hits(int[][] requests) {
    long hits = 0;
    for (int[] chain : requests) {
      hits += request(chain);
    }
    return hits;
  }

  private int request(int[] chain) {
    int hits = 0;
    while (hits < chain.length && isResident(chain[hits])) {
      pin(entryOf[chain[hits++]]);
    }
    int end = hits;
    for (; end < chain.length; end++) {
      parentOf[chain[end]] = end == 0 ? NONE : chain[end - 1];
      if (isResident(chain[end])) {
        pin(entryOf[chain[end]]);
      } else if (!place(chain[end])) {
        break;
      }
    }
    while (--end >= 0) {
      int entry = entryOf[chain[end]];
      pinned[entry] = false;
      policy.release(entry, isEvictable(chain[end]));
    }
    pinnedCount = 0;
    return hits;
  }

  private boolean isResident(int key) {
    return entryOf[key] != NONE && resident[entryOf[key]];
  }

  private boolean isEvictable(int key) {
    return !spec.leafFirst() || children[key] == 0;
  }

  private void pin(int entry) {
    policy.hit(entry);
    pinned[entry] = true;
    pinnedCount++;
  }

  private boolean place(int key) {
    if (pinnedCount == capacity) {
      return false;
    }
    int entry = entryOf[key];
    if (entry == NONE) {
      entry = free[--freeCount];
      entryOf[key] = entry;
      keyOf[entry] = key;
    }
    policy.miss(entry);
    if (residents == capacity) {
      evict();
    }
    residents++;
    resident[entry] = true;
    policy.insert(entry);
    pinned[entry] = true;
    pinnedCount++;
    if (parentOf[key] != NONE) {
      children[parentOf[key]]++;
    }
    return true;
  }

  private void evict() {
    int entry = policy.victim();
    int key = keyOf[entry];
    resident[entry] = false;
    residents--;
    if (!policy.evict(entry)) {
      forget(entry);
    }
    int parent = parentOf[key];
    if (parent != NONE && --children[parent] == 0 && spec.leafFirst() && isResident(parent)) {
      if (!pinned[entryOf[parent]]) {
        policy.expose(entryOf[parent]);
      }
    }
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public int maxEntries() {
    return keyOf.length;
  }

  @Override
  public long keyHash(int entry) {
    long h = (keyOf[entry] + 1) * 0x9E3779B97F4A7C15L;
    h = (h ^ h >>> 32) * 0xBF58476D1CE4E5B9L;
    return h ^ h >>> 29;
  }

  @Override
  public long seed() {
    return 1;
  }

  @Override
  public void forget(int ghost) {
    entryOf[keyOf[ghost]] = NONE;
    free[freeCount++] = ghost;
  }
}
