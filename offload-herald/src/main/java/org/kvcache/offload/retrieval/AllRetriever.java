package org.kvcache.offload.retrieval;

import org.kvcache.spi.BlockRetriever;
import org.kvcache.spi.PageSelector;
import org.kvcache.spi.SelectorContext;

/** {@code all}: every page. For comparisons; the budget has to be all of the prefix. */
public final class AllRetriever implements BlockRetriever {

  /** Called by {@link java.util.ServiceLoader}. */
  public AllRetriever() {}

  @Override
  public String name() {
    return "all";
  }

  @Override
  public String summary() {
    return "sees everything; needs a budget of 1";
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the budget is less than everything
   */
  @Override
  public PageSelector selector(SelectorContext context) {
    double budget = context.settings().budget();
    if (budget < 1) {
      throw new IllegalArgumentException(
          "retriever 'all' sees everything, but the retrieval budget is %s; set it to 1"
              .formatted(budget));
    }
    // No sinks: the last pages, and there are no others.
    return new WindowSelector(context.pageTokens(), 0);
  }
}
