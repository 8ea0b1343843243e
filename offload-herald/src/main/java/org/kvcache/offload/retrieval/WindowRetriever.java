package org.kvcache.offload.retrieval;

import org.kvcache.spi.BlockRetriever;
import org.kvcache.spi.PageSelector;
import org.kvcache.spi.SelectorContext;

/**
 * {@code window}: the first pages and the last, without a look at the queries (StreamingLLM, arXiv
 * 2309.17453). The first block is always one of them.
 */
public final class WindowRetriever implements BlockRetriever {

  /** Called by {@link java.util.ServiceLoader}. */
  public WindowRetriever() {}

  @Override
  public String name() {
    return "window";
  }

  @Override
  public String summary() {
    return "sees the first block and the last ones (StreamingLLM, arXiv 2309.17453)";
  }

  @Override
  public PageSelector selector(SelectorContext context) {
    int sinkBlocks = Math.max(1, context.settings().sinkBlocks());
    int blockPages = context.blockTokens() / context.pageTokens();
    return new WindowSelector(context.pageTokens(), sinkBlocks * blockPages);
  }
}
