package org.kvcache.sim.cost;

/**
 * Block diffusion at one length of the context.
 *
 * @param contextTokens tokens before the block, at least 1
 * @param blockTokens tokens of a block, at least 1
 * @param steps denoising passes over a block, at least 1; one more pass commits it
 */
public record Workload(int contextTokens, int blockTokens, int steps) {

  /** Checks the numbers. */
  public Workload {
    atLeastOne("context", contextTokens);
    atLeastOne("block", blockTokens);
    atLeastOne("steps", steps);
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + "; 1 is the least");
    }
  }

  int passes() {
    return steps + 1;
  }
}
