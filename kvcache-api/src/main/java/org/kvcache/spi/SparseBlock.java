package org.kvcache.spi;

import org.jspecify.annotations.Nullable;

/** One denoising block over chosen pages. Belongs to one thread at a time. */
public interface SparseBlock extends AutoCloseable {

  /**
   * Attention of all own rows of the block in one layer, as {@link
   * org.kvcache.DenoisingBlock#attend}; chooses first where nothing was chosen yet, or where the
   * retriever chooses on every step.
   */
  void attend(int layer, float[] q, int qOffset, float[] out, int outOffset);

  /**
   * The pass that chooses for the next block, or null if the settings have none.
   *
   * @param fresh the rows of the open block, of this block's draft, and of the next block: {@code
   *     lead + 2 · tokens}
   */
  @Nullable SparseAhead lookAhead(FreshKv fresh);

  /**
   * Ends the block.
   *
   * @param committed false if it was cancelled: what its look-ahead chose is dropped
   */
  void end(boolean committed);

  /** The same as {@code end(false)}; nothing if it has ended. */
  @Override
  default void close() {
    end(false);
  }
}
