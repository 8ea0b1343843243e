package org.kvcache.sim.trace;

import java.util.Arrays;

/**
 * What a trace holds and how its blocks are reused.
 *
 * @param name the trace's name
 * @param digest the trace's digest
 * @param blockTokens tokens per block
 * @param requests number of requests
 * @param blockRefs number of block references
 * @param uniqueBlocks number of distinct prefixes
 * @param maxChain most blocks of a request
 * @param sessions number of sessions, 0 if none are named
 * @param startMillis arrival of the first request in milliseconds
 * @param endMillis arrival of the last request in milliseconds
 * @param inputTokens prompt tokens in all
 * @param outputTokens generated tokens in all
 * @param partialBlocks requests whose last block is not filled by their prompt
 * @param reuseDistance LRU stack distance of each reuse, in unique other blocks
 * @param reuseAgeRequests age of each reuse, in requests
 * @param reuseAgeMillis age of each reuse, in milliseconds
 */
public record TraceSummary(
    String name,
    String digest,
    int blockTokens,
    int requests,
    long blockRefs,
    int uniqueBlocks,
    int maxChain,
    int sessions,
    double startMillis,
    double endMillis,
    long inputTokens,
    long outputTokens,
    long partialBlocks,
    Histogram reuseDistance,
    Histogram reuseAgeRequests,
    Histogram reuseAgeMillis) {

  /** Reads the trace once; time and memory are linear in references and unique blocks. */
  public static TraceSummary of(Trace trace) {
    var distances = new StackDistance(trace.uniqueBlocks());
    var distance = new Histogram.Counter();
    var ageRequests = new Histogram.Counter();
    var ageMillis = new Histogram.Counter();
    int[] lastRequest = new int[trace.uniqueBlocks()];
    Arrays.fill(lastRequest, -1);
    int[] chain = new int[trace.maxChain()];
    long input = 0;
    long output = 0;
    long partial = 0;
    for (int request = 0; request < trace.requests(); request++) {
      double now = trace.timeMillis(request);
      int count = trace.chain(request, chain);
      int ageOf = -1;
      long millis = 0;
      for (int i = 0; i < count; i++) {
        int block = chain[i];
        int reuse = distances.reference(block);
        if (reuse >= 0) {
          int last = lastRequest[block];
          if (last != ageOf) {
            ageOf = last;
            millis = (long) (now - trace.timeMillis(last));
          }
          distance.add(reuse);
          ageRequests.add(request - last);
          ageMillis.add(millis);
        }
        lastRequest[block] = request;
      }
      input += trace.inputTokens(request);
      output += trace.outputTokens(request);
      partial += ((long) count * trace.blockTokens() > trace.inputTokens(request)) ? 1 : 0;
    }
    return new TraceSummary(
        trace.name(),
        trace.digest(),
        trace.blockTokens(),
        trace.requests(),
        trace.blockRefs(),
        trace.uniqueBlocks(),
        trace.maxChain(),
        trace.sessions(),
        trace.timeMillis(0),
        trace.timeMillis(trace.requests() - 1),
        input,
        output,
        partial,
        distance.histogram("blocks"),
        ageRequests.histogram("requests"),
        ageMillis.histogram("ms"));
  }

  /** Hits of a cache that never evicts. */
  public long infiniteHits() {
    return blockRefs - uniqueBlocks;
  }

  /** Share of references that a cache that never evicts hits, from 0 to 1. */
  public double infiniteHitRate() {
    return (blockRefs == 0) ? 0 : (double) infiniteHits() / blockRefs;
  }

  /** Mean number of blocks of a request. */
  public double meanChain() {
    return (double) blockRefs / requests;
  }

  /** Time from the first to the last arrival, in milliseconds. */
  public double durationMillis() {
    return endMillis - startMillis;
  }

  /** Share of references that are to a block which its prompt does not fill, from 0 to 1. */
  public double partialShare() {
    return (blockRefs == 0) ? 0 : (double) partialBlocks / blockRefs;
  }
}
