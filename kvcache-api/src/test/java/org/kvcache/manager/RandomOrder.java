package org.kvcache.manager;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;

/** Any evictable entry; every other one stays as a ghost. */
final class RandomOrder implements EvictionPolicy {

  private final PolicyContext context;
  private final Random random;
  private final int mostGhosts;
  private final List<Integer> loose = new ArrayList<>();
  private final Queue<Integer> ghosts = new ArrayDeque<>();

  RandomOrder(PolicyContext context) {
    this.context = context;
    random = new Random(context.seed());
    mostGhosts = context.maxEntries() - context.capacity() - 1;
  }

  @Override
  public void miss(int entry) {
    ghosts.remove(entry);
    if (!ghosts.isEmpty() && random.nextInt(4) == 0) {
      context.forget(ghosts.remove());
    }
  }

  @Override
  public void insert(int entry) {}

  @Override
  public void hit(int entry) {
    loose.remove((Integer) entry);
  }

  @Override
  public void release(int entry, boolean evictable) {
    if (evictable) {
      loose.add(entry);
    }
  }

  @Override
  public void expose(int entry) {
    loose.add(entry);
  }

  @Override
  public int victim() {
    return loose.isEmpty() ? NONE : loose.get(random.nextInt(loose.size()));
  }

  @Override
  public boolean evict(int entry) {
    loose.remove((Integer) entry);
    if (random.nextBoolean()) {
      return false;
    }
    if (ghosts.size() == mostGhosts) {
      context.forget(ghosts.remove());
    }
    return ghosts.add(entry);
  }

  @Override
  public void remove(int entry) {
    loose.remove((Integer) entry);
    ghosts.remove(entry);
  }

  @Override
  public Map<String, Double> state() {
    return Map.of("loose", (double) loose.size());
  }
}
