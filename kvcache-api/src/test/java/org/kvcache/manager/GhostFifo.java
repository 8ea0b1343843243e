package org.kvcache.manager;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import java.util.TreeSet;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;

/** First in, first out, with as many ghosts as there are slots. */
final class GhostFifo implements EvictionPolicy {

  private final PolicyContext context;
  private final SequencedSet<Integer> residents = new LinkedHashSet<>();
  private final SequencedSet<Integer> ghosts = new LinkedHashSet<>();
  private final Set<Integer> loose = new TreeSet<>();

  GhostFifo(PolicyContext context) {
    this.context = context;
  }

  @Override
  public void miss(int entry) {
    ghosts.remove(entry);
  }

  @Override
  public void insert(int entry) {
    residents.add(entry);
  }

  @Override
  public void hit(int entry) {
    loose.remove(entry);
  }

  @Override
  public void release(int entry, boolean evictable) {
    loose.add(entry);
  }

  @Override
  public int victim() {
    return residents.stream().filter(loose::contains).findFirst().orElse(NONE);
  }

  @Override
  public boolean evict(int entry) {
    residents.remove(entry);
    loose.remove(entry);
    if (ghosts.size() == context.capacity()) {
      context.forget(ghosts.removeFirst());
    }
    ghosts.add(entry);
    return true;
  }

  @Override
  public void remove(int entry) {
    residents.remove(entry);
    loose.remove(entry);
    ghosts.remove(entry);
  }

  @Override
  public Map<String, Double> state() {
    return Map.of("ghosts", (double) ghosts.size());
  }
}
