package org.kvcache;

import java.util.Arrays;

/** What a {@link Calibrator} has seen of one layer and KV head. For one thread. */
final class HeadStatistics {

  /**
   * Least spread of a channel, as a share of the head's mean spread. A channel that hardly moved in
   * the sample would get a tiny scale, and a key that does move there would drown its whole row:
   * the floor keeps such a key within {@code 1/sqrt(FLOOR)}, about 32 times, of a usual one. It
   * costs at most this share of the noise energy where queries are even.
   */
  private static final double FLOOR = 1e-3;

  /** Spread, as a share of the size, below which keys differ only by the rounding of floats. */
  private static final double CONSTANT = 1e-6;

  private final double[] mean;

  /** Sum of squared deviations from the mean. */
  private final double[] deviation;

  private final double[] querySquares;
  private double valueSquares;
  private long keys;
  private long queries;
  private long values;

  HeadStatistics(int headDim) {
    mean = new double[headDim];
    deviation = new double[headDim];
    querySquares = new double[headDim];
  }

  /** Welford's update. */
  void addKey(float[] rows, int offset) {
    keys++;
    for (int c = 0; c < mean.length; c++) {
      double delta = rows[offset + c] - mean[c];
      mean[c] += delta / keys;
      deviation[c] += delta * (rows[offset + c] - mean[c]);
    }
  }

  void addQuery(float[] rows, int offset) {
    queries++;
    for (int c = 0; c < querySquares.length; c++) {
      querySquares[c] += square(rows[offset + c]);
    }
  }

  void addValue(float[] rows, int offset) {
    values++;
    for (int c = 0; c < mean.length; c++) {
      valueSquares += square(rows[offset + c]);
    }
  }

  /** The pairwise update of Chan, Golub and LeVeque. */
  void merge(HeadStatistics other) {
    if (other.keys > 0) {
      double share = (double) other.keys / (keys + other.keys);
      for (int c = 0; c < mean.length; c++) {
        double delta = other.mean[c] - mean[c];
        mean[c] += delta * share;
        deviation[c] += other.deviation[c] + square(delta) * keys * share;
      }
    }
    for (int c = 0; c < querySquares.length; c++) {
      querySquares[c] += other.querySquares[c];
    }
    valueSquares += other.valueSquares;
    keys += other.keys;
    queries += other.queries;
    values += other.values;
  }

  long keys() {
    return keys;
  }

  long queries() {
    return queries;
  }

  long values() {
    return values;
  }

  /** How the scales are found with these options, for people. */
  String scaleRule(CalibrationOptions options) {
    String spread = options.mean() ? "std K" : "rms K";
    if (isConstant(spread(options))) {
      return "identity";
    } else if (!options.channelScales()) {
      return spread + " of the head";
    }
    return average(queryRms()) > 0 ? "sqrt(" + spread + " / rms Q)" : "sqrt(" + spread + ")";
  }

  HeadCalibration calibration(CalibrationOptions options, float[] signs) {
    int headDim = mean.length;
    if (keys < 2) {
      HeadCalibration asTheyCome = HeadCalibration.identity(headDim);
      return new HeadCalibration(
          asTheyCome.mean(), asTheyCome.scale(), asTheyCome.signs(), valueScale());
    }
    float[] offset = new float[headDim];
    for (int c = 0; c < headDim && options.mean(); c++) {
      offset[c] = (float) mean[c];
    }
    return new HeadCalibration(offset, scale(options), signs, valueScale());
  }

  private float[] scale(CalibrationOptions options) {
    float[] scale = new float[mean.length];
    Arrays.fill(scale, 1);
    double[] spread = spread(options);
    if (isConstant(spread)) {
      return scale;
    }
    double[] ratio = new double[scale.length];
    Arrays.fill(ratio, 1);
    if (options.channelScales()) {
      double[] query = queryRms();
      double leastSpread = FLOOR * average(spread);
      double leastQuery = FLOOR * average(query);
      for (int c = 0; c < ratio.length; c++) {
        // The same floor for queries: a channel that none asked for may yet be asked for.
        double weight = leastQuery > 0 ? Math.max(query[c], leastQuery) : 1;
        ratio[c] = Math.sqrt(Math.max(spread[c], leastSpread) / weight);
      }
    }
    double energy = 0;
    for (int c = 0; c < ratio.length; c++) {
      energy += square(spread[c] / ratio[c]);
    }
    double storedRms = Math.sqrt(energy / ratio.length);
    for (int c = 0; c < scale.length; c++) {
      double wanted = ratio[c] * storedRms;
      scale[c] = (float) Math.clamp(wanted, Float.MIN_NORMAL, Float.MAX_VALUE);
    }
    return scale;
  }

  /** Root mean square of each key channel about what is subtracted from it. */
  private double[] spread(CalibrationOptions options) {
    double[] spread = new double[mean.length];
    for (int c = 0; c < spread.length && keys > 1; c++) {
      spread[c] = Math.sqrt(deviation[c] / keys + (options.mean() ? 0 : square(mean[c])));
    }
    return spread;
  }

  private boolean isConstant(double[] spread) {
    double[] size = spread(CalibrationOptions.DEFAULT.withoutMean());
    return !(average(spread) > CONSTANT * average(size));
  }

  private double[] queryRms() {
    return Arrays.stream(querySquares).map(sum -> Math.sqrt(sum / Math.max(queries, 1))).toArray();
  }

  /** A power of two, so that dividing by it is exact. */
  private float valueScale() {
    double rms = Math.sqrt(valueSquares / (Math.max(values, 1) * (double) mean.length));
    if (rms == 0) {
      return 1;
    }
    int exponent = Math.getExponent(rms);
    if (rms >= Math.sqrt(2) * Math.scalb(1.0, exponent)) {
      exponent++;
    }
    return Math.scalb(1f, Math.clamp(exponent, Float.MIN_EXPONENT, Float.MAX_EXPONENT));
  }

  private static double average(double[] values) {
    return Arrays.stream(values).sum() / values.length;
  }

  private static double square(double value) {
    return value * value;
  }
}
