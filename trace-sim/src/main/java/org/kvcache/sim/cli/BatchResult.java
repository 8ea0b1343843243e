package org.kvcache.sim.cli;

import org.kvcache.sim.serving.Outcomes;
import org.kvcache.sim.serving.ServingRun;
import org.kvcache.sim.trace.Trace;

/**
 * How one batch went.
 *
 * @param trace name of the trace
 * @param cell policy and order
 * @param capacityBlocks of the cache
 * @param requests of the batch
 * @param refused of them, longer than the cache
 * @param promptTokens of those that were served
 * @param cachedTokens of their prompts, found when they began
 * @param computedTokens of their prompts, again after they gave way included
 * @param preemptions how often one gave way
 * @param makespanSeconds from the begin to the last token
 */
record BatchResult(
    String trace,
    BatchPlan.Cell cell,
    int capacityBlocks,
    int requests,
    int refused,
    long promptTokens,
    long cachedTokens,
    long computedTokens,
    long preemptions,
    double makespanSeconds) {

  static BatchResult of(Trace trace, BatchPlan.Cell cell, int blocks, ServingRun run) {
    Outcomes outcomes = run.outcomes();
    long prompt = 0;
    long cached = 0;
    long computed = 0;
    for (int request = 0; request < outcomes.requests(); request++) {
      if (!outcomes.refused(request)) {
        prompt += Math.max(1, trace.inputTokens(request));
        cached += outcomes.cachedTokens(request);
        computed += outcomes.computedTokens(request);
      }
    }
    return new BatchResult(
        trace.name(),
        cell,
        blocks,
        outcomes.requests(),
        run.totals().refused(),
        prompt,
        cached,
        computed,
        run.totals().preemptions(),
        run.totals().seconds());
  }

  /** Share of the prompts' tokens that were found. */
  double tokenHitRate() {
    return (double) cachedTokens / promptTokens;
  }
}
