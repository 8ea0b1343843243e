package org.kvcache.offload.retrieval;

import org.kvcache.spi.BlockRetriever;
import org.kvcache.spi.PageSelector;
import org.kvcache.spi.SelectorContext;

/**
 * {@code quest}: the blocks that could hold the greatest logit, by bounds of their keys (Quest,
 * arXiv 2406.10774).
 */
public final class QuestRetriever implements BlockRetriever {

  /** Called by {@link java.util.ServiceLoader}. */
  public QuestRetriever() {}

  @Override
  public String name() {
    return "quest";
  }

  @Override
  public String summary() {
    return "bounds the logits of a block by the ranges of its keys (Quest, arXiv 2406.10774)";
  }

  @Override
  public PageSelector selector(SelectorContext context) {
    return new QuestSelector(context, Vectorization.loops());
  }
}
