package org.kvcache.sim;

import java.util.BitSet;
import java.util.SplittableRandom;
import org.kvcache.sim.trace.Trace;

/**
 * For each request, whether the client says that its session has ended.
 *
 * <p>The truth is the session's last request where the trace names sessions; elsewhere a request
 * ends its conversation if the last full block of its prompt is never asked for again. With
 * accuracy a, the client is right with probability a, independently each time.
 */
final class SessionHints {

  private final BitSet ended;

  private SessionHints(BitSet ended) {
    this.ended = ended;
  }

  static SessionHints of(Trace trace, RunSettings settings) {
    Double accuracy = settings.hintAccuracy();
    if (accuracy == null) {
      return new SessionHints(new BitSet());
    }
    BitSet said = trace.hasSessions() ? lastOfSession(trace) : lastOfChain(trace);
    var random = new SplittableRandom(settings.seed());
    for (int request = 0; request < trace.requests(); request++) {
      if (random.nextDouble() >= accuracy) {
        said.flip(request);
      }
    }
    return new SessionHints(said);
  }

  private static BitSet lastOfSession(Trace trace) {
    var seen = new BitSet();
    var last = new BitSet();
    for (int request = trace.requests() - 1; request >= 0; request--) {
      int session = trace.session(request);
      if (session < 0) {
        continue;
      }
      if (!seen.get(session)) {
        seen.set(session);
        last.set(request);
      }
    }
    return last;
  }

  private static BitSet lastOfChain(Trace trace) {
    int[] chain = new int[trace.maxChain()];
    var askedLater = new BitSet();
    var last = new BitSet();
    for (int request = trace.requests() - 1; request >= 0; request--) {
      int count = trace.chain(request, chain);
      int full = Math.min(count, trace.inputTokens(request) / trace.blockTokens());
      int end = full > 0 ? full - 1 : count - 1;
      if (end >= 0 && !askedLater.get(chain[end])) {
        last.set(request);
      }
      for (int i = 0; i < count; i++) {
        askedLater.set(chain[i]);
      }
    }
    return last;
  }

  boolean saysEnded(int request) {
    return ended.get(request);
  }
}
