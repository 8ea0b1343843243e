package org.kvcache.policy;

/**
 * A count-min sketch of 4-bit counters that are halved now and then, so that it estimates how often
 * a key was seen lately: TinyLFU, G. Einziger, R. Friedman and B. Manes, "TinyLFU: A Highly
 * Efficient Cache Admission Policy", ACM Transactions on Storage 13(4), 2017.
 */
public final class FrequencySketch {

  /* Four rows share one array of words of sixteen counters. The rows' hashes are derived from one,
   * so no seed is needed. The sketch is wider than that of a general cache: next to the bytes of a
   * KV block its counters cost nothing, and most blocks are used once, so collisions matter. */
  private static final int ROWS = 4;
  private static final int COUNTERS_PER_WORD = 16;
  private static final long ODD_BITS = 0x1111_1111_1111_1111L;
  private static final long HALVED = 0x7777_7777_7777_7777L;

  private static final long[] SEEDS = {
    0xC3A5C85C97CB3127L, 0xB492B66FBE98F273L, 0x9AE16A3B2F90404FL, 0xCBF29CE484222325L
  };

  private final long[] table;
  private final int mask;
  private final int sample;
  private int increments;

  /**
   * An empty sketch.
   *
   * @param counters how many counters at least
   * @param sample after how many increments all counters are halved
   */
  public FrequencySketch(int counters, int sample) {
    int words = Math.max(8, counters / COUNTERS_PER_WORD);
    table = new long[Integer.highestOneBit(2 * words - 1)];
    mask = table.length - 1;
    this.sample = sample;
  }

  /** How often the key with this hash was seen lately, 0 to 15. */
  public int estimate(long hash) {
    int least = 15;
    for (int row = 0; row < ROWS; row++) {
      long h = spread(hash, row);
      least = Math.min(least, (int) (table[(int) h & mask] >>> shift(h)) & 15);
    }
    return least;
  }

  /** The key with this hash was seen. */
  public void increment(long hash) {
    boolean added = false;
    for (int row = 0; row < ROWS; row++) {
      long h = spread(hash, row);
      int word = (int) h & mask;
      int shift = shift(h);
      if ((table[word] >>> shift & 15) != 15) {
        table[word] += 1L << shift;
        added = true;
      }
    }
    if (added && ++increments == sample) {
      halve();
    }
  }

  private void halve() {
    int odd = 0;
    for (int word = 0; word < table.length; word++) {
      odd += Long.bitCount(table[word] & ODD_BITS);
      table[word] = table[word] >>> 1 & HALVED;
    }
    increments = (increments - odd / ROWS) / 2;
  }

  private static long spread(long hash, int row) {
    long h = (hash ^ hash >>> 32) * SEEDS[row];
    return h ^ h >>> 32;
  }

  // The upper bits choose one of sixteen counters of a word.
  private static int shift(long spread) {
    return (int) (spread >>> 60) << 2;
  }
}
