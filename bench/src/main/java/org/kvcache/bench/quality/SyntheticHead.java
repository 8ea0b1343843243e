package org.kvcache.bench.quality;

import org.kvcache.Calibration;
import org.kvcache.Calibrator;
import org.kvcache.HeadCalibration;

/**
 * A head of a {@link KvDistribution}. It is calibrated on as many tokens as are measured, but not
 * the same ones.
 *
 * @param kind what its numbers look like
 * @param headDim elements of a row
 * @param tokens tokens to measure on
 * @param queries queries to measure with
 * @param logitDeviation deviation of the exact logits, which says how peaked attention is
 * @param seed different seeds give different heads
 */
record SyntheticHead(
    KvDistribution kind, int headDim, int tokens, int queries, double logitDeviation, long seed)
    implements Subject {

  private static final int CALIBRATION_QUERIES = 1024;

  @Override
  public String distribution() {
    return kind.label();
  }

  @Override
  public Data load() {
    var head = new KvHead(kind, headDim, seed);
    KvSample drawn = head.sample(tokens, queries, 1);
    double gain = ExactAttention.gain(drawn, logitDeviation);
    KvSample seen = head.sample(tokens, CALIBRATION_QUERIES, 2).withQueriesTimes(gain);
    return new Data(drawn.withQueriesTimes(gain), calibration(seen));
  }

  /** Calibrates on all of a sample. */
  static HeadCalibration calibration(KvSample seen) {
    var calibrator = new Calibrator(1, 1, seen.headDim());
    calibrator.keys(0, 0, seen.keys(), 0, seen.tokens());
    calibrator.queries(0, 0, seen.queries(), 0, seen.queryCount());
    calibrator.values(0, 0, seen.values(), 0, seen.tokens());
    Calibration calibration = calibrator.finish();
    return calibration.of(0, 0);
  }
}
