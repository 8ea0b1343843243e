package org.kvcache.offload.retrieval;

import org.kvcache.spi.BlockRetriever;
import org.kvcache.spi.PageSelector;
import org.kvcache.spi.SelectorContext;

/**
 * {@code herald-mean}: as {@link HeraldRetriever}, but asks the mean of the queries of the block.
 */
public final class HeraldMeanRetriever implements BlockRetriever {

  /** Called by {@link java.util.ServiceLoader}. */
  public HeraldMeanRetriever() {}

  @Override
  public String name() {
    return "herald-mean";
  }

  @Override
  public String summary() {
    return "asks the mean of the queries of the block";
  }

  @Override
  public PageSelector selector(SelectorContext context) {
    ScoreLoops loops = Vectorization.loops();
    QueryChoice choice = new MeanQuery(ScoredSelector.tokenFloats(context), loops);
    return new ScoredSelector(context, choice, loops);
  }
}
