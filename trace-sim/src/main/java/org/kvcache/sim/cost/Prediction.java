package org.kvcache.sim.cost;

/**
 * A measured pass and what the model says of it.
 *
 * @param pass what was measured
 * @param presetSeconds what the model says with the preset's factors
 * @param seconds what it says with the fitted ones
 * @param heldBack whether the fit has not seen the pass
 */
public record Prediction(
    MeasuredPass pass, double presetSeconds, double seconds, boolean heldBack) {

  /** The fitted model's error over the measured time, above 0 where it says too much. */
  public double error() {
    return seconds / pass.seconds() - 1;
  }

  /** The preset's error. */
  double presetError() {
    return presetSeconds / pass.seconds() - 1;
  }
}
