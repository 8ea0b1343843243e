package org.kvcache.sim.peers;

import java.util.LinkedHashMap;
import java.util.Map;
import org.kvcache.policy.EntryQueues;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;

/**
 * The ARC that vLLM ships for its CPU tier ({@code vllm/v1/kv_offload/cpu/policies/arc.py}).
 *
 * <p>It differs from the paper: a ghost hit only moves the target, a missing block always enters
 * T1, T1 gives way as soon as it has reached the target, and each ghost list may be as long as the
 * cache. Where vLLM would refuse to store because T2 has nothing to give, T1 gives way here.
 */
final class OffloadArcPolicy implements EvictionPolicy {

  static final double GHOSTS = 2;

  private static final int T1 = 0;
  private static final int T2 = 1;
  private static final int B1 = 2;
  private static final int B2 = 3;

  private final PolicyContext context;
  private final int c;
  private final EntryQueues queues;
  private final boolean[] touched;
  private double target;

  OffloadArcPolicy(PolicyContext context) {
    this.context = context;
    c = context.capacity();
    queues = new EntryQueues(context.maxEntries(), 4);
    touched = new boolean[context.maxEntries()];
  }

  @Override
  public void miss(int entry) {
    int b1 = queues.size(B1);
    int b2 = queues.size(B2);
    if (queues.queueOf(entry) == B1) {
      target = Math.min(target + Math.max(1, (double) b2 / b1), c);
    } else if (queues.queueOf(entry) == B2) {
      target = Math.max(target - Math.max(1, (double) b1 / b2), 0);
    }
    queues.remove(entry);
  }

  @Override
  public void insert(int entry) {
    touched[entry] = false;
    queues.pin(entry);
    queues.append(T1, entry);
  }

  @Override
  public void hit(int entry) {
    touched[entry] = true;
    queues.pin(entry);
  }

  @Override
  public void release(int entry, boolean evictable) {
    queues.move(entry, touched[entry] ? T2 : T1);
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
    int first = queues.size(T1) >= (int) target ? T1 : T2;
    int victim = queues.oldestUnpinned(first);
    return victim != NONE ? victim : queues.oldestUnpinned(T1 + T2 - first);
  }

  @Override
  public boolean evict(int entry) {
    int ghosts = queues.queueOf(entry) == T1 ? B1 : B2;
    queues.move(entry, ghosts);
    if (queues.size(ghosts) > c) {
      int oldest = queues.oldest(ghosts);
      queues.remove(oldest);
      context.forget(oldest);
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
    state.put("t1", (double) queues.size(T1));
    state.put("t2", (double) queues.size(T2));
    state.put("b1", (double) queues.size(B1));
    state.put("b2", (double) queues.size(B2));
    state.put("target_t1_size", target);
    return state;
  }
}
