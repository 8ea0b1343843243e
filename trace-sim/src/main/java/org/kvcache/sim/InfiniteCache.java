package org.kvcache.sim;

import org.kvcache.sim.trace.Trace;

/** A cache that never evicts: every block but the first of its kind hits. */
final class InfiniteCache implements Replay {

  private final Trace trace;
  private final boolean flat;

  InfiniteCache(Trace trace, boolean flat) {
    this.trace = trace;
    this.flat = flat;
  }

  @Override
  public Counts run() {
    boolean[] seen = new boolean[trace.uniqueBlocks()];
    int[] chain = new int[trace.maxChain()];
    long hits = 0;
    long tokenHits = 0;
    for (int request = 0; request < trace.requests(); request++) {
      int count = trace.chain(request, chain);
      int run = 0;
      for (int i = 0; i < count; i++) {
        run += seen[chain[i]] ? 1 : 0;
        seen[chain[i]] = true;
      }
      hits += run;
      tokenHits +=
          flat
              ? (long) run * trace.blockTokens()
              : Math.min((long) run * trace.blockTokens(), trace.inputTokens(request));
    }
    return Counts.of(hits, tokenHits, 0);
  }
}
