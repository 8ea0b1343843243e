package org.kvcache.sim.trace;

import java.util.Arrays;

/**
 * A growing prompt. Full blocks keep their ids from turn to turn; the block at the end that is not
 * yet full has another content each turn, hence another id.
 */
final class Conversation {
  private final int blockTokens;
  private final IdSource ids;
  private long[] blocks = new long[16];
  private int full;
  private int tokens;

  /** Starts on the full blocks of a shared prompt whose ids run from {@code sharedStart}. */
  Conversation(int blockTokens, IdSource ids, long sharedStart, int sharedTokens) {
    this.blockTokens = blockTokens;
    this.ids = ids;
    tokens = sharedTokens;
    full = sharedTokens / blockTokens;
    ensureRoom(full);
    for (int i = 0; i < full; i++) {
      blocks[i] = sharedStart + i;
    }
  }

  /** Length in tokens. */
  int tokens() {
    return tokens;
  }

  /** Adds tokens of this conversation's own. */
  void append(int more) {
    tokens = (int) Math.min((long) tokens + more, (long) Request.MAX_IDS * blockTokens / 2);
    tokens = Math.min(tokens, 1 << 30);
    int target = tokens / blockTokens;
    ensureRoom(target);
    while (full < target) {
      blocks[full++] = ids.next();
    }
  }

  /** Makes the conversation so far the prompt, with the unfinished block if {@code partial}. */
  void fill(Request into, boolean partial) {
    into.inputTokens = tokens;
    into.addAll(blocks, full);
    if (partial && tokens % blockTokens != 0) {
      into.addId(ids.next());
    }
  }

  private void ensureRoom(int needed) {
    if (needed > blocks.length) {
      blocks = Arrays.copyOf(blocks, Math.max(needed, blocks.length * 2));
    }
  }
}
