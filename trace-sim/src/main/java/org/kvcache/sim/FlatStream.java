package org.kvcache.sim;

import org.kvcache.sim.trace.Trace;

/** All block references of a trace in order, four bytes each: what flat mode replays. */
final class FlatStream {

  private final int[] blocks;
  private final int uniqueBlocks;
  private final int blockTokens;

  private FlatStream(int[] blocks, int uniqueBlocks, int blockTokens) {
    this.blocks = blocks;
    this.uniqueBlocks = uniqueBlocks;
    this.blockTokens = blockTokens;
  }

  static FlatStream of(Trace trace) {
    if (trace.blockRefs() > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "%s has %,d references; --flat holds at most %,d"
              .formatted(trace.name(), trace.blockRefs(), Integer.MAX_VALUE - 8));
    }
    int[] blocks = new int[(int) trace.blockRefs()];
    int[] chain = new int[trace.maxChain()];
    int n = 0;
    for (int request = 0; request < trace.requests(); request++) {
      int count = trace.chain(request, chain);
      System.arraycopy(chain, 0, blocks, n, count);
      n += count;
    }
    return new FlatStream(blocks, trace.uniqueBlocks(), trace.blockTokens());
  }

  /** The block numbers; not to be changed. */
  int[] blocks() {
    return blocks;
  }

  /** Block numbers are below this. */
  int uniqueBlocks() {
    return uniqueBlocks;
  }

  /** Tokens of a block. */
  int blockTokens() {
    return blockTokens;
  }
}
