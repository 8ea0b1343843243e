package org.kvcache.sim.trace;

/**
 * A trace in the form in which it is replayed: a forest of blocks, where a block's number stands
 * for its whole prefix, and for each request its last block and a few columns. Memory depends on
 * the number of unique blocks; long request columns live in a mapped temporary file.
 *
 * <p>Blocks are numbered from 0 in order of first appearance, requests from 0 in order of arrival.
 * Plain key streams are traces whose chains have one block. Immutable and thread-safe.
 */
public final class Trace {
  private final String name;
  private final String digest;
  private final int blockTokens;
  private final RequestLog requests;
  private final int[] parents;
  private final int[] depths;
  private final Totals totals;

  /** Counts over the whole trace. */
  record Totals(int uniqueBlocks, long blockRefs, int maxChain, int sessions) {}

  Trace(
      String name,
      String digest,
      int blockTokens,
      RequestLog requests,
      int[] parents,
      int[] depths,
      Totals totals) {
    this.name = name;
    this.digest = digest;
    this.blockTokens = blockTokens;
    this.requests = requests;
    this.parents = parents;
    this.depths = depths;
    this.totals = totals;
  }

  /**
   * Reads {@code reader} to its end, or to the limit of {@code options}; does not close it.
   *
   * @throws TraceException if the input is malformed, holds no request, or is too large
   */
  public static Trace load(TraceReader reader, TraceOptions options) {
    try (var builder = new TraceBuilder(reader.name(), reader.blockTokens(), options)) {
      var request = new Request();
      for (long n = 0; n < options.maxRequests() && reader.next(request); n++) {
        builder.add(request);
      }
      return builder.build();
    }
  }

  /** Short name for tables. */
  public String name() {
    return name;
  }

  /**
   * First 16 hexadecimal digits of a SHA-256 over the loaded requests and their prefix structure.
   * It does not depend on compression, format or the numbers used as block ids, but does depend on
   * {@link TraceOptions}.
   */
  public String digest() {
    return digest;
  }

  /** Tokens per block. */
  public int blockTokens() {
    return blockTokens;
  }

  /** Number of requests. */
  public int requests() {
    return requests.size();
  }

  /** Number of distinct blocks, that is, of distinct prefixes. */
  public int uniqueBlocks() {
    return totals.uniqueBlocks;
  }

  /** Number of block references: the chain lengths summed over all requests. */
  public long blockRefs() {
    return totals.blockRefs;
  }

  /** Hits of a cache that never evicts. */
  public long infiniteHits() {
    return totals.blockRefs - totals.uniqueBlocks;
  }

  /** Length of the longest chain: the array size that {@link #chain} needs. */
  public int maxChain() {
    return totals.maxChain;
  }

  /** Number of sessions; 0 if the trace names none. */
  public int sessions() {
    return totals.sessions;
  }

  /** Whether requests name their session. */
  public boolean hasSessions() {
    return totals.sessions > 0;
  }

  /**
   * Writes the blocks of a request into {@code into}, first block first.
   *
   * @return the number of blocks, at most {@link #maxChain}, perhaps 0
   */
  public int chain(int request, int[] into) {
    int block = requests.leaf(request);
    if (block < 0) {
      return 0;
    }
    int count = depths[block] + 1;
    for (int i = count - 1; i >= 0; i--) {
      into[i] = block;
      block = parents[block];
    }
    return count;
  }

  /** Number of blocks of a request. */
  public int chainLength(int request) {
    int leaf = requests.leaf(request);
    return (leaf < 0) ? 0 : depths[leaf] + 1;
  }

  /** The block before {@code block} in its prefix, or -1. */
  public int parent(int block) {
    return parents[block];
  }

  /** Number of blocks before {@code block} in its prefix. */
  public int depth(int block) {
    return depths[block];
  }

  /** Arrival in milliseconds; never falls from one request to the next. */
  public double timeMillis(int request) {
    return requests.timeMillis(request);
  }

  /** Prompt length in tokens. */
  public int inputTokens(int request) {
    return requests.inputTokens(request);
  }

  /** Generated tokens. */
  public int outputTokens(int request) {
    return requests.outputTokens(request);
  }

  /** Session number below {@link #sessions}, or -1. */
  public int session(int request) {
    return requests.session(request);
  }

  /** Turn in the session from 0, or -1. */
  public int turn(int request) {
    return requests.turn(request);
  }

  /**
   * A new reader over this trace, whose ids are the block numbers. They are chain ids, so that
   * writing them in a flat format keeps prefixes apart.
   */
  public TraceReader reader() {
    return new TraceReplay(this);
  }
}
