package org.kvcache.offload.pipeline;

import java.util.Arrays;

/** Slots that hold the last committed blocks, as a ring by block. */
final class TailSlots {

  private static final int NONE = -1;

  private final int pagesPerBlock;
  private int[] slots = {};
  private int[] blockAt = {};

  TailSlots(int pagesPerBlock) {
    this.pagesPerBlock = pagesPerBlock;
  }

  /** Blocks that fit. */
  int blocks() {
    return blockAt.length;
  }

  /** Takes these slots; nothing is in them. */
  void use(int[] ofBlocks) {
    slots = ofBlocks;
    blockAt = new int[ofBlocks.length / pagesPerBlock];
    Arrays.fill(blockAt, NONE);
  }

  boolean holds(int block) {
    return blockAt[block % blockAt.length] == block;
  }

  /** Blocks {@code [from, to)} are about to be moved: what is in the way of them is not there. */
  void clear(int from, int to) {
    for (int block = from; block < to; block++) {
      if (!holds(block)) {
        blockAt[block % blockAt.length] = NONE;
      }
    }
  }

  /** The block is there. */
  void put(int block) {
    blockAt[block % blockAt.length] = block;
  }

  /** The slot of a page of a block. */
  int slot(int block, int page) {
    return slots[block % blockAt.length * pagesPerBlock + page];
  }

  /** Blocks from {@code block} on are not there any more. */
  void truncate(int block) {
    for (int i = 0; i < blockAt.length; i++) {
      if (blockAt[i] >= block) {
        blockAt[i] = NONE;
      }
    }
  }

  /** Writes the slots of blocks {@code [from, to)} behind {@code count} others; returns all. */
  int list(int from, int to, int[] into, int count) {
    int at = count;
    for (int block = from; block < to; block++) {
      for (int page = 0; page < pagesPerBlock; page++) {
        into[at++] = slot(block, page);
      }
    }
    return at;
  }
}
