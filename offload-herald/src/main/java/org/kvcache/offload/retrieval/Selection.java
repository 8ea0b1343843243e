package org.kvcache.offload.retrieval;

import org.kvcache.spi.SelectorContext;

/** The choice by scores: the sinks, then the pages with the highest scores. */
final class Selection {

  private final TopPages top = new TopPages();
  private final int sinkPages;
  private float mass = Float.NaN;

  Selection(SelectorContext context) {
    sinkPages = context.settings().sinkBlocks() * (context.blockTokens() / context.pageTokens());
  }

  /** Chooses among {@code pages} pages and returns how many were chosen, in rising order. */
  int choose(float[] scores, int pages, int count, int[] chosen) {
    int all = Math.min(count, pages);
    int sinks = Math.min(sinkPages, all);
    for (int i = 0; i < sinks; i++) {
      chosen[i] = i;
    }
    top.choose(scores, sinks, pages, all - sinks, chosen, sinks);
    mass = massOf(scores, chosen, all);
    return all;
  }

  /** The sum of the scores of the pages chosen last. */
  float mass() {
    return mass;
  }

  /** The sum of the scores of pages. */
  float massOf(float[] scores, int[] pages, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += scores[pages[i]];
    }
    return (float) Math.min(1, sum);
  }
}
