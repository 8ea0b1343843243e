package org.kvcache.policy;

import java.util.ArrayList;
import java.util.List;
import org.kvcache.spi.PolicyContext;

/** Slow twin of W-TinyLFU; only the sketch is shared. */
final class ReferenceWindowTinyLfu extends Twin {

  private final FrequencySketch sketch;
  private final List<Integer> window = new ArrayList<>();
  private final List<Integer> probation = new ArrayList<>();
  private final List<Integer> protectedSegment = new ArrayList<>();
  private final int maxWindow;
  private final int maxProtected;
  private int full;

  ReferenceWindowTinyLfu(PolicyContext context) {
    super(context);
    maxWindow = c - (int) (0.99 * c);
    maxProtected = (int) (0.8 * (c - maxWindow));
    sketch = new FrequencySketch(64 * c, 10 * c);
    full = c;
  }

  @Override
  public void miss(int entry) {
    sketch.increment(context.keyHash(entry));
  }

  @Override
  void added(int entry) {
    window.add(entry);
  }

  @Override
  void used(int entry) {
    sketch.increment(context.keyHash(entry));
    if (probation.remove((Integer) entry)) {
      protectedSegment.add(entry);
    }
  }

  @Override
  void released(int entry) {
    for (var segment : List.of(window, probation, protectedSegment)) {
      if (segment.contains(entry)) {
        toEnd(segment, entry);
      }
    }
  }

  @Override
  void exposed() {
    demote(protectedSegment, maxProtected);
    if (residents() < full) {
      demote(window, maxWindow);
    }
  }

  private int residents() {
    return window.size() + probation.size() + protectedSegment.size();
  }

  private void demote(List<Integer> segment, int size) {
    while (segment.size() > size && first(segment) != NONE) {
      Integer oldest = first(segment);
      segment.remove(oldest);
      probation.add(oldest);
    }
  }

  @Override
  public int victim() {
    full = residents();
    int candidate = candidate();
    int victim = first(probation) != NONE ? first(probation) : first(protectedSegment);
    if (victim == NONE) {
      return candidate != NONE ? candidate : first(window);
    }
    return candidate == NONE || frequency(candidate) > frequency(victim) ? victim : candidate;
  }

  private int candidate() {
    return window.size() >= maxWindow ? first(window) : NONE;
  }

  private int frequency(int entry) {
    return sketch.estimate(context.keyHash(entry));
  }

  @Override
  public boolean evict(int entry) {
    Integer candidate = candidate();
    if (candidate != NONE && candidate != entry) {
      window.remove(candidate);
      probation.add(candidate);
    }
    remove(entry);
    return false;
  }

  @Override
  public void remove(int entry) {
    List.of(window, probation, protectedSegment).forEach(list -> list.remove((Integer) entry));
  }
}
