package org.kvcache.offload.retrieval;

import org.kvcache.spi.BlockRetriever;
import org.kvcache.spi.PageSelector;
import org.kvcache.spi.SelectorContext;

/** {@code herald-diverse}: as {@link HeraldRetriever}, but asks the queries that differ most. */
public final class HeraldDiverseRetriever implements BlockRetriever {

  /** Called by {@link java.util.ServiceLoader}. */
  public HeraldDiverseRetriever() {}

  @Override
  public String name() {
    return "herald-diverse";
  }

  @Override
  public String summary() {
    return "asks the few queries of the block that differ most";
  }

  @Override
  public PageSelector selector(SelectorContext context) {
    ScoreLoops loops = Vectorization.loops();
    QueryChoice choice =
        new DiverseQueries(
            ScoredSelector.tokenFloats(context), context.settings().queries(), 2, loops);
    return new ScoredSelector(context, choice, loops);
  }
}
