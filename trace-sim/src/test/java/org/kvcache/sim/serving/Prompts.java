package org.kvcache.sim.serving;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.kvcache.sim.trace.Request;
import org.kvcache.sim.trace.Trace;
import org.kvcache.sim.trace.TraceBuilder;
import org.kvcache.sim.trace.TraceOptions;

/** Traces written down in a test. */
final class Prompts implements AutoCloseable {
  private static final int NO_SESSION = Request.NONE;

  private final int blockTokens;
  private final TraceBuilder builder;
  private final Request request = new Request();
  private long fresh = 1_000_000;

  Prompts(int blockTokens) {
    this.blockTokens = blockTokens;
    builder = new TraceBuilder("test", blockTokens, TraceOptions.ALL);
  }

  /** A request with nothing in common with others. */
  Prompts add(double millis, int input, int output) {
    return add(millis, input, output, NO_SESSION);
  }

  /** A request whose leading blocks have these ids, and the rest new ones. */
  Prompts add(double millis, int input, int output, int session, long... ids) {
    request.clear();
    request.set(millis, input, output, session, NO_SESSION);
    int blocks = Math.ceilDiv(input, blockTokens);
    for (int i = 0; i < blocks; i++) {
      request.addId(i < ids.length ? ids[i] : fresh++);
    }
    builder.add(request);
    return this;
  }

  Trace trace() {
    return builder.build();
  }

  @Override
  public void close() {
    builder.close();
  }

  static Trace of(int blockTokens, int input, int output) {
    try (var prompts = new Prompts(blockTokens)) {
      return prompts.add(0, input, output).trace();
    }
  }

  /** Requests with common prefixes and conversations that grow, in bursts. */
  static Trace random(long seed, int requests, int blockTokens) {
    var random = new SplittableRandom(seed);
    int sessions = 4;
    var texts = new ArrayList<List<Long>>();
    int[] lengths = new int[sessions];
    for (int i = 0; i < sessions; i++) {
      texts.add(new ArrayList<>());
    }
    double millis = 0;
    try (var prompts = new Prompts(blockTokens)) {
      for (int r = 0; r < requests; r++) {
        millis += random.nextInt(3) == 0 ? random.nextInt(200) : 0;
        int output = random.nextInt(4) == 0 ? random.nextInt(2) : random.nextInt(40);
        // Sessions are numbered in order of their first requests.
        int session =
            random.nextInt(3) == 0 ? NO_SESSION : random.nextInt(Math.min(sessions, r + 1));
        session = session > prompts.opened ? NO_SESSION : session;
        if (session == NO_SESSION || random.nextInt(8) == 0) {
          int input = random.nextInt(60);
          prompts.add(millis, input, output, session, walk(random, input / blockTokens));
        } else {
          List<Long> text = texts.get(session);
          int input = lengths[session] + random.nextInt(20);
          while (text.size() < input / blockTokens) {
            text.add(prompts.fresh++);
          }
          long[] ids = text.stream().mapToLong(Long::longValue).toArray();
          prompts.add(millis, input, output, session, ids);
          lengths[session] = input + Math.max(1, output);
        }
        prompts.opened = Math.max(prompts.opened, session + 1);
      }
      return prompts.trace();
    }
  }

  private int opened;

  private static long[] walk(SplittableRandom random, int blocks) {
    long[] ids = new long[blocks];
    for (int i = 0; i < blocks; i++) {
      ids[i] = random.nextInt(i == 0 ? 3 : 2);
    }
    return ids;
  }
}
