package org.kvcache.sim.capacity;

import java.util.BitSet;

/** Latencies of a run that is cut into windows, each of them some consecutive requests. */
public interface WindowedLatencies {
  /** How many windows there are, at least 1. */
  int windows();

  /** The latencies of all requests but those of some windows, which are numbered from 0. */
  Latencies without(BitSet windows);

  /** The latencies of all requests. */
  default Latencies all() {
    return without(new BitSet());
  }
}
