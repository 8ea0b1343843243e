package org.kvcache.sim.serving;

import org.kvcache.sim.trace.Trace;

/** Serves one trace in any way. Thread-safe: runs share the trace and nothing else. */
public final class ServingSimulator {
  private final Trace trace;

  /** A simulator of {@code trace}. */
  public ServingSimulator(Trace trace) {
    this.trace = trace;
  }

  /** The trace. */
  public Trace trace() {
    return trace;
  }

  /**
   * Serves the whole trace.
   *
   * @param seed of arrivals, pauses and policies
   * @throws IllegalArgumentException if the model does not fit its device or a name is unknown; one
   *     sentence for the user
   */
  public ServingRun run(ServingConfig config, Load load, long seed) {
    try (var engine = new Engine(trace, config, load, seed)) {
      return engine.run();
    }
  }
}
