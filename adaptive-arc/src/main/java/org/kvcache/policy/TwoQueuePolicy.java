package org.kvcache.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;

/**
 * 2Q, full version, T. Johnson and D. Shasha, "2Q: A Low Overhead High Performance Buffer
 * Management Replacement Algorithm", VLDB 1994, with the paper's Kin of 25 % and Kout of 50 % of
 * the capacity.
 *
 * <p>A new block enters the queue A1in and leaves it in order of arrival, whether it was used again
 * or not; its ghost stays in A1out. A block that is wanted again while it is in A1out enters Am,
 * which is in order of last use. Pinned blocks keep their places and are passed over; if all of the
 * queue that should give way is pinned, the other one gives the victim.
 */
public final class TwoQueuePolicy implements EvictionPolicy {

  static final double KIN = 0.25;
  static final double KOUT = 0.5;

  private static final int A1IN = 0;
  private static final int A1OUT = 1;
  private static final int AM = 2;

  private final PolicyContext context;
  private final int kin;
  private final int kout;
  private final EntryQueues queues;
  private boolean wasInA1out; // the entry last missed

  /** An empty policy. */
  public TwoQueuePolicy(PolicyContext context) {
    this.context = context;
    kin = (int) (KIN * context.capacity());
    kout = (int) (KOUT * context.capacity());
    queues = new EntryQueues(context.maxEntries(), 3);
  }

  @Override
  public void miss(int entry) {
    wasInA1out = queues.queueOf(entry) == A1OUT;
    queues.remove(entry);
  }

  @Override
  public void insert(int entry) {
    queues.pin(entry);
    queues.append(wasInA1out ? AM : A1IN, entry);
    wasInA1out = false;
  }

  @Override
  public void hit(int entry) {
    queues.pin(entry);
  }

  @Override
  public void release(int entry, boolean evictable) {
    if (queues.queueOf(entry) == AM) {
      queues.move(entry, AM);
    }
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
    int first = queues.size(A1IN) > kin ? A1IN : AM;
    int victim = queues.oldestUnpinned(first);
    return victim != NONE ? victim : queues.oldestUnpinned(A1IN + AM - first);
  }

  @Override
  public boolean evict(int entry) {
    if (queues.queueOf(entry) == AM || kout == 0) {
      // Not put on A1out: it has not been used for a while.
      queues.remove(entry);
      return false;
    }
    queues.move(entry, A1OUT);
    if (queues.size(A1OUT) > kout) {
      int ghost = queues.oldest(A1OUT);
      queues.remove(ghost);
      context.forget(ghost);
    }
    return true;
  }

  @Override
  public void remove(int entry) {
    queues.remove(entry);
  }

  @Override
  public Map<String, Double> state() {
    var state = new LinkedHashMap<String, Double>();
    state.put("a1in", (double) queues.size(A1IN));
    state.put("a1out", (double) queues.size(A1OUT));
    state.put("am", (double) queues.size(AM));
    return state;
  }
}
