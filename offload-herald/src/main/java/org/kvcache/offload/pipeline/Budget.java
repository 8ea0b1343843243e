package org.kvcache.offload.pipeline;

import org.kvcache.Retrieval;

/** How many pages a block of one sequence may choose; grows when too much attention is missed. */
final class Budget {

  private static final double RAISE = 1.25;
  private static final double MOST = 4;

  private final Retrieval settings;
  private final int blockTokens;
  private final int pageTokens;
  private double factor = 1;
  private double recalls;
  private int compared;

  Budget(Retrieval settings, int blockTokens, int pageTokens) {
    this.settings = settings;
    this.blockTokens = blockTokens;
    this.pageTokens = pageTokens;
  }

  /** Pages of each layer and head behind {@code tokens} committed ones, the tail not counted. */
  int pages(int tokens) {
    double share = Math.min(1, settings.budget() * factor) * tokens;
    long seen = Math.max(settings.minTokens(), Math.round(share));
    long chosen = seen - (long) settings.tailBlocks() * blockTokens;
    long pages = Math.min(Math.round((double) chosen / pageTokens), tokens / pageTokens);
    return (int) Math.max(1, pages);
  }

  /** A choice kept this share of the exact one's attention. */
  synchronized void compared(double recall) {
    recalls += recall;
    compared++;
  }

  /** The block is over; true if the budget grows since its choices missed too much. */
  synchronized boolean judge() {
    boolean poor = compared > 0 && recalls / compared < settings.recallFloor() && factor < MOST;
    if (poor) {
      factor = Math.min(MOST, factor * RAISE);
    }
    recalls = 0;
    compared = 0;
    return poor;
  }
}
