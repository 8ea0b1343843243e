package org.kvcache.sim.peers;

import java.util.LinkedHashMap;
import java.util.Map;
import org.kvcache.policy.EntryQueues;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;

/**
 * SGLang's {@code --radix-eviction-policy slru} ({@code
 * python/sglang/srt/mem_cache/evict_policy.py}): leaves hit fewer than two times go first, then the
 * others, each in order of last use. Neither segment has a size, and hit counts do not age.
 */
final class SlruPolicy implements EvictionPolicy {

  private static final int PROBATIONARY = 0;
  private static final int PROTECTED = 1;
  private static final int PROTECTED_THRESHOLD = 2;

  private final EntryQueues segments;
  private final byte[] hitCount;

  SlruPolicy(PolicyContext context) {
    segments = new EntryQueues(context.maxEntries(), 2);
    hitCount = new byte[context.maxEntries()];
  }

  @Override
  public void miss(int entry) {}

  @Override
  public void insert(int entry) {
    hitCount[entry] = 0;
    segments.pin(entry);
  }

  @Override
  public void hit(int entry) {
    hitCount[entry] = (byte) Math.min(hitCount[entry] + 1, PROTECTED_THRESHOLD);
    segments.pin(entry);
  }

  @Override
  public void release(int entry, boolean evictable) {
    segments.move(entry, hitCount[entry] < PROTECTED_THRESHOLD ? PROBATIONARY : PROTECTED);
    if (evictable) {
      segments.unpin(entry);
    }
  }

  @Override
  public void expose(int entry) {
    segments.unpin(entry);
  }

  @Override
  public int victim() {
    int victim = segments.oldestUnpinned(PROBATIONARY);
    return victim != NONE ? victim : segments.oldestUnpinned(PROTECTED);
  }

  @Override
  public boolean evict(int entry) {
    segments.remove(entry);
    return false;
  }

  @Override
  public void remove(int entry) {
    segments.remove(entry);
  }

  @Override
  public Map<String, Double> state() {
    var state = new LinkedHashMap<String, Double>();
    state.put("probationary", (double) segments.size(PROBATIONARY));
    state.put("protected", (double) segments.size(PROTECTED));
    return state;
  }
}
