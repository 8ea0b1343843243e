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

  /** The layout of staged rows. */
  StagedRows stagedRows();
}
