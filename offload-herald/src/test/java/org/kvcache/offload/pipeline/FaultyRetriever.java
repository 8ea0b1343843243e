package org.kvcache.offload.pipeline;

import java.util.function.Consumer;
import org.kvcache.spi.BlockRetriever;
import org.kvcache.spi.PageSelector;
import org.kvcache.spi.PagedKv;
import org.kvcache.spi.SelectorContext;

/** The retriever {@code exact}, before each of whose choices something may happen. */
public final class FaultyRetriever implements BlockRetriever {

  private static final Consumer<Integer> NOTHING = tokens -> {};

  /** Told how many tokens are to be chosen from. */
  static volatile Consumer<Integer> before = NOTHING;

  static void heal() {
    before = NOTHING;
  }

  @Override
  public String name() {
    return "faulty";
  }

  @Override
  public String summary() {
    return "for tests";
  }

  @Override
  public PageSelector selector(SelectorContext context) {
    return new Selector(BlockRetriever.named("exact").selector(context));
  }

  private record Selector(PageSelector exact) implements PageSelector {
    @Override
    public void add(PagedKv prefix, int from, int to) {
      exact.add(prefix, from, to);
    }

    @Override
    public void truncate(int blocks) {
      exact.truncate(blocks);
    }

    @Override
    public int select(
        PagedKv prefix,
        int tokens,
        float[] q,
        int qOffset,
        int qStride,
        int queryTokens,
        int count,
        int[] chosen) {
      before.accept(tokens);
      return exact.select(prefix, tokens, q, qOffset, qStride, queryTokens, count, chosen);
    }

    @Override
    public float mass() {
      return exact.mass();
    }

    @Override
    public float massOf(int[] pages, int count) {
      return exact.massOf(pages, count);
    }
  }
}
