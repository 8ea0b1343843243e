package org.kvcache.spi;

import java.util.Objects;
import java.util.function.Function;

/**
 * An eviction policy by name: what it needs from the manager and how to make one.
 *
 * @param name the name in configurations, lower case
 * @param summary one line: what it does and the paper it follows
 * @param leafFirst true if the manager must not offer a block while a child of it is resident; the
 *     policies that reproduce a paper for flat keys say false
 * @param ghosts how many keys it knows beyond those of a full cache, as a multiple of the capacity
 * @param readsHints true if it takes {@link ReuseHint}s itself; otherwise the manager evicts blocks
 *     of ended sessions first
 * @param factory makes a fresh policy
 */
public record PolicySpec(
    String name,
    String summary,
    boolean leafFirst,
    double ghosts,
    boolean readsHints,
    Function<PolicyContext, EvictionPolicy> factory) {

  /** Checks the fields. */
  public PolicySpec {
    Objects.requireNonNull(name);
    Objects.requireNonNull(summary);
    Objects.requireNonNull(factory);
    if (!(ghosts >= 0) || ghosts > 64) {
      throw new IllegalArgumentException(
          "policy '" + name + "': ghosts is " + ghosts + "; it must be within 0 and 64");
    }
  }

  /** A policy for flat keys as its paper has it: no leaf guard, no hints. */
  public static PolicySpec published(
      String name, String summary, double ghosts, Function<PolicyContext, EvictionPolicy> factory) {
    return new PolicySpec(name, summary, false, ghosts, false, factory);
  }

  /** The same policy behind the manager's leaf guard. */
  public PolicySpec withLeafFirst(String newName, String newSummary) {
    return new PolicySpec(newName, newSummary, true, ghosts, readsHints, factory);
  }

  /**
   * Residents and ghosts together for {@code capacity} slots, and one more: the incoming key has an
   * entry before a ghost gives its own up.
   */
  public int maxEntries(int capacity) {
    return Math.toIntExact(capacity + (long) Math.ceil(ghosts * capacity) + 1);
  }
}
