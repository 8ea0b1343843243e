package org.kvcache.sim.cost;

/**
 * How the set that is attended is chosen and moved, once for each block.
 *
 * @param budget share of the context in the set, above 0 and at most 1
 * @param queries query positions that score the keys; HERALD's is 1, all of the block without it
 * @param keyBits bits per element of the keys that are scored
 * @param reuse share of the set that is on the GPU already, from the block before, 0 to 1
 * @param pageTokens neighbouring tokens that are chosen and gathered together
 * @param lookAhead whether a draft of the block lets retrieval for the next one run beside
 *     denoising, instead of after it
 */
public record RetrievalPlan(
    double budget, int queries, double keyBits, double reuse, int pageTokens, boolean lookAhead) {

  /** Checks the numbers. */
  public RetrievalPlan {
    check(budget > 0 && budget <= 1, "budget", budget, "above 0 and at most 1, such as 0.05");
    check(queries >= 1, "queries", queries, "at least 1");
    check(keyBits > 0 && keyBits <= 32, "key-bits", keyBits, "above 0 and at most 32");
    check(reuse >= 0 && reuse <= 1, "reuse", reuse, "within 0 and 1");
    check(pageTokens >= 1, "page", pageTokens, "at least 1");
  }

  private static void check(boolean good, String name, Number value, String need) {
    if (!good) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be " + need);
    }
  }

  /** The same plan with keys scored in so many bits. */
  public RetrievalPlan withKeyBits(double bits) {
    return new RetrievalPlan(budget, queries, bits, reuse, pageTokens, lookAhead);
  }

  /** The same plan with so much of the set there already. */
  public RetrievalPlan withReuse(double share) {
    return new RetrievalPlan(budget, queries, keyBits, share, pageTokens, lookAhead);
  }

  /** The same plan with pages of so many tokens. */
  public RetrievalPlan withPageTokens(int tokens) {
    return new RetrievalPlan(budget, queries, keyBits, reuse, tokens, lookAhead);
  }
}
