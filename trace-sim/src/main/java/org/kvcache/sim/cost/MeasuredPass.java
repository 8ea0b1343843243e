package org.kvcache.sim.cost;

/**
 * The measured time of one pass of a model over a batch of equal sequences.
 *
 * @param line where it stands in its file, from 1
 * @param shape what was run
 * @param seconds how long it took, above 0
 */
public record MeasuredPass(long line, Shape shape, double seconds) {

  /** What a pass does; it only names the pass, since one formula holds for both. */
  public enum Phase {
    /** Prompts, or parts of them. */
    PREFILL,
    /** The next tokens of sequences. */
    DECODE
  }

  /**
   * A pass.
   *
   * @param phase what it does
   * @param batch sequences, at least 1
   * @param newTokens rows of each sequence, at least 1
   * @param context tokens of each sequence before them, at least 0
   */
  public record Shape(Phase phase, int batch, int newTokens, int context) {

    /** Seconds that a model says it takes. */
    double seconds(PassModel model) {
      double attention =
          model.attentionSeconds(
              (double) context + newTokens, PassModel.causalPairs(context, newTokens));
      return model.seconds((double) batch * newTokens, batch * attention);
    }
  }
}
