package org.kvcache.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.kvcache.spi.PolicySpec;
import org.kvcache.spi.ReuseHint;

/** Random use of a {@link MiniCache}, the same for the same seed. */
final class RandomTraffic {

  private static final int MAX_OPEN = 4;

  private final MiniCache cache;
  private final Random random;
  private final int keys;
  private final List<List<Integer>> open = new ArrayList<>();

  RandomTraffic(PolicySpec spec, int capacity, long seed) {
    cache = new MiniCache(spec, capacity, seed);
    random = new Random(seed);
    keys = 2 + random.nextInt(3 * capacity + 2);
  }

  MiniCache cache() {
    return cache;
  }

  /** Single keys, one at a time. */
  RandomTraffic flat(int accesses) {
    for (int i = 0; i < accesses; i++) {
      cache.access(key());
    }
    return this;
  }

  private long key() {
    return (long) (keys * Math.pow(random.nextDouble(), 2));
  }

  /** Requests with chains of blocks, several at once, and now and then a block that is dropped. */
  RandomTraffic chains(int steps, boolean privateSlots) {
    for (int i = 0; i < steps; i++) {
      int dice = random.nextInt(100);
      if (dice < 50 && open.size() < MAX_OPEN) {
        open.add(cache.open(chain()));
      } else if (dice < 92) {
        closeOne();
      } else if (dice < 96) {
        cache.drop(random.nextInt(1000), random.nextBoolean());
      } else if (privateSlots && dice < 99) {
        cache.takePrivateSlot();
      } else {
        cache.returnPrivateSlots();
      }
    }
    return this;
  }

  private void closeOne() {
    if (!open.isEmpty()) {
      var hints = ReuseHint.values();
      cache.close(open.remove(random.nextInt(open.size())), hints[random.nextInt(hints.length)]);
    }
  }

  void closeAll() {
    open.forEach(held -> cache.close(held, ReuseHint.NONE));
    open.clear();
  }

  /** A path from the root of a tree in which equal keys have equal prefixes. */
  private long[] chain() {
    long[] chain = new long[1 + random.nextInt(6)];
    long key = key() % Math.max(1, keys / 3);
    for (int depth = 0; depth < chain.length; depth++) {
      chain[depth] = key;
      key = (key + 1) * 1_000_003 + random.nextInt(3);
    }
    return chain;
  }
}
