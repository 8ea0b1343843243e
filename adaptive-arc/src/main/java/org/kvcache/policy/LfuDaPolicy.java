package org.kvcache.policy;

import org.kvcache.spi.PolicyContext;

/**
 * LFU with dynamic ageing, M. Arlitt, L. Cherkasova, J. Dilley, R. Friedrich and T. Jin,
 * "Evaluating Content Management Techniques for Web Proxy Caches", ACM SIGMETRICS Performance
 * Evaluation Review 27(4), 2000: a block's key is its uses plus the age L, which is the key of the
 * last victim.
 */
public final class LfuDaPolicy extends FrequencyPolicy {

  /** An empty policy. */
  public LfuDaPolicy(PolicyContext context) {
    super(context, true);
  }
}
