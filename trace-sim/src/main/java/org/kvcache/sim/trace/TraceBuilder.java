package org.kvcache.sim.trace;

import org.jspecify.annotations.Nullable;

/**
 * Folds requests, in order of arrival, into a {@link Trace}. Not thread-safe; a builder makes one
 * trace.
 */
public final class TraceBuilder implements AutoCloseable {
  private final String name;
  private final int blockTokens;
  private final TraceOptions options;
  private final PrefixTree tree;
  private final RequestLog requests;
  private final TraceDigest digest;

  private long blockRefs;
  private int maxChain;
  private int sessions;
  private double lastTime = Double.NEGATIVE_INFINITY;
  private @Nullable Trace built;

  /**
   * Starts an empty trace.
   *
   * @param name short name for tables
   * @param blockTokens tokens per block, at least 1
   * @param options what to keep of each request; {@code maxRequests} is left to the caller
   */
  public TraceBuilder(String name, int blockTokens, TraceOptions options) {
    this(name, blockTokens, options, RecordLog.HEAP_RECORDS);
  }

  TraceBuilder(String name, int blockTokens, TraceOptions options, long heapRequests) {
    if (blockTokens < 1) {
      throw new TraceException(
          name + ": a block of " + blockTokens + " tokens is not possible; use 1 or more");
    }
    this.name = name;
    this.blockTokens = blockTokens;
    this.options = options;
    tree = new PrefixTree(name);
    requests = new RequestLog(heapRequests);
    digest = new TraceDigest(blockTokens);
  }

  /**
   * Appends a request; nothing of it is kept by reference.
   *
   * @throws TraceException if it arrives before the one before it, or the trace is full
   */
  public void add(Request request) {
    check(request);
    int count = keptBlocks(request);
    int node = PrefixTree.ROOT;
    int known = tree.size();
    int branch = PrefixTree.ROOT;
    long[] ids = request.ids;
    for (int i = 0; i < count; i++) {
      node = tree.child(node, ids[i]);
      branch = (node < known) ? node : branch;
    }
    digest.add(request, branch, tree.size() - known);
    requests.append(request, node);
    blockRefs += count;
    maxChain = Math.max(maxChain, count);
    sessions = Math.max(sessions, request.session + 1);
  }

  /** Ends the trace. */
  public Trace build() {
    if (built == null) {
      if (requests.size() == 0) {
        throw new TraceException(name + ": the trace holds no requests; check that it is complete");
      }
      requests.close();
      built =
          new Trace(
              name,
              digest.finish(),
              blockTokens,
              requests,
              tree.parents(),
              tree.depths(),
              new Trace.Totals(tree.size(), blockRefs, maxChain, sessions));
    }
    return built;
  }

  /** Releases what an abandoned build holds; harmless after {@link #build}. */
  @Override
  public void close() {
    requests.close();
  }

  private void check(Request request) {
    if (built != null) {
      throw new IllegalStateException("the trace is already built");
    }
    if (requests.size() == Integer.MAX_VALUE) {
      throw new TraceException(
          name + ": more than " + Integer.MAX_VALUE + " requests; load fewer requests");
    }
    if (!(request.timeMillis >= lastTime)) {
      throw new TraceException(
          name
              + ": request "
              + (requests.size() + 1L)
              + " arrives at "
              + request.timeMillis
              + " ms, before the one before it; sort the trace by time");
    }
    lastTime = request.timeMillis;
  }

  private int keptBlocks(Request request) {
    int count = request.count;
    boolean partial = (long) count * blockTokens > request.inputTokens;
    return (options.noPartial() && partial && count > 0) ? count - 1 : count;
  }
}
