package org.kvcache.sim.trace;

import java.util.Arrays;

/**
 * Exact LRU stack distances: how many other blocks were referenced since a block's last reference.
 * An LRU cache of more blocks than the distance hits.
 */
final class StackDistance {
  /*
   * Every seen block has one mark, at the position of its last reference; its distance is the
   * number of marks behind that position (Mattson et al. 1970, with the tree of Bennett and Kruskal
   * 1975). Marks are bits, and the Fenwick tree counts them per 64-bit word, which keeps it in
   * cache. Positions only grow; when they run out, the marks are pushed together in order. At least
   * half of the positions are free after that, so the cost is amortised and memory is O(unique
   * blocks).
   */
  private static final int UNSEEN = -1;

  private final int[] lastPosition;
  private long[] marks;
  private int[] tree;
  private int clock;
  private int seen;

  StackDistance(int uniqueBlocks) {
    lastPosition = new int[uniqueBlocks];
    Arrays.fill(lastPosition, UNSEEN);
    // Twice the blocks and one chain more, in whole words; at most 2^31 positions.
    long positions = Math.min(2L * uniqueBlocks + 1024, Integer.MAX_VALUE - 63L);
    int words = (int) (positions >>> 6);
    marks = new long[words];
    tree = new int[words + 1];
  }

  /** References a block; its distance, or -1 for the first reference. */
  int reference(int block) {
    if (clock == marks.length << 6) {
      compact();
    }
    int last = lastPosition[block];
    int distance = UNSEEN;
    if (last == UNSEEN) {
      seen++;
    } else {
      distance = seen - marksUpTo(last);
      flip(last, -1);
    }
    lastPosition[block] = clock;
    flip(clock++, 1);
    return distance;
  }

  /** Marks at positions up to and including {@code position}. */
  private int marksUpTo(int position) {
    int word = position >>> 6;
    int sum = Long.bitCount(marks[word] << (63 - (position & 63)));
    for (int i = word; i > 0; i &= i - 1) {
      sum += tree[i];
    }
    return sum;
  }

  private void flip(int position, int change) {
    int word = position >>> 6;
    marks[word] ^= 1L << (position & 63);
    int[] counts = tree;
    for (int i = word + 1; i < counts.length; i += i & -i) {
      counts[i] += change;
    }
  }

  private void compact() {
    int[] before = new int[marks.length];
    for (int word = 1; word < before.length; word++) {
      before[word] = before[word - 1] + Long.bitCount(marks[word - 1]);
    }
    for (int block = 0; block < lastPosition.length; block++) {
      int last = lastPosition[block];
      if (last != UNSEEN) {
        long below = marks[last >>> 6] & ((1L << (last & 63)) - 1);
        lastPosition[block] = before[last >>> 6] + Long.bitCount(below);
      }
    }
    clock = seen;
    rebuild();
  }

  /** Marks the first {@link #clock} positions. */
  private void rebuild() {
    Arrays.fill(marks, 0);
    Arrays.fill(marks, 0, clock >>> 6, -1L);
    if ((clock & 63) != 0) {
      marks[clock >>> 6] = (1L << (clock & 63)) - 1;
    }
    Arrays.fill(tree, 0);
    for (int i = 1; i < tree.length; i++) {
      tree[i] += Long.bitCount(marks[i - 1]);
      int above = i + (i & -i);
      if (above < tree.length) {
        tree[above] += tree[i];
      }
    }
  }
}
