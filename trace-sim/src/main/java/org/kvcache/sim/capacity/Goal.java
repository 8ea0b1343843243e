package org.kvcache.sim.capacity;

/** Which of the levels that hold is looked for. */
public enum Goal {
  /** The highest, where a higher level strains more: a request rate. */
  HIGHEST,
  /** The lowest, where a lower level strains more: a cache size, a number of devices. */
  LOWEST
}
