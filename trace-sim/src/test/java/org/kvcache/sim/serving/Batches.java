package org.kvcache.sim.serving;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.kvcache.sim.cost.Presets;
import org.kvcache.sim.trace.Request;
import org.kvcache.sim.trace.Trace;
import org.kvcache.sim.trace.TraceBuilder;
import org.kvcache.sim.trace.TraceOptions;

/** Small traces and caches to serve them from. */
final class Batches {
  private static final long PARTIAL = 1L << 40;

  private Batches() {}

  /** Full blocks by id, one request after the other, one token to generate. */
  static Trace of(int blockTokens, long[]... chains) {
    var request = new Request();
    try (var builder = new TraceBuilder("chains", blockTokens, TraceOptions.ALL)) {
      for (long[] chain : chains) {
        request.clear();
        request.set(0, chain.length * blockTokens, 1, Request.NONE, Request.NONE);
        for (long id : chain) {
          request.addId(id);
        }
        builder.add(request);
      }
      return builder.build();
    }
  }

  /**
   * Walks in a tree; a partial last block is nobody else's. The turns of a session mostly go on
   * where the last one's answer ended.
   */
  static Trace random(long seed, int requests, int sessions, int blockTokens) {
    var random = new SplittableRandom(seed);
    var request = new Request();
    List<List<Long>> paths = new ArrayList<>();
    try (var builder = new TraceBuilder("random", blockTokens, TraceOptions.ALL)) {
      for (int r = 0; r < requests; r++) {
        int session = sessions == 0 ? Request.NONE : r % sessions;
        List<Long> path = new ArrayList<>();
        if (r >= sessions && sessions > 0 && random.nextInt(4) > 0) {
          path.addAll(paths.get(r - sessions));
        }
        path = new ArrayList<>(path.subList(0, Math.min(path.size(), 6)));
        int more = random.nextInt(5);
        for (int i = 0; i < more; i++) {
          path.add((long) random.nextInt(path.isEmpty() ? 2 : 3));
        }
        paths.add(path);
        int partial = random.nextInt(blockTokens);
        request.clear();
        request.set(
            r,
            path.size() * blockTokens + partial,
            1 + random.nextInt(2 * blockTokens),
            session,
            sessions == 0 ? Request.NONE : r / sessions);
        path.forEach(request::addId);
        if (partial > 0) {
          request.addId(PARTIAL + r);
        }
        builder.add(request);
      }
      return builder.build();
    }
  }

  /** Slots without which a request would be refused. */
  static int slotsOfTheLongest(Trace trace) {
    return IntStream.range(0, trace.requests())
        .map(r -> Math.max(1, trace.inputTokens(r)) + Math.max(1, trace.outputTokens(r)))
        .map(tokens -> Math.ceilDiv(tokens, trace.blockTokens()))
        .max()
        .orElseThrow();
  }

  static ServingConfig config(Trace trace, String policy, int slots, int sequences) {
    ServingConfig config =
        ServingConfig.of(
            Presets.models(null).named(List.of("llama3-8b")).getFirst(),
            Presets.devices(null).named(List.of("h200")).getFirst(),
            policy);
    return config
        .withBatching(new Batching(sequences, 8192, Batching.Preemption.RECOMPUTE, 0))
        .withCacheBytes(Math.nextUp(slots * config.blockBytes(trace.blockTokens())));
  }

  static ServingRun run(Trace trace, String policy, int slots, int sequences, Order order) {
    return new ServingSimulator(trace)
        .run(config(trace, policy, slots, sequences), new Load.AtOnce(order), 7);
  }

  static long cachedTokens(ServingRun run) {
    return IntStream.range(0, run.outcomes().requests())
        .mapToLong(run.outcomes()::cachedTokens)
        .sum();
  }

  /** The requests by when they began. */
  static List<Integer> begun(ServingRun run) {
    return IntStream.range(0, run.outcomes().requests())
        .boxed()
        .sorted((a, b) -> Double.compare(run.outcomes().admitted(a), run.outcomes().admitted(b)))
        .toList();
  }
}
