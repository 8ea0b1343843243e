package org.kvcache.offload.retrieval;

import org.kvcache.spi.BlockRetriever;
import org.kvcache.spi.PageSelector;
import org.kvcache.spi.SelectorContext;

/**
 * {@code exact-step}: the same as {@link ExactRetriever} on every denoising step. The yardstick of
 * the others.
 */
public final class ExactStepRetriever implements BlockRetriever {

  /** Called by {@link java.util.ServiceLoader}. */
  public ExactStepRetriever() {}

  @Override
  public String name() {
    return "exact-step";
  }

  @Override
  public String summary() {
    return "asks every query on every denoising step; the yardstick";
  }

  @Override
  public boolean everyStep() {
    return true;
  }

  @Override
  public PageSelector selector(SelectorContext context) {
    ScoreLoops loops = Vectorization.loops();
    QueryChoice choice = new AllQueries(ScoredSelector.tokenFloats(context));
    return new ScoredSelector(context, choice, loops);
  }
}
