package org.kvcache.offload.retrieval;

import org.kvcache.spi.BlockRetriever;
import org.kvcache.spi.PageSelector;
import org.kvcache.spi.SelectorContext;

/**
 * {@code herald}: the pages that a few [MASK] queries, spread over the block, pay most attention to
 * (HERALD, arXiv 2606.21633, with one query).
 */
public final class HeraldRetriever implements BlockRetriever {

  /** Called by {@link java.util.ServiceLoader}. */
  public HeraldRetriever() {}

  @Override
  public String name() {
    return "herald";
  }

  @Override
  public String summary() {
    return "asks a few [MASK] queries spread over the block (HERALD, arXiv 2606.21633)";
  }

  @Override
  public PageSelector selector(SelectorContext context) {
    ScoreLoops loops = Vectorization.loops();
    QueryChoice choice =
        new SpreadQueries(ScoredSelector.tokenFloats(context), context.settings().queries());
    return new ScoredSelector(context, choice, loops);
  }
}
