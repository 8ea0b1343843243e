package org.kvcache.bench.herald;

import org.kvcache.bench.diffusion.LookUpTask;

/** How much a block may see, counted as the cache does. */
final class SetSize {

  /** Tokens that are always affordable: a page and the last block. */
  static final int LEAST = 2 * LookUpTask.BLOCK;

  private SetSize() {}

  /** Pages that may be chosen behind {@code tokens} committed ones, the last block not counted. */
  static int pages(double budget, int tokens, int pageTokens) {
    long seen = Math.max(LEAST, Math.round(budget * tokens));
    return (int) Math.max(1, Math.round((double) (seen - LookUpTask.BLOCK) / pageTokens));
  }
}
