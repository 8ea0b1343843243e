package org.kvcache.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;

/**
 * W-TinyLFU, G. Einziger, R. Friedman and B. Manes, "TinyLFU: A Highly Efficient Cache Admission
 * Policy", ACM Transactions on Storage 13(4), 2017: a window of 1 % of the capacity in order of
 * last use before a segmented LRU of which 80 % is protected.
 *
 * <p>The block that must leave the window becomes a candidate for the main part and is evicted
 * unless it was seen more often lately than the block the main part would evict. Pinned blocks
 * count as members of their part but are neither candidate nor victim. A window that has grown
 * because all of it was pinned shrinks by one eviction at a time, so that each of its blocks faces
 * the filter.
 */
public final class WindowTinyLfuPolicy implements EvictionPolicy {

  static final double WINDOW_SHARE = 0.01;
  static final double PROTECTED_SHARE = 0.8;

  // The sample is the paper's; the counters are many because most KV blocks are used once.
  private static final int SAMPLE = 10;
  private static final int COUNTERS = 64;
  private static final int MAX_SKETCHED = 1 << 24;

  private static final int WINDOW = 0;
  private static final int PROBATION = 1;
  private static final int PROTECTED = 2;

  private final PolicyContext context;
  private final FrequencySketch sketch;
  private final EntryQueues queues;
  private final int maxWindow;
  private final int maxProtected;
  private int full; // residents when a victim was last wanted

  /** An empty policy. */
  public WindowTinyLfuPolicy(PolicyContext context) {
    this(context, WINDOW_SHARE);
  }

  WindowTinyLfuPolicy(PolicyContext context, double windowShare) {
    this.context = context;
    int maxMain = (int) ((1 - windowShare) * context.capacity());
    maxWindow = context.capacity() - maxMain;
    maxProtected = (int) (PROTECTED_SHARE * maxMain);
    full = context.capacity();
    int c = Math.min(context.capacity(), MAX_SKETCHED);
    sketch = new FrequencySketch(COUNTERS * c, SAMPLE * c);
    queues = new EntryQueues(context.maxEntries(), 3);
  }

  @Override
  public void miss(int entry) {
    sketch.increment(context.keyHash(entry));
  }

  @Override
  public void insert(int entry) {
    queues.pin(entry);
    queues.append(WINDOW, entry);
  }

  @Override
  public void hit(int entry) {
    sketch.increment(context.keyHash(entry));
    queues.pin(entry);
    if (queues.queueOf(entry) == PROBATION) {
      queues.move(entry, PROTECTED);
    }
  }

  @Override
  public void release(int entry, boolean evictable) {
    queues.move(entry, queues.queueOf(entry));
    if (evictable) {
      expose(entry);
    }
  }

  @Override
  public void expose(int entry) {
    queues.unpin(entry);
    shrink(PROTECTED, maxProtected);
    if (residents() < full) {
      shrink(WINDOW, maxWindow);
    }
  }

  private int residents() {
    return queues.size(WINDOW) + queues.size(PROBATION) + queues.size(PROTECTED);
  }

  private void shrink(int queue, int size) {
    while (queues.size(queue) > size) {
      int oldest = queues.oldestUnpinned(queue);
      if (oldest == NONE) {
        return;
      }
      queues.move(oldest, PROBATION);
    }
  }

  @Override
  public int victim() {
    full = residents();
    int candidate = candidate();
    int victim = queues.oldestUnpinned(PROBATION);
    if (victim == NONE) {
      victim = queues.oldestUnpinned(PROTECTED);
    }
    if (victim == NONE) {
      return candidate != NONE ? candidate : queues.oldestUnpinned(WINDOW);
    }
    return candidate == NONE || admits(candidate, victim) ? victim : candidate;
  }

  // The incoming block will be in the window, so a full one has to give way.
  private int candidate() {
    return queues.size(WINDOW) >= maxWindow ? queues.oldestUnpinned(WINDOW) : NONE;
  }

  private boolean admits(int candidate, int victim) {
    return sketch.estimate(context.keyHash(candidate)) > sketch.estimate(context.keyHash(victim));
  }

  @Override
  public boolean evict(int entry) {
    int candidate = candidate();
    if (candidate != NONE && candidate != entry) {
      queues.move(candidate, PROBATION);
    }
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
    state.put("window", (double) queues.size(WINDOW));
    state.put("probation", (double) queues.size(PROBATION));
    state.put("protected", (double) queues.size(PROTECTED));
    return state;
  }
}
