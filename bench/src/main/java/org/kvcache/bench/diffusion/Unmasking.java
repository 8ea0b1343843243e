package org.kvcache.bench.diffusion;

/**
 * The static low-confidence schedule: each step reveals the masked positions whose likeliest token
 * is surest. Sureness is compared as log-odds, the greatest logit less the logarithm of the others'
 * summed exponentials: ordered as the probability is, but not saturated at 1. Ties go to the lower
 * index. Belongs to one thread.
 */
final class Unmasking {

  private final DiffusionConfig config;
  private final int[] likeliest;
  private final double[] sureness;

  Unmasking(DiffusionConfig config) {
    this.config = config;
    likeliest = new int[config.block()];
    sureness = new double[config.block()];
  }

  /** How many positions a step reveals, so that the last one reveals what is left. */
  int countIn(int step) {
    int steps = config.steps();
    return config.block() / steps + (step < config.block() % steps ? 1 : 0);
  }

  /**
   * Reveals {@code count} positions of a block.
   *
   * @param logits a row of {@code vocabulary} elements for each position
   * @param tokens the block, masks replaced in place
   */
  void reveal(float[] logits, int count, int[] tokens) {
    for (int i = 0; i < config.block(); i++) {
      rate(logits, i);
    }
    for (int n = 0; n < count; n++) {
      int surest = -1;
      for (int i = 0; i < config.block(); i++) {
        if (tokens[i] == config.mask() && (surest < 0 || sureness[i] > sureness[surest])) {
          surest = i;
        }
      }
      if (surest >= 0) {
        tokens[surest] = likeliest[surest];
      }
    }
  }

  /** A guess at the whole block: what is revealed, and the likeliest tokens of the last step. */
  void draft(int[] tokens, int[] draft) {
    for (int i = 0; i < config.block(); i++) {
      draft[i] = tokens[i] == config.mask() ? likeliest[i] : tokens[i];
    }
  }

  private void rate(float[] logits, int position) {
    int from = position * config.vocabulary();
    int best = 0;
    for (int i = 1; i < config.mask(); i++) {
      if (logits[from + i] > logits[from + best]) {
        best = i;
      }
    }
    double odds = 0;
    for (int i = 0; i < config.mask(); i++) {
      if (i != best) {
        odds += Math.exp(logits[from + i] - (double) logits[from + best]);
      }
    }
    likeliest[position] = best;
    sureness[position] = -Math.log(odds);
  }
}
