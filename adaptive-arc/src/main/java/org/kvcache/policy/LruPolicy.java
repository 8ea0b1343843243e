package org.kvcache.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;

/**
 * Least recently released first: the order of vLLM's free block queue. Since blocks are released
 * tail first, a prefix outlives its continuations.
 */
public final class LruPolicy implements EvictionPolicy {

  private static final int QUEUE = 0;

  private final EntryLists lists;

  /** An empty policy. */
  public LruPolicy(PolicyContext context) {
    lists = new EntryLists(context.maxEntries(), 1);
  }

  @Override
  public void miss(int entry) {}

  @Override
  public void insert(int entry) {}

  @Override
  public void hit(int entry) {
    lists.unlinkIfLinked(entry);
  }

  @Override
  public void release(int entry, boolean evictable) {
    if (evictable) {
      lists.append(QUEUE, entry);
    }
  }

  @Override
  public void expose(int entry) {
    // Its continuations were released before it and went as the oldest, so it is the oldest now.
    lists.prepend(QUEUE, entry);
  }

  @Override
  public int victim() {
    return lists.first(QUEUE);
  }

  @Override
  public boolean evict(int entry) {
    lists.unlinkIfLinked(entry);
    return false;
  }

  @Override
  public void remove(int entry) {
    lists.unlinkIfLinked(entry);
  }

  @Override
  public Map<String, Double> state() {
    return new LinkedHashMap<>();
  }
}
