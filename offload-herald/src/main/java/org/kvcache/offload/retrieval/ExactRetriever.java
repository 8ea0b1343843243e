package org.kvcache.offload.retrieval;

import org.kvcache.spi.BlockRetriever;
import org.kvcache.spi.PageSelector;
import org.kvcache.spi.SelectorContext;

/**
 * {@code exact}: the pages that the queries of a block pay most attention to, once for each block,
 * all of them asked.
 */
public final class ExactRetriever implements BlockRetriever {

  /** Called by {@link java.util.ServiceLoader}. */
  public ExactRetriever() {}

  @Override
  public String name() {
    return "exact";
  }

  @Override
  public String summary() {
    return "asks every query of a block once (MAGE, arXiv 2602.14209)";
  }

  @Override
  public PageSelector selector(SelectorContext context) {
    ScoreLoops loops = Vectorization.loops();
    QueryChoice choice = new AllQueries(ScoredSelector.tokenFloats(context));
    return new ScoredSelector(context, choice, loops);
  }
}
