package org.kvcache.policy;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;

/** What the slow twins of the policies share: which entries are not to be chosen, and a clock. */
abstract class Twin implements EvictionPolicy {

  final PolicyContext context;
  final int c;
  final Set<Integer> blocked = new HashSet<>();
  final Map<Integer, Integer> lastRelease = new HashMap<>();
  private int now;

  Twin(PolicyContext context) {
    this.context = context;
    c = context.capacity();
  }

  /** The first entry of {@code list} that may be chosen, or {@link #NONE}. */
  final int first(List<Integer> list) {
    return list.stream().filter(e -> !blocked.contains(e)).findFirst().orElse(NONE);
  }

  /** A request refers to an entry in the cache. */
  void used(int entry) {}

  /** An entry comes into the cache. */
  abstract void added(int entry);

  /** The last request let go of an entry. */
  void released(int entry) {}

  /** An entry may be chosen again. */
  void exposed() {}

  @Override
  public void miss(int entry) {}

  @Override
  public final void insert(int entry) {
    blocked.add(entry);
    added(entry);
  }

  @Override
  public final void hit(int entry) {
    blocked.add(entry);
    used(entry);
  }

  @Override
  public final void release(int entry, boolean evictable) {
    lastRelease.put(entry, ++now);
    released(entry);
    if (evictable) {
      expose(entry);
    }
  }

  @Override
  public final void expose(int entry) {
    blocked.remove(entry);
    exposed();
  }

  @Override
  public boolean evict(int entry) {
    remove(entry);
    return false;
  }

  @Override
  public final Map<String, Double> state() {
    return Map.of();
  }

  static void toEnd(List<Integer> list, Integer entry) {
    list.remove(entry);
    list.add(entry);
  }
}
