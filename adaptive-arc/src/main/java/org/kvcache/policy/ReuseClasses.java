package org.kvcache.policy;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;
import org.kvcache.spi.ReuseHint;

/**
 * The cached blocks and their ghosts sorted into classes that are reused alike, each class in the
 * order of last use, with the reuse curve of each. Policies choose victims from the ends of these
 * lists.
 *
 * <p>A block's class is the number of requests that used it while it was remembered (1, 2, 3, 4–6,
 * 7–15, 16 and more) times the hint it was released with. The clock counts blocks brought in, so
 * ages are in cache turnover and need no timestamps.
 */
final class ReuseClasses {

  /** How many ghosts there are for each slot. */
  static final double GHOSTS = 4;

  private static final int NONE = EvictionPolicy.NONE;
  private static final int USE_CLASSES = 6;
  private static final ReuseHint[] HINTS = ReuseHint.values();
  private static final int CLASSES = USE_CLASSES * HINTS.length;
  private static final int GHOST_LIST = CLASSES;
  private static final byte[] CLASS_OF_USES = {0, 0, 1, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5};
  private static final int MAX_USES = CLASS_OF_USES.length - 1;
  private static final String[] USE_NAMES = {"1", "2", "3", "4-6", "7-15", "16+"};

  private static final int MIN_EPOCH = 256;
  private static final int POOL_WEIGHT = 32;

  // A rank is an estimate. Unless the lowest is below this share of the rank of the block least
  // recently used, the latter goes: where classes differ little, order of use is the better guide.
  private static final double CLEARLY_LESS = 0.8;

  private final PolicyContext context;
  private final RecencyLists lists;
  private final ReuseCurve[] curves = new ReuseCurve[CLASSES];
  private final AgeScale scale;
  private final double[] ranks; // by class and age bucket, written by the curves
  private final ReusePool pool;
  private final byte[] uses;
  private final byte[] hint;
  private final byte[] reuseClass; // of the observation that runs, or NONE
  private final boolean[] ghost;
  private final int maxGhosts;
  private final int epochTicks;
  private int ghosts;
  private int usedOnce;
  private long clock;
  private long nextEpoch;
  private int seen; // bit c: class c has ever had a block

  /** Empty classes. */
  ReuseClasses(PolicyContext context) {
    this.context = context;
    int entries = context.maxEntries();
    maxGhosts =
        Math.min((int) Math.ceil(GHOSTS * context.capacity()), entries - context.capacity());
    lists = new RecencyLists(entries, CLASSES, 1);
    uses = new byte[entries];
    hint = new byte[entries];
    reuseClass = new byte[entries];
    Arrays.fill(reuseClass, (byte) NONE);
    ghost = new boolean[entries];
    epochTicks = Math.max(MIN_EPOCH, Integer.highestOneBit(context.capacity() / 16));
    nextEpoch = epochTicks;
    scale = new AgeScale(ReuseCurve.oldest(epochTicks));
    ranks = new double[CLASSES * scale.buckets()];
    pool = new ReusePool(scale.buckets(), POOL_WEIGHT);
    Arrays.setAll(curves, c -> new ReuseCurve(scale, epochTicks, ranks, c * scale.buckets()));
    Arrays.stream(curves).forEach(curve -> curve.learn(pool));
  }

  void miss(int entry) {
    if (ghost[entry]) {
      ghost[entry] = false;
      ghosts--;
      lists.unlinkPlain(entry);
      endWithReuse(entry);
    } else {
      uses[entry] = 0;
    }
    hint[entry] = 0;
  }

  void insert(int entry) {
    use(entry);
    if (uses[entry] == 1) {
      usedOnce++;
    }
    if (++clock == nextEpoch) {
      nextEpoch += epochTicks;
      learn();
    }
  }

  private void learn() {
    pool.clear();
    for (int bits = seen; bits != 0; bits &= bits - 1) {
      curves[Integer.numberOfTrailingZeros(bits)].count(clock, pool);
    }
    for (int bits = seen; bits != 0; bits &= bits - 1) {
      curves[Integer.numberOfTrailingZeros(bits)].learn(pool);
    }
  }

  void hit(int entry) {
    unlink(entry);
    endWithReuse(entry);
    if (uses[entry] == 1) {
      usedOnce--;
    }
    use(entry);
    hint[entry] = 0;
  }

  private void unlink(int entry) {
    int c = reuseClass[entry];
    if (c != NONE) {
      lists.unlink(c, entry);
    }
  }

  private void use(int entry) {
    uses[entry] = (byte) Math.min(uses[entry] + 1, MAX_USES);
  }

  private void endWithReuse(int entry) {
    int c = reuseClass[entry];
    if (c != NONE) {
      curves[c].reuse(lists.lastUse(entry), clock);
      reuseClass[entry] = NONE;
    }
  }

  private void endWithoutReuse(int entry) {
    int c = reuseClass[entry];
    if (c != NONE) {
      curves[c].censor(lists.lastUse(entry), clock);
      reuseClass[entry] = NONE;
    }
  }

  void hint(int entry, ReuseHint value) {
    hint[entry] = (byte) value.ordinal();
  }

  ReuseHint hint(int entry) {
    return HINTS[hint[entry]];
  }

  void release(int entry, boolean evictable) {
    int c = hint[entry] * USE_CLASSES + CLASS_OF_USES[uses[entry]];
    reuseClass[entry] = (byte) c;
    seen |= 1 << c;
    curves[c].start(clock);
    lists.release(c, entry, clock, evictable);
  }

  void expose(int entry) {
    lists.expose(reuseClass[entry], entry);
  }

  void evict(int entry) {
    unlink(entry);
    if (uses[entry] == 1) {
      usedOnce--;
    }
    ghost[entry] = true;
    lists.append(GHOST_LIST, entry);
    if (++ghosts > maxGhosts) {
      int oldest = lists.first(GHOST_LIST);
      remove(oldest);
      context.forget(oldest);
    }
  }

  void remove(int entry) {
    if (ghost[entry]) {
      ghost[entry] = false;
      ghosts--;
      lists.unlinkPlain(entry);
    } else {
      unlink(entry);
      usedOnce -= uses[entry] == 1 ? 1 : 0;
    }
    endWithoutReuse(entry);
  }

  /** The evictable block of the lowest rank, if that is clearly lower than the oldest one's. */
  int leastWorth() {
    int worst = NONE;
    double worstRank = Double.POSITIVE_INFINITY;
    int lru = NONE;
    double lruRank = 0;
    long lruUse = Long.MAX_VALUE;
    for (int bits = seen; bits != 0; bits &= bits - 1) {
      int c = Integer.numberOfTrailingZeros(bits);
      int oldest = lists.oldest(c);
      if (oldest == NONE) {
        continue;
      }
      long oldestUse = lists.lastUse(oldest);
      double oldestRank = rank(c, oldestUse);
      if (oldestRank < worstRank) {
        worst = oldest;
        worstRank = oldestRank;
      }
      if (oldestUse < lruUse) {
        lru = oldest;
        lruRank = oldestRank;
        lruUse = oldestUse;
      }
      // The young end matters where reuse is due at a certain age, as in a cyclic scan.
      int youngest = lists.youngest(c);
      if (youngest != NONE && youngest != oldest) {
        double youngestRank = rank(c, lists.lastUse(youngest));
        if (youngestRank < worstRank) {
          worst = youngest;
          worstRank = youngestRank;
        }
      }
    }
    return worstRank < CLEARLY_LESS * lruRank ? worst : lru;
  }

  private double rank(int c, long usedAt) {
    return ranks[c * scale.buckets() + scale.bucket(clock - usedAt)];
  }

  /** The evictable block least recently used. */
  int leastRecent() {
    return oldestOf(seen);
  }

  /** The evictable block least recently used of those used once, or of those used more often. */
  int leastRecent(boolean usedOnceOnly) {
    int once = 0;
    for (int h = 0; h < CLASSES; h += USE_CLASSES) {
      once |= 1 << h;
    }
    return oldestOf(usedOnceOnly ? seen & once : seen & ~once);
  }

  private int oldestOf(int classes) {
    int oldest = NONE;
    long oldestUse = Long.MAX_VALUE;
    for (int bits = classes; bits != 0; bits &= bits - 1) {
      int entry = lists.oldest(Integer.numberOfTrailingZeros(bits));
      if (entry != NONE && lists.lastUse(entry) < oldestUse) {
        oldest = entry;
        oldestUse = lists.lastUse(entry);
      }
    }
    return oldest;
  }

  /** Resident blocks that one request has used, pinned ones included. */
  int usedOnce() {
    return usedOnce;
  }

  /** Adds what is known of each class to {@code state}: its reuses and the rank of a new block. */
  void describe(Map<String, Double> state) {
    state.put("ghosts", (double) ghosts);
    for (int c = 0; c < CLASSES; c++) {
      String name =
          HINTS[c / USE_CLASSES].name().toLowerCase(Locale.ROOT) + "." + USE_NAMES[c % USE_CLASSES];
      state.put(name + ".reuses", curves[c].reuses());
      state.put(name + ".worth", context.capacity() * rank(c, clock));
    }
  }
}
