package org.kvcache.sim.trace;

/** A workload as a trace. */
record GeneratedTrace(String name, Workload workload) implements TraceReader {
  @Override
  public boolean next(Request into) {
    return workload.next(into);
  }

  @Override
  public int blockTokens() {
    return workload.blockTokens();
  }

  @Override
  public void close() {}
}
