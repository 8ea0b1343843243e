package org.kvcache.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which layers of which uncommitted tokens have been appended, a bit each. Appends of distinct
 * (layer, token) may mark in parallel; the rest belongs to the sequence's thread.
 */
final class WrittenRows {

  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

  private final int blockTokens;
  private final int layers;
  private final int rowWords;
  private long[] @Nullable [] blocks = new long[8][];
  private int end; // no block from here on is kept

  // Words of closed blocks, for the next ones.
  private long[] @Nullable [] free = new long[4][];
  private int freeCount;

  WrittenRows(int blockTokens, int layers) {
    this.blockTokens = blockTokens;
    this.layers = layers;
    rowWords = (layers + Long.SIZE - 1) / Long.SIZE;
  }

  /** Begins to keep block {@code block}; no append runs meanwhile that reaches this block. */
  void open(int block) {
    if (block >= blocks.length) {
      long[] @Nullable [] more = Arrays.copyOf(blocks, Math.max(block + 1, 2 * blocks.length));
      VarHandle.releaseFence(); // appends of other threads to blocks kept before may see it
      blocks = more;
    }
    long[] words = freeCount == 0 ? null : free[--freeCount];
    if (words == null) {
      words = new long[blockTokens * rowWords];
    } else {
      Arrays.fill(words, 0);
    }
    blocks[block] = words;
    end = Math.max(end, block + 1);
  }

  /** Forgets blocks {@code [from, to)}. */
  void close(int from, int to) {
    for (int block = from; block < Math.min(to, end); block++) {
      long[] words = blocks[block];
      blocks[block] = null;
      if (words != null && freeCount < free.length) {
        free[freeCount++] = words;
      }
    }
    if (to >= end) {
      end = Math.min(end, from);
    }
  }

  void mark(int layer, int position) {
    long[] words = blocks[position / blockTokens];
    if (words != null) {
      int word = position % blockTokens * rowWords + (layer >>> 6);
      WORDS.getAndBitwiseOr(words, word, 1L << layer);
    }
  }

  boolean isMarked(int layer, int position) {
    int block = position / blockTokens;
    long[] words = block < blocks.length ? blocks[block] : null;
    return words != null
        && (words[position % blockTokens * rowWords + (layer >>> 6)] & (1L << layer)) != 0;
  }

  /** The first layer of a token that was not appended, or -1. */
  int missingLayer(int position) {
    for (int layer = 0; layer < layers; layer++) {
      if (!isMarked(layer, position)) {
        return layer;
      }
    }
    return -1;
  }

  /** Unmarks the tokens from {@code position} on. */
  void clearFrom(int position) {
    for (int block = position / blockTokens; block < end; block++) {
      long[] words = blocks[block];
      if (words != null) {
        int row = Math.max(0, position - block * blockTokens);
        Arrays.fill(words, row * rowWords, words.length, 0);
      }
    }
  }
}
