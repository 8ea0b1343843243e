package org.kvcache.sim.cost;

import java.util.Locale;

/** What decides the time of a block. */
public enum Bound {
  /** Denoising; retrieval hides behind it. */
  GPU,
  /** Scan, choice and gather on the host. */
  CPU,
  /** Copies from host to GPU. */
  PCIE,
  /** The layers of one sequence, each waiting for the one before. */
  CHAIN;

  /** As reports write it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
