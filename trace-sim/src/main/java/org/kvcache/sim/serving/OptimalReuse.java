package org.kvcache.sim.serving;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.kvcache.BlockManager;
import org.kvcache.sim.RunSettings;
import org.kvcache.sim.Simulator;
import org.kvcache.sim.trace.Request;
import org.kvcache.sim.trace.Trace;
import org.kvcache.sim.trace.TraceBuilder;
import org.kvcache.sim.trace.TraceOptions;

/**
 * What Belady's OPT for prefixes finds in the cache. It knows the order, serves one request at a
 * time, and holds full blocks only: those of the prompt, and those of the answer that later prompts
 * go on with. No policy finds more blocks in that order and so many slots, unless sequences give
 * way.
 */
final class OptimalReuse implements Reuse {
  private final int slots;
  private final int blockTokens;
  private final Map<Integer, Integer> hits = new HashMap<>();

  OptimalReuse(int slots, int blockTokens) {
    this.slots = slots;
    this.blockTokens = blockTokens;
  }

  @Override
  public void foresee(List<Sequence> sequences) {
    if (sequences.isEmpty()) {
      return;
    }
    int[] inOrder =
        new Simulator(batch(sequences), RunSettings.prefix())
            .optimalHits(
                slots, i -> BlockManager.matchLimit(sequences.get(i).inputTokens, blockTokens));
    for (int i = 0; i < inOrder.length; i++) {
      hits.put(sequences.get(i).request, inOrder[i]);
    }
  }

  /** The sequences as a trace of their full blocks. */
  private Trace batch(List<Sequence> sequences) {
    var request = new Request();
    try (var builder = new TraceBuilder("batch", blockTokens, TraceOptions.ALL)) {
      for (Sequence sequence : sequences) {
        request.clear();
        for (int i = 0; i < sequence.keys.size(); i++) {
          request.addId(sequence.keys.lo(i));
        }
        builder.add(request);
      }
      return builder.build();
    }
  }

  @Override
  public int blocks(Sequence sequence, int found, int limit) {
    return hits.getOrDefault(sequence.request, 0);
  }
}
