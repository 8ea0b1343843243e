package org.kvcache.bench.diffusion;

import org.jspecify.annotations.Nullable;

/** K and V of one sequence, block after block. Belongs to one thread. */
public interface BlockKv {

  /** Tokens committed so far. */
  int length();

  /**
   * Opens the next block of a prompt, which one pass writes. It sees all committed tokens, even if
   * later blocks do not.
   */
  OpenBlock beginPrompt(int tokens);

  /** Opens the next block to be denoised, of as many tokens; one at a time. */
  OpenBlock begin(int tokens);

  /**
   * The block at hand: its tokens see the committed ones, or those that matter, and each other.
   * Closing it without a commit drops it.
   */
  interface OpenBlock extends BlockAttention, AutoCloseable {

    /**
     * Opens what prepares the next block while this one is denoised: a pass of twice as many
     * tokens, a draft of this block and then the next block all masked, which may run on another
     * thread. Null if nothing is to be prepared.
     */
    @Nullable LookAhead lookAhead();

    /** K and V as they were written last are those of these tokens, and stay. */
    void commit(int[] tokens);

    @Override
    void close();
  }

  /** Attention of a pass that prepares the next block. Belongs to one thread. */
  interface LookAhead extends BlockAttention, AutoCloseable {

    @Override
    void close();
  }
}
