package org.kvcache.policy;

import org.kvcache.spi.PolicyContext;

/**
 * Least frequently used, counted while the block is cached; of equals, the one least recently used.
 */
public final class LfuPolicy extends FrequencyPolicy {

  /** An empty policy. */
  public LfuPolicy(PolicyContext context) {
    super(context, false);
  }
}
