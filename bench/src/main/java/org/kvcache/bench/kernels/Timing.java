package org.kvcache.bench.kernels;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Median times of some schemes, made into lines. */
final class Timing {

  private Timing() {}

  /** What was measured of a scheme: bytes of a call and the median of its time. */
  record Measured(String scheme, long bytes, double micros) {}

  static double median(double[] samples) {
    double[] sorted = samples.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  static List<BenchLine> lines(
      String backend, List<Measured> measured, String baseline, double copyGigabytes) {
    Map<String, Double> micros =
        measured.stream().collect(Collectors.toMap(Measured::scheme, Measured::micros));
    var lines = new ArrayList<BenchLine>();
    for (Measured one : measured) {
      double gigabytes = one.bytes() / one.micros() / 1e3;
      lines.add(
          new BenchLine(
              backend,
              one.scheme(),
              one.bytes(),
              one.micros(),
              gigabytes,
              gigabytes / copyGigabytes,
              micros.getOrDefault(baseline, Double.NaN) / one.micros(),
              micros.getOrDefault("fp8", Double.NaN) / one.micros()));
    }
    return lines;
  }
}
