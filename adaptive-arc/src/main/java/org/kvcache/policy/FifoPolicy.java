package org.kvcache.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;

/** First in, first out: the block that came in longest ago goes, however often it was used. */
public final class FifoPolicy implements EvictionPolicy {

  private static final int QUEUE = 0;

  private final EntryQueues queues;

  /** An empty policy. */
  public FifoPolicy(PolicyContext context) {
    queues = new EntryQueues(context.maxEntries(), 1);
  }

  @Override
  public void miss(int entry) {}

  @Override
  public void insert(int entry) {
    queues.pin(entry);
    queues.append(QUEUE, entry);
  }

  @Override
  public void hit(int entry) {
    queues.pin(entry);
  }

  @Override
  public void release(int entry, boolean evictable) {
    if (evictable) {
      queues.unpin(entry);
    }
  }

  @Override
  public void expose(int entry) {
    queues.unpin(entry);
  }

  @Override
  public int victim() {
    return queues.oldestUnpinned(QUEUE);
  }

  @Override
  public boolean evict(int entry) {
    queues.remove(entry);
    return false;
  }

  @Override
  public void remove(int entry) {
    queues.remove(entry);
  }

  @Override
  public Map<String, Double> state() {
    var state = new LinkedHashMap<String, Double>();
    state.put("queue", (double) queues.size(QUEUE));
    return state;
  }
}
