package org.kvcache.cache;

import java.lang.foreign.MemorySegment;

/** Where the blocks of one sequence are. */
interface Blocks {

  /** The frame of block {@code index}. */
  int frame(int index);

  /** Leading tokens that are encoded; those behind are staged. */
  int encodedTokens();

  /** The staged rows of block {@code index}. */
  MemorySegment staged(int index);

  /** Offset in {@link #staged} of the K of a row of one head. */
  long stagedKey(int layer, int kvHead, int row);

  /** The same for V. */
  long stagedValue(int layer, int kvHead, int row);
}
