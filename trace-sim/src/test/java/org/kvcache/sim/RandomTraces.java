package org.kvcache.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.kvcache.sim.trace.Request;
import org.kvcache.sim.trace.Trace;
import org.kvcache.sim.trace.TraceBuilder;
import org.kvcache.sim.trace.TraceOptions;

/** Small branching traces: each request walks a tree from the root and sometimes grows it. */
final class RandomTraces {

  static final int BLOCK_TOKENS = 4;

  private RandomTraces() {}

  static Trace tree(long seed, int requests) {
    return tree(seed, requests, 5);
  }

  static Trace tree(long seed, int requests, int sessions) {
    var random = new SplittableRandom(seed);
    var request = new Request();
    try (var builder = new TraceBuilder("random", BLOCK_TOKENS, TraceOptions.ALL)) {
      for (int r = 0; r < requests; r++) {
        int length = 1 + random.nextInt(6);
        request.clear();
        request.set(
            r, length * BLOCK_TOKENS - random.nextInt(BLOCK_TOKENS), 1, r % sessions, r / sessions);
        long path = 0;
        for (int i = 0; i < length; i++) {
          path = path * 4 + 1 + random.nextInt(i == 0 ? 2 : 3);
          request.addId(path);
        }
        builder.add(request);
      }
      return builder.build();
    }
  }

  static List<int[]> chains(Trace trace) {
    var chains = new ArrayList<int[]>();
    for (int r = 0; r < trace.requests(); r++) {
      int[] chain = new int[trace.chainLength(r)];
      trace.chain(r, chain.length == 0 ? new int[1] : chain);
      chains.add(chain);
    }
    return chains;
  }
}
