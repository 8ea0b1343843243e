package org.kvcache.sim.capacity;

import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/** Runs cut into windows. */
final class Runs {
  private Runs() {}

  /** The same latencies in each window. */
  static WindowedLatencies steady(int windows, Latencies latencies) {
    return new WindowedLatencies() {
      @Override
      public int windows() {
        return windows;
      }

      @Override
      public Latencies without(BitSet leftOut) {
        return latencies;
      }
    };
  }

  /** One latency in each window. */
  static WindowedLatencies of(double... seconds) {
    return new WindowedLatencies() {
      @Override
      public int windows() {
        return seconds.length;
      }

      @Override
      public Latencies without(BitSet leftOut) {
        double[] left =
            IntStream.range(0, seconds.length)
                .filter(window -> !leftOut.get(window))
                .mapToDouble(window -> seconds[window])
                .toArray();
        leftOut.set(0, seconds.length);
        return (metric, statistic) ->
            (statistic == Statistic.Plain.MAX)
                ? Arrays.stream(left).max().orElseThrow()
                : Arrays.stream(left).average().orElseThrow();
      }
    };
  }
}
