package org.kvcache.sim.capacity;

import java.util.Locale;

/** A latency that a limit may be set on. */
public enum Metric {
  /** From the arrival of a request to its first token. */
  TTFT,
  /** Between two output tokens of a request. */
  ITL,
  /** From the arrival of a request to its last token. */
  E2E;

  /** The name as users write it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
