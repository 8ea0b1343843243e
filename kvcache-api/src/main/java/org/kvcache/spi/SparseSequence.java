package org.kvcache.spi;

/**
 * What a device holds of one sequence. The methods belong to the thread that owns the sequence;
 * blocks and look-aheads say which threads may use them.
 */
public interface SparseSequence extends AutoCloseable {

  /**
   * A block behind the full blocks of the prefix and {@code fresh.lead()} tokens. Takes over what
   * the look-ahead of the block before has chosen for it, if that was committed as it was expected.
   *
   * @param fresh its rows, and the committed ones of the open block before them
   */
  SparseBlock beginBlock(FreshKv fresh);

  /** The prefix has only {@code blocks} full blocks any more. */
  void truncate(int blocks);

  /** Gives up the device's memory. No call of a block or look-ahead may be under way. */
  @Override
  void close();
}
