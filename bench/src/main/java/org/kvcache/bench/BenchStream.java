package org.kvcache.bench;

import org.kvcache.sim.trace.Trace;
import org.kvcache.sim.trace.TraceOptions;
import org.kvcache.sim.trace.TraceReader;
import org.kvcache.sim.trace.TraceSource;

/** A trace and all its block references in order. */
final class BenchStream {

  private final Trace trace;
  private final int[] blocks;

  private BenchStream(Trace trace, int[] blocks) {
    this.trace = trace;
    this.blocks = blocks;
  }

  /** Loads whatever {@link TraceSource} opens. */
  static BenchStream load(String specification, long seed) {
    try (TraceReader reader = TraceSource.open(specification, seed)) {
      return of(Trace.load(reader, TraceOptions.ALL));
    }
  }

  /** The references of a trace that is already loaded. */
  static BenchStream of(Trace trace) {
    int[] blocks = new int[Math.toIntExact(trace.blockRefs())];
    int[] chain = new int[trace.maxChain()];
    int n = 0;
    for (int request = 0; request < trace.requests(); request++) {
      int count = trace.chain(request, chain);
      System.arraycopy(chain, 0, blocks, n, count);
      n += count;
    }
    return new BenchStream(trace, blocks);
  }

  /** What was loaded. */
  Trace trace() {
    return trace;
  }

  /** Block numbers, below {@code trace().uniqueBlocks()}; not to be written. */
  int[] blocks() {
    return blocks;
  }

  /** A share of the unique blocks, rounded down, at least one block. */
  int capacity(double share) {
    return Math.max(1, (int) (share * trace.uniqueBlocks()));
  }
}
