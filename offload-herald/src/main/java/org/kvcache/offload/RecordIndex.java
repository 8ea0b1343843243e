package org.kvcache.offload;

import java.util.Arrays;
import org.kvcache.BlockKeys;
import org.kvcache.spi.EntryIndex;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;
import org.kvcache.spi.PolicySpec;

/**
 * Which key has its record at which place, and who goes when there are too many. A place is the
 * number of a record among all segments.
 *
 * <p>Any thread may call {@link #probe}, {@link #size} and {@link #evicted}; all else belongs to
 * the tier's thread. The lock is held for a probe or for one change of the index, never for I/O or
 * for the policy. Nothing allocates after construction.
 */
final class RecordIndex {

  static final int NONE = -1;

  private final PolicySpec spec;
  private final EvictionPolicy policy; // the tier's thread only
  private final int capacity;

  // Guarded by this.
  private final EntryIndex index;
  private final long[] keys; // by entry, interleaved: hi, lo
  private final int[] placeOf; // by entry; NONE for a ghost
  private final int[] entryAt; // by place; NONE for a dead record
  private final int[] free;
  private int freeCount;
  private int size;
  private long evicted;

  /**
   * An empty index.
   *
   * @param capacity records alive at most
   */
  RecordIndex(PolicySpec spec, int capacity, int places, long seed) {
    this.spec = spec;
    this.capacity = capacity;
    int entries = spec.maxEntries(capacity);
    index = new EntryIndex(entries);
    keys = new long[2 * entries];
    placeOf = new int[entries];
    Arrays.fill(placeOf, NONE);
    entryAt = new int[places];
    Arrays.fill(entryAt, NONE);
    free = new int[entries];
    Arrays.setAll(free, i -> entries - 1 - i);
    freeCount = entries;
    policy = spec.factory().apply(new Context(capacity, entries, seed));
  }

  /** How many leading keys of {@code [from, to)} have a record. */
  synchronized int probe(BlockKeys wanted, int from, int to) {
    int i = from;
    while (i < to && resident(wanted.hi(i), wanted.lo(i)) != NONE) {
      i++;
    }
    return i - from;
  }

  /** The entry of a key that has a record, or {@link #NONE}. */
  synchronized int find(long hi, long lo) {
    return resident(hi, lo);
  }

  private int resident(long hi, long lo) {
    int entry = known(hi, lo);
    return entry != NONE && placeOf[entry] != NONE ? entry : NONE;
  }

  private int known(long hi, long lo) {
    long hash = EntryIndex.hash(hi, lo);
    int entry = index.first(hash);
    while (entry != EntryIndex.NONE && (keys[2 * entry] != hi || keys[2 * entry + 1] != lo)) {
      entry = index.next(hash);
    }
    return entry;
  }

  long hi(int entry) {
    return keys[2 * entry];
  }

  long lo(int entry) {
    return keys[2 * entry + 1];
  }

  int place(int entry) {
    return placeOf[entry];
  }

  /**
   * The entry whose record is at a place, or {@link #NONE} if that is dead or was never written.
   */
  int entryAt(int place) {
    return entryAt[place];
  }

  /** Records alive in {@code [from, to)}. */
  int alive(int from, int to) {
    int alive = 0;
    for (int place = from; place < to; place++) {
      alive += entryAt[place] == NONE ? 0 : 1;
    }
    return alive;
  }

  /** A request referred to this entry. */
  void use(int entry) {
    policy.hit(entry);
    policy.release(entry, true);
  }

  /**
   * An entry for a key that has no record yet, after evicting another if need be. {@link #settle}
   * or {@link #abandon} must follow.
   */
  int admit(long hi, long lo) {
    int entry = add(hi, lo);
    policy.miss(entry);
    if (size == capacity) {
      evictOne();
    }
    return entry;
  }

  private synchronized int add(long hi, long lo) {
    int entry = known(hi, lo);
    if (entry != NONE) {
      return entry;
    }
    if (freeCount == 0) {
      throw new IllegalStateException(
          "policy '" + spec.name() + "' keeps more ghosts than its PolicySpec says");
    }
    entry = free[--freeCount];
    keys[2 * entry] = hi;
    keys[2 * entry + 1] = lo;
    index.put(EntryIndex.hash(hi, lo), entry);
    return entry;
  }

  /** The record of an admitted entry is written at {@code place}. */
  void settle(int entry, int place) {
    occupy(entry, place);
    policy.insert(entry);
    policy.release(entry, true);
  }

  private synchronized void occupy(int entry, int place) {
    placeOf[entry] = place;
    entryAt[place] = entry;
    size++;
  }

  /** The record of an admitted entry could not be written. */
  void abandon(int entry) {
    // A policy has no call for this; it may forget what is resident.
    policy.insert(entry);
    policy.release(entry, true);
    policy.remove(entry);
    forget(entry);
  }

  private void evictOne() {
    int victim = policy.victim();
    if (victim < 0 || victim >= placeOf.length || placeOf[victim] == NONE) {
      throw new IllegalStateException(
          "policy '%s' names entry %d, which has no record".formatted(spec.name(), victim));
    }
    vacate(victim);
    countEvicted();
    if (!policy.evict(victim)) {
      forget(victim);
    }
  }

  /** Forgets an entry whose record is wrong or out of reach. */
  void discard(int entry) {
    vacate(entry);
    policy.remove(entry);
    forget(entry);
  }

  /** Gives up an entry for room, though the policy did not name it. */
  void giveUp(int entry) {
    discard(entry);
    countEvicted();
  }

  /** The record of an entry was copied to another place. */
  synchronized void move(int entry, int place) {
    entryAt[placeOf[entry]] = NONE;
    placeOf[entry] = place;
    entryAt[place] = entry;
  }

  private synchronized void vacate(int entry) {
    entryAt[placeOf[entry]] = NONE;
    placeOf[entry] = NONE;
    size--;
  }

  private synchronized void forget(int entry) {
    index.remove(EntryIndex.hash(keys[2 * entry], keys[2 * entry + 1]), entry);
    free[freeCount++] = entry;
  }

  private synchronized void countEvicted() {
    evicted++;
  }

  /** Records alive. */
  synchronized int size() {
    return size;
  }

  /** Entries that were given up for room. */
  synchronized long evicted() {
    return evicted;
  }

  private final class Context implements PolicyContext {
    private final int capacity;
    private final int entries;
    private final long seed;

    Context(int capacity, int entries, long seed) {
      this.capacity = capacity;
      this.entries = entries;
      this.seed = seed;
    }

    @Override
    public int capacity() {
      return capacity;
    }

    @Override
    public int maxEntries() {
      return entries;
    }

    @Override
    public long keyHash(int entry) {
      return EntryIndex.hash(hi(entry), lo(entry));
    }

    @Override
    public long seed() {
      return seed;
    }

    @Override
    public void forget(int ghost) {
      RecordIndex.this.forget(ghost);
    }
  }
}
