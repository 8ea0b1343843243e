package org.kvcache.offload.retrieval;

import org.kvcache.spi.PageSelector;
import org.kvcache.spi.PagedKv;
import org.kvcache.spi.SelectorContext;

/** Chooses the pages that the asked queries pay most attention to. */
final class ScoredSelector implements PageSelector {

  private final ScannedKeys keys;
  private final QueryChoice choice;
  private final AttentionScores attention;
  private final Selection selection;
  private final int tokenFloats;
  private final int pageTokens;

  ScoredSelector(SelectorContext context, QueryChoice choice, ScoreLoops loops) {
    this.choice = choice;
    keys = ScannedKeys.of(context);
    attention = new AttentionScores(context, keys, loops);
    selection = new Selection(context);
    tokenFloats = tokenFloats(context);
    pageTokens = context.pageTokens();
  }

  /** Floats of the queries of a token. */
  static int tokenFloats(SelectorContext context) {
    return context.groupSize() * context.codec().layout().headDim();
  }

  @Override
  public void add(PagedKv prefix, int from, int to) {
    keys.add(prefix, from, to);
  }

  @Override
  public void truncate(int blocks) {
    keys.truncate(blocks);
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
    float[] queries = Scratch.get().queries(queryTokens * tokenFloats);
    int asked = choice.ask(q, qOffset, qStride, queryTokens, queries);
    attention.score(prefix, tokens, queries, asked);
    return selection.choose(attention.scores(), tokens / pageTokens, count, chosen);
  }

  @Override
  public float mass() {
    return selection.mass();
  }

  @Override
  public float massOf(int[] pages, int count) {
    return selection.massOf(attention.scores(), pages, count);
  }
}
