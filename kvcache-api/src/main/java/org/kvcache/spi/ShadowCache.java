package org.kvcache.spi;

/**
 * A cache of keys without bytes: what would this policy hit at that capacity? Fed with every key,
 * or with a fixed sample of the keys and a capacity scaled by the same rate (spatial sampling,
 * "Cache Modeling and Optimization using Miniature Simulations", Waldspurger et al., USENIX ATC
 * 2017).
 *
 * <p>Keys are flat: each access stands for itself, chains and pins are not modelled. Not
 * thread-safe. {@link #access} does not allocate.
 */
public final class ShadowCache {

  private static final int FREE = -1;

  private final EvictionPolicy policy;
  private final boolean readsHints;
  private final int capacity;
  private final long seed;
  private final long[] keys;
  private final boolean[] resident;
  private final EntryIndex index;
  private final int[] freeEntries;
  private int free;
  private int residents;

  /**
   * An empty cache.
   *
   * @param capacity blocks it holds, at least 1
   */
  public ShadowCache(int capacity, long seed, PolicySpec spec) {
    this.capacity = capacity;
    this.seed = seed;
    readsHints = spec.readsHints();
    int entries = spec.maxEntries(capacity);
    keys = new long[entries];
    resident = new boolean[entries];
    index = new EntryIndex(entries);
    freeEntries = new int[entries];
    for (int i = 0; i < entries; i++) {
      freeEntries[i] = entries - 1 - i;
    }
    free = entries;
    policy = spec.factory().apply(new Context());
  }

  /**
   * One reference to the key with hash {@code key}.
   *
   * @return true if it was resident
   */
  public boolean access(long key) {
    return access(key, ReuseHint.NONE);
  }

  /**
   * One reference to the key with hash {@code key}, and what the application knows of its future.
   *
   * @return true if it was resident
   */
  public boolean access(long key, ReuseHint hint) {
    int entry = find(key);
    boolean hit = entry != FREE && resident[entry];
    if (hit) {
      policy.hit(entry);
    } else {
      if (entry == FREE) {
        entry = freeEntries[--free];
        keys[entry] = key;
        index.put(EntryIndex.hash(0, key), entry);
      }
      policy.miss(entry);
      if (residents == capacity) {
        evict();
      }
      residents++;
      resident[entry] = true;
      policy.insert(entry);
    }
    if (readsHints && hint != ReuseHint.NONE) {
      policy.hint(entry, hint);
    }
    policy.release(entry, true);
    return hit;
  }

  private void evict() {
    int victim = policy.victim();
    resident[victim] = false;
    residents--;
    if (!policy.evict(victim)) {
      drop(victim);
    }
  }

  private int find(long key) {
    long hash = EntryIndex.hash(0, key);
    for (int entry = index.first(hash); entry != FREE; entry = index.next(hash)) {
      if (keys[entry] == key) {
        return entry;
      }
    }
    return FREE;
  }

  private void drop(int entry) {
    index.remove(EntryIndex.hash(0, keys[entry]), entry);
    freeEntries[free++] = entry;
  }

  /** The policy at work, for its state. */
  public EvictionPolicy policy() {
    return policy;
  }

  /** Blocks it holds at most. */
  public int capacity() {
    return capacity;
  }

  /** True once it has been filled, so that its hits can be compared. */
  public boolean warm() {
    return residents == capacity;
  }

  private final class Context implements PolicyContext {
    @Override
    public int capacity() {
      return capacity;
    }

    @Override
    public int maxEntries() {
      return keys.length;
    }

    @Override
    public long keyHash(int entry) {
      return keys[entry];
    }

    @Override
    public long seed() {
      return seed;
    }

    @Override
    public void forget(int ghost) {
      drop(ghost);
    }
  }
}
