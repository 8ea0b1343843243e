package org.kvcache.sim.report;

import org.kvcache.sim.trace.Trace;

/**
 * What a report says about a trace.
 *
 * @param name short name
 * @param source the file or generator as the user wrote it
 * @param digest the trace's digest
 * @param requests number of requests
 * @param blockRefs number of block references
 * @param uniqueBlocks number of distinct blocks
 * @param blockTokens tokens per block
 * @param infiniteHits block hits of a cache that never evicts
 */
public record TraceInfo(
    String name,
    String source,
    String digest,
    int requests,
    long blockRefs,
    int uniqueBlocks,
    int blockTokens,
    long infiniteHits) {

  /** Describes {@code trace}, opened from {@code source}. */
  public static TraceInfo of(Trace trace, String source) {
    return new TraceInfo(
        trace.name(),
        source,
        trace.digest(),
        trace.requests(),
        trace.blockRefs(),
        trace.uniqueBlocks(),
        trace.blockTokens(),
        trace.infiniteHits());
  }

  /** Share of references that a cache that never evicts hits, within 0 and 1. */
  public double infiniteHitRate() {
    return blockRefs == 0 ? 0 : (double) infiniteHits / blockRefs;
  }

  /** {@code blocks} as a share of the unique blocks, within 0 and 1. */
  public double share(int blocks) {
    return uniqueBlocks == 0 ? 0 : (double) blocks / uniqueBlocks;
  }
}
