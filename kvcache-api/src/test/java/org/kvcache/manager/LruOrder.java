package org.kvcache.manager;

import java.util.Arrays;
import java.util.Map;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;
import org.kvcache.spi.ReuseHint;

/** Least recently released first, ended sessions before all. Allocates nothing. */
final class LruOrder implements EvictionPolicy {

  private final int head;
  private final int[] older;
  private final int[] younger;
  private final boolean[] evictable;
  private final boolean[] ended;

  LruOrder(PolicyContext context) {
    head = context.maxEntries();
    older = new int[head + 1];
    younger = new int[head + 1];
    evictable = new boolean[head];
    ended = new boolean[head];
    Arrays.setAll(older, i -> i);
    Arrays.setAll(younger, i -> i);
  }

  private void unlink(int entry) {
    younger[older[entry]] = younger[entry];
    older[younger[entry]] = older[entry];
    older[entry] = entry;
    younger[entry] = entry;
  }

  private void linkBefore(int next, int entry) {
    older[entry] = older[next];
    younger[entry] = next;
    younger[older[next]] = entry;
    older[next] = entry;
  }

  @Override
  public void miss(int entry) {
    ended[entry] = false;
  }

  @Override
  public void insert(int entry) {}

  @Override
  public void hit(int entry) {
    unlink(entry);
    ended[entry] = false;
  }

  @Override
  public void hint(int entry, ReuseHint hint) {
    ended[entry] = hint == ReuseHint.ENDED;
  }

  @Override
  public void release(int entry, boolean canGo) {
    evictable[entry] = canGo;
    linkBefore(ended[entry] ? younger[head] : head, entry);
  }

  @Override
  public void expose(int entry) {
    evictable[entry] = true;
  }

  @Override
  public int victim() {
    int entry = younger[head];
    while (entry != head && !evictable[entry]) {
      entry = younger[entry];
    }
    return entry == head ? NONE : entry;
  }

  @Override
  public boolean evict(int entry) {
    unlink(entry);
    return false;
  }

  @Override
  public void remove(int entry) {
    unlink(entry);
  }

  @Override
  public Map<String, Double> state() {
    return Map.of();
  }
}
