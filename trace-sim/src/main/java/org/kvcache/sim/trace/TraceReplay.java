package org.kvcache.sim.trace;

/** Streams a loaded trace, with block numbers as ids. */
final class TraceReplay implements TraceReader {
  private final Trace trace;
  private final int[] chain;
  private int next;

  TraceReplay(Trace trace) {
    this.trace = trace;
    chain = new int[trace.maxChain()];
  }

  @Override
  public boolean next(Request into) {
    if (next == trace.requests()) {
      return false;
    }
    int request = next++;
    into.clear();
    into.set(
        trace.timeMillis(request),
        trace.inputTokens(request),
        trace.outputTokens(request),
        trace.session(request),
        trace.turn(request));
    int count = trace.chain(request, chain);
    for (int i = 0; i < count; i++) {
      into.addId(chain[i]);
    }
    return true;
  }

  @Override
  public int blockTokens() {
    return trace.blockTokens();
  }

  @Override
  public String name() {
    return trace.name();
  }

  @Override
  public void close() {}
}
