package org.kvcache.sim.cost;

/**
 * A factor of {@link PassModel} that a calibration may set. A vector of values has one for each
 * factor, in the order of the constants.
 */
public enum Factor {
  /** Share of the operations that matrix products of weights reach. */
  GEMM("gemmEfficiency"),
  /** Share of the bandwidth that reading weights and cache reaches. */
  BANDWIDTH("bandwidthEfficiency"),
  /** Share of the operations that attention reaches. */
  ATTENTION("attentionEfficiency"),
  /** Seconds of a layer that overlap with nothing. */
  LAYER("layerMicros");

  private static final double MICRO = 1e-6;

  /** Beyond it the logistic function is 0 or 1 to all digits that matter, and so is any time. */
  private static final double FARTHEST = 25;

  private final String field;

  Factor(String field) {
    this.field = field;
  }

  /** Its name in a file of devices. */
  public String field() {
    return field;
  }

  /** A value in the unit of a file of devices. */
  public double inFile(double value) {
    return isShare() ? value : value / MICRO;
  }

  /** Whether it lies above 0 and at most 1; else it is a time above 0. */
  boolean isShare() {
    return this != LAYER;
  }

  /** All factors of a GPU. */
  static double[] of(Hardware.Gpu gpu) {
    return new double[] {
      gpu.gemmEfficiency(), gpu.bandwidthEfficiency(), gpu.attentionEfficiency(), gpu.layerSeconds()
    };
  }

  /** The machine with other factors. */
  static Hardware applied(Hardware hardware, double[] values) {
    return hardware.withGpu(
        hardware
            .gpu()
            .withEfficiencies(
                values[GEMM.ordinal()],
                values[BANDWIDTH.ordinal()],
                values[ATTENTION.ordinal()],
                values[LAYER.ordinal()]));
  }

  /** A value as a number without bounds: the logit of a share, the logarithm of a time. */
  double toUnbounded(double value) {
    return clamped(isShare() ? Math.log(value / (1 - value)) : Math.log(value));
  }

  /** The other way round. */
  double fromUnbounded(double number) {
    double near = clamped(number);
    return isShare() ? 1 / (1 + Math.exp(-near)) : Math.exp(near);
  }

  /** By how much the value's logarithm grows with the unbounded number. */
  double slope(double value) {
    return isShare() ? 1 - value : 1;
  }

  private static double clamped(double number) {
    return Math.clamp(number, -FARTHEST, FARTHEST);
  }
}
