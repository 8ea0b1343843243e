package org.kvcache.sim.peers;

import java.util.LinkedHashMap;
import java.util.Map;
import org.kvcache.policy.EntryQueues;
import org.kvcache.policy.FrequencySketch;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;

/**
 * Dynamo KVBM's inactive pool with four LRU levels ({@code
 * lib/kvbm-logical/src/pools/inactive/backends/multi_lru_backend.rs}): a released block joins the
 * level of its use count in a TinyLFU sketch, with thresholds 2, 6 and 15, and the lowest level
 * that has a block gives way.
 *
 * <p>The sketch has the size of KVBM's medium setting whatever the capacity, so that it hardly ever
 * ages.
 */
final class MultiLruPolicy implements EvictionPolicy {

  private static final int LEVELS = 4;
  private static final int SKETCHED = 1 << 21;
  private static final int COUNTERS = 4 * SKETCHED;
  private static final int SAMPLE = 10 * SKETCHED;

  private final PolicyContext context;
  private final FrequencySketch sketch = new FrequencySketch(COUNTERS, SAMPLE);
  private final EntryQueues levels;

  MultiLruPolicy(PolicyContext context) {
    this.context = context;
    levels = new EntryQueues(context.maxEntries(), LEVELS);
  }

  @Override
  public void miss(int entry) {}

  @Override
  public void insert(int entry) {
    sketch.increment(context.keyHash(entry));
  }

  @Override
  public void hit(int entry) {
    sketch.increment(context.keyHash(entry));
    levels.remove(entry);
  }

  @Override
  public void release(int entry, boolean evictable) {
    if (evictable) {
      expose(entry);
    }
  }

  @Override
  public void expose(int entry) {
    int count = sketch.estimate(context.keyHash(entry));
    levels.append(count < 2 ? 0 : count < 6 ? 1 : count < 15 ? 2 : 3, entry);
  }

  @Override
  public int victim() {
    for (int level = 0; level < LEVELS; level++) {
      int victim = levels.oldest(level);
      if (victim != NONE) {
        return victim;
      }
    }
    return NONE;
  }

  @Override
  public boolean evict(int entry) {
    levels.remove(entry);
    return false;
  }

  @Override
  public void remove(int entry) {
    levels.remove(entry);
  }

  @Override
  public Map<String, Double> state() {
    var state = new LinkedHashMap<String, Double>();
    state.put("cold", (double) levels.size(0));
    state.put("warm", (double) levels.size(1));
    state.put("hot", (double) levels.size(2));
    state.put("very_hot", (double) levels.size(3));
    return state;
  }
}
