package org.kvcache.offload.retrieval;

import org.kvcache.spi.BlockRetriever;
import org.kvcache.spi.PageSelector;
import org.kvcache.spi.SelectorContext;

/**
 * {@code herald-adaptive}: as {@link HeraldRetriever}, but asks as few queries as stand for all: of
 * each KV head and block the one at the centre, and then those that differ, until the rest is like
 * one that is asked. Where the queries of a block agree this costs what one query costs.
 */
public final class HeraldAdaptiveRetriever implements BlockRetriever {

  /** Cosine from which on a token's queries are taken to look for the same. */
  private static final double ALIKE = 0.8;

  /** Tokens that are asked at most, if the settings leave it open. */
  private static final int MOST = 4;

  /** Called by {@link java.util.ServiceLoader}. */
  public HeraldAdaptiveRetriever() {}

  @Override
  public String name() {
    return "herald-adaptive";
  }

  @Override
  public String summary() {
    return "asks as few queries as stand for all of the block";
  }

  @Override
  public PageSelector selector(SelectorContext context) {
    int queries = context.settings().queries();
    int most = queries == 0 ? MOST : queries;
    ScoreLoops loops = Vectorization.loops();
    QueryChoice choice =
        new DiverseQueries(ScoredSelector.tokenFloats(context), most, ALIKE, loops);
    return new ScoredSelector(context, choice, loops);
  }
}
