package org.kvcache.sim.capacity;

import org.jspecify.annotations.Nullable;

/**
 * What the probes so far say of where holding ends. Each probe lies between the two, so that it
 * takes the place of one of them: {@code holds} is the hardest level that held, and easier than
 * {@code fails}, the easiest that failed.
 */
record Bracket(@Nullable Probe holds, @Nullable Probe fails) {
  static final Bracket NONE = new Bracket(null, null);

  Bracket with(Probe probe) {
    return probe.holds() ? new Bracket(probe, fails) : new Bracket(holds, probe);
  }
}
