package org.kvcache.sim.capacity;

/** Why a search ended. */
public enum Stop {
  /** A level that holds and one that does not are as near to each other as was asked for. */
  CONVERGED,
  /** No more probes were allowed. */
  PROBES_USED_UP,
  /** The level that strains most, of those allowed, holds. */
  BOUND_REACHED,
  /** The level that strains least, of those allowed, does not hold. */
  IMPOSSIBLE,
  /** As {@link #IMPOSSIBLE}, and strain is the same at far harder levels: it is not the level. */
  FLAT
}
