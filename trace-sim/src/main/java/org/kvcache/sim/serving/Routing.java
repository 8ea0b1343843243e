package org.kvcache.sim.serving;

/** Which replica gets a request. */
public enum Routing {
  /** The one that last had most of its prefix, unless it is much busier than the idlest. */
  PREFIX,
  /** The one with the fewest tokens to go. */
  LEAST_LOADED,
  /** Each in turn. */
  ROUND_ROBIN
}
