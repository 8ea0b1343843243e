package org.kvcache;

/**
 * The slots of one sequence in order, and the lease that pins them. Made by {@link
 * BlockManager#newTable}, used for one sequence after another. A table that is dropped without
 * being closed is found by the garbage collector and its pins are taken back.
 *
 * <p>One thread at a time. Closing twice does nothing. After that the table is empty and the
 * manager refuses it with an {@link IllegalStateException}.
 */
public interface BlockTable extends AutoCloseable {

  /** Blocks in the table. */
  int size();

  /** Leading blocks that were cached when the sequence began. */
  int matched();

  /** Leading blocks that are published. */
  int committed();

  /** The slot of block {@code index}. */
  int slot(int index);

  /** True if the block is published and so must not be written. */
  boolean isCommitted(int index);

  /** After {@link BlockManager#fork}: the slot to copy block {@code index} from, or -1. */
  int copySource(int index);

  /** Blocks evicted by the last call that took slots. */
  int evictions();

  /**
   * Blocks evicted by the last call that took slots which a lower tier should take over: their
   * bytes are still there until the engine writes the slot.
   */
  int demotions();

  /** The slot of demotion {@code index}. */
  int demotedSlot(int index);

  /** The keys of the demotions; the same object in every call. */
  BlockKeys demotedKeys();

  /** Ends the sequence, if one is open, and the table. */
  @Override
  void close();
}
