package org.kvcache;

/** How much a cache remembers of who opened a sequence, to tell it when one is dropped unclosed. */
public enum LeakDetection {
  /** Dropped sequences are taken back and counted, and nothing is said. */
  OFF,
  /** Of one sequence in 128 the opener's stack is kept and logged if it is dropped. */
  SAMPLED,
  /** The same for every sequence; for tests. */
  ALL
}
