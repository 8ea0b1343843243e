package org.kvcache.sim.serving;

import org.kvcache.sim.cost.RetrievalPlan;

/** How a model makes its answer. */
public sealed interface Decoding {

  /** One token a pass, each after all before it. */
  record TokenByToken() implements Decoding {}

  /**
   * Block diffusion: a block of tokens is denoised over several passes against the whole prefix,
   * and one more pass commits it.
   *
   * @param blockTokens tokens of a denoising block
   * @param steps denoising passes over a block
   */
  record BlockDiffusion(int blockTokens, int steps) implements Decoding {
    /** Checks the numbers. */
    public BlockDiffusion {
      atLeastOne("block", blockTokens);
      atLeastOne("steps", steps);
    }
  }

  /**
   * Block diffusion with the whole cache on the host and, on the GPU, a set that is chosen once for
   * each block (HERALD, arXiv 2606.21633).
   *
   * @param blockTokens tokens of a denoising block
   * @param steps denoising passes over a block
   * @param plan how the set is chosen and moved
   */
  record Herald(int blockTokens, int steps, RetrievalPlan plan) implements Decoding {
    /** Checks the numbers. */
    public Herald {
      atLeastOne("block", blockTokens);
      atLeastOne("steps", steps);
    }
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + "; 1 is the least");
    }
  }
}
