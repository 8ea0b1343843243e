package org.kvcache.sim.serving;

import java.util.Locale;

/**
 * A tier below the GPU that keeps a copy of every full block.
 *
 * @param place where it is
 * @param bytes its size, of each replica for host and disk, in all for the remote one
 */
public record TierSize(Place place, double bytes) {

  /** Where a tier is, from near to far. */
  public enum Place {
    /** Host memory, over the link. */
    HOST,
    /** Local disk, then the link. */
    DISK,
    /** Storage that all replicas share, over the network, then the link. */
    REMOTE;

    /** As reports write it. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Checks the size. */
  public TierSize {
    if (!(bytes > 0)) {
      throw new IllegalArgumentException(
          "the %s tier has %s bytes; give more than 0".formatted(place.label(), bytes));
    }
  }
}
