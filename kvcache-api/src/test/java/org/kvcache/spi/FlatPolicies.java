package org.kvcache.spi;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/** Queues of entries for tests without chains. */
final class FlatPolicies {

  static final PolicySpec LRU =
      PolicySpec.published("flat-lru", "by last use", 0, c -> new FlatQueue(c, true, 0));
  static final PolicySpec GHOSTLY =
      PolicySpec.published("flat-fifo", "by arrival", 2, c -> new FlatQueue(c, false, 2));
  static final PolicySpec HINTED =
      new PolicySpec("flat-hinted", "ended first", false, 0, true, c -> new FlatQueue(c, true, 0));

  private FlatPolicies() {}

  private static final class FlatQueue implements EvictionPolicy {
    private final PolicyContext context;
    private final boolean moves;
    private final int mostGhosts;
    private final List<Integer> order = new ArrayList<>();
    private final Deque<Integer> ghosts = new ArrayDeque<>();
    private int last = NONE;

    FlatQueue(PolicyContext context, boolean moves, int ghosts) {
      this.context = context;
      this.moves = moves;
      mostGhosts = ghosts * context.capacity();
    }

    @Override
    public void miss(int entry) {
      ghosts.remove(entry);
      last = entry;
    }

    @Override
    public void insert(int entry) {
      order.add(entry);
    }

    @Override
    public void hit(int entry) {
      if (moves) {
        order.remove((Integer) entry);
        order.add(entry);
      }
    }

    @Override
    public void release(int entry, boolean evictable) {}

    @Override
    public void hint(int entry, ReuseHint hint) {
      if (hint == ReuseHint.ENDED) {
        order.remove((Integer) entry);
        order.addFirst(entry);
      }
    }

    @Override
    public int victim() {
      return order.getFirst();
    }

    @Override
    public boolean evict(int entry) {
      order.remove((Integer) entry);
      if (mostGhosts == 0) {
        return false;
      }
      if (ghosts.size() == mostGhosts) {
        context.forget(ghosts.removeFirst());
      }
      return ghosts.add(entry);
    }

    @Override
    public void remove(int entry) {
      order.remove((Integer) entry);
      ghosts.remove(entry);
    }

    @Override
    public Map<String, Double> state() {
      return Map.of("last", (double) context.keyHash(last), "seed", (double) context.seed());
    }
  }
}
