package org.kvcache.bench;

import java.util.Random;
import org.kvcache.sim.trace.Request;
import org.kvcache.sim.trace.TraceBuilder;
import org.kvcache.sim.trace.TraceOptions;

/** Plain keys for tests. */
final class KeyStreams {

  private KeyStreams() {}

  /** Zipf-like draws from some keys, with scans over keys never seen before now and then. */
  static BenchStream zipfAndScans(long seed, int accesses, int hotKeys) {
    var random = new Random(seed);
    long[] keys = new long[accesses];
    long nextScan = hotKeys;
    int scanLeft = 0;
    for (int i = 0; i < accesses; i++) {
      if (scanLeft == 0 && random.nextInt(4_000) == 0) {
        scanLeft = random.nextInt(hotKeys);
      }
      if (scanLeft > 0) {
        scanLeft--;
        keys[i] = nextScan++;
      } else {
        keys[i] = (long) Math.pow(hotKeys, random.nextDouble()) - 1;
      }
    }
    return stream(keys);
  }

  private static BenchStream stream(long[] keys) {
    try (var builder = new TraceBuilder("zipf and scans", 16, TraceOptions.ALL)) {
      var request = new Request();
      for (int i = 0; i < keys.length; i++) {
        request.clear();
        request.set(i, 16, 0, Request.NONE, Request.NONE);
        request.addId(keys[i]);
        builder.add(request);
      }
      return BenchStream.of(builder.build());
    }
  }
}
