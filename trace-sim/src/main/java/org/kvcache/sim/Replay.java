package org.kvcache.sim;

import java.util.List;

/** One pass of a trace through a cache or a bound. Used once. */
interface Replay {

  /** Replays the whole trace. */
  Counts run();

  /** What was counted. */
  record Counts(long blockHits, long tokenHits, long evictions, List<RunResult.StatePoint> states) {

    static Counts of(long blockHits, long tokenHits, long evictions) {
      return new Counts(blockHits, tokenHits, evictions, List.of());
    }
  }
}
