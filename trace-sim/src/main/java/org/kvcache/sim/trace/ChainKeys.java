package org.kvcache.sim.trace;

import org.kvcache.BlockKeys;

/** The keys of a trace's blocks, as the block manager wants them. One thread at a time. */
public final class ChainKeys {
  private final Trace trace;
  private final int[] chain;

  /** For the requests of one trace. */
  public ChainKeys(Trace trace) {
    this.trace = trace;
    chain = new int[trace.maxChain()];
  }

  /**
   * Makes {@code into} the keys of a request's chain.
   *
   * @return how many there are
   */
  public int fill(int request, BlockKeys into) {
    int count = trace.chain(request, chain);
    into.clear();
    for (int i = 0; i < count; i++) {
      into.add(0, key(chain[i]));
    }
    return count;
  }

  /** A block's number spread over 64 bits, one to one (the finaliser of SplitMix64). */
  public static long key(int block) {
    long z = (block + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** The block of which {@code key} is the {@link #key}. */
  public static int block(long key) {
    long z = (key ^ (key >>> 31) ^ (key >>> 62)) * 0x319642B2D24D8EC3L;
    z = (z ^ (z >>> 27) ^ (z >>> 54)) * 0x96DE1B173F119089L;
    z = (z ^ (z >>> 30) ^ (z >>> 60)) * 0xF1DE83E19937733DL;
    return (int) z - 1;
  }
}
