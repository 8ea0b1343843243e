package org.kvcache.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;

/**
 * Blocks by how often they were used while cached, each count a list in order of last use; with
 * ageing, by that count plus the priority of the last victim at the time of their last use.
 *
 * <p>The lists are a ring indexed by priority: all priorities in use lie within {@link #MAX_USES}
 * of the age. Looking for the lowest one in use walks at most as far as the victim was used often,
 * so an access takes constant time on average. Pinned blocks are in no list.
 */
abstract sealed class FrequencyPolicy implements EvictionPolicy permits LfuPolicy, LfuDaPolicy {

  /** Counts end here; blocks used more often than this are in order of last use. */
  static final int MAX_USES = (1 << 16) - 1;

  private final EntryLists lists;
  private final boolean ageing;
  private final int[] uses;
  private final long[] priority;
  private final long[] lastUse;
  private long age;
  private long clock;
  private int linked;
  private int named = NONE; // the last victim, while it is the lowest

  FrequencyPolicy(PolicyContext context, boolean ageing) {
    this.ageing = ageing;
    int entries = context.maxEntries();
    lists = new EntryLists(entries, MAX_USES + 1);
    uses = new int[entries];
    priority = new long[entries];
    lastUse = new long[entries];
  }

  @Override
  public void miss(int entry) {}

  @Override
  public void insert(int entry) {
    uses[entry] = 1;
  }

  @Override
  public void hit(int entry) {
    unlink(entry);
    uses[entry] = Math.min(uses[entry] + 1, MAX_USES);
  }

  @Override
  public void release(int entry, boolean evictable) {
    lastUse[entry] = ++clock;
    priority[entry] = age + uses[entry];
    if (evictable) {
      expose(entry);
    }
  }

  @Override
  public void expose(int entry) {
    // The age may have overtaken a block that could not be chosen for long.
    priority[entry] = Math.max(priority[entry], age);
    lists.insertByStamp(bucket(priority[entry]), entry, lastUse, NONE);
    linked++;
    named = NONE;
  }

  @Override
  public int victim() {
    if (linked == 0) {
      return NONE;
    }
    long lowest = age;
    while (lists.first(bucket(lowest)) == NONE) {
      lowest++;
    }
    named = lists.first(bucket(lowest));
    return named;
  }

  @Override
  public boolean evict(int entry) {
    if (ageing && entry == named) {
      age = priority[entry];
    }
    unlink(entry);
    return false;
  }

  @Override
  public void remove(int entry) {
    unlink(entry);
  }

  private void unlink(int entry) {
    if (lists.isLinked(entry)) {
      lists.unlink(entry);
      linked--;
    }
  }

  private static int bucket(long priority) {
    return (int) (priority & MAX_USES);
  }

  @Override
  public Map<String, Double> state() {
    var state = new LinkedHashMap<String, Double>();
    if (ageing) {
      state.put("l", (double) age);
    }
    int lowest = victim();
    state.put("lowest", lowest == NONE ? 0 : (double) (priority[lowest] - age));
    return state;
  }
}
