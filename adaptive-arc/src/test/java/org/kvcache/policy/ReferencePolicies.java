package org.kvcache.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;

/** Slow twins of the policies without ghosts, and the list of all twins by name. */
final class ReferencePolicies {

  static final Map<String, Function<PolicyContext, EvictionPolicy>> TWINS =
      Map.ofEntries(
          Map.entry("lru", Lru::new),
          Map.entry("fifo", Fifo::new),
          Map.entry("lfu", Lfu::new),
          Map.entry("lfu-da", LfuDa::new),
          Map.entry("sieve", Sieve::new),
          Map.entry("arc", ReferenceGhostPolicies.Arc::new),
          Map.entry("arc-leaf", ReferenceGhostPolicies.Arc::new),
          Map.entry("2q", ReferenceGhostPolicies.TwoQueue::new),
          Map.entry("s3-fifo", ReferenceGhostPolicies.S3Fifo::new),
          Map.entry("lirs", ReferenceLirs::new),
          Map.entry("w-tinylfu", ReferenceWindowTinyLfu::new));

  private ReferencePolicies() {}

  static final class Lru extends Twin {
    private final List<Integer> stack = new ArrayList<>();

    Lru(PolicyContext context) {
      super(context);
    }

    @Override
    void added(int entry) {
      stack.add(entry);
    }

    @Override
    void released(int entry) {
      toEnd(stack, entry);
    }

    @Override
    public int victim() {
      return first(stack);
    }

    @Override
    public void remove(int entry) {
      stack.remove((Integer) entry);
    }
  }

  static final class Fifo extends Twin {
    private final List<Integer> queue = new ArrayList<>();

    Fifo(PolicyContext context) {
      super(context);
    }

    @Override
    void added(int entry) {
      queue.add(entry);
    }

    @Override
    public int victim() {
      return first(queue);
    }

    @Override
    public void remove(int entry) {
      queue.remove((Integer) entry);
    }
  }

  static class Lfu extends Twin {
    final Map<Integer, Integer> uses = new HashMap<>();

    Lfu(PolicyContext context) {
      super(context);
    }

    @Override
    void added(int entry) {
      uses.put(entry, 1);
    }

    @Override
    void used(int entry) {
      uses.merge(entry, 1, Integer::sum);
    }

    int rank(int entry) {
      return uses.get(entry);
    }

    @Override
    public int victim() {
      return uses.keySet().stream()
          .filter(e -> !blocked.contains(e))
          .min(Comparator.<Integer>comparingInt(this::rank).thenComparing(lastRelease::get))
          .orElse(NONE);
    }

    @Override
    public void remove(int entry) {
      uses.remove(entry);
    }
  }

  /** K = F + L, computed when the block is let go of. */
  static final class LfuDa extends Lfu {
    private final Map<Integer, Integer> keyValue = new HashMap<>();
    private int age;

    LfuDa(PolicyContext context) {
      super(context);
    }

    @Override
    void released(int entry) {
      keyValue.put(entry, uses.get(entry) + age);
    }

    @Override
    int rank(int entry) {
      return keyValue.get(entry);
    }

    @Override
    public boolean evict(int entry) {
      age = keyValue.get(entry);
      return super.evict(entry);
    }
  }

  /** Algorithm 1 of the paper, with an index for the hand. */
  static final class Sieve extends Twin {
    private final List<Integer> queue = new ArrayList<>();
    private final Set<Integer> visited = new HashSet<>();
    private int hand;

    Sieve(PolicyContext context) {
      super(context);
    }

    @Override
    void added(int entry) {
      queue.add(entry);
    }

    @Override
    void used(int entry) {
      visited.add(entry);
    }

    @Override
    public int victim() {
      if (first(queue) == NONE) {
        return NONE;
      }
      while (true) {
        int entry = queue.get(hand);
        if (!blocked.contains(entry) && !visited.remove(entry)) {
          return entry;
        }
        hand = (hand + 1) % queue.size();
      }
    }

    @Override
    public void remove(int entry) {
      int at = queue.indexOf(entry);
      queue.remove(at);
      visited.remove(entry);
      if (at < hand) {
        hand--;
      }
      hand = hand == queue.size() ? 0 : hand;
    }
  }
}
