package org.kvcache.sim.serving;

import java.util.Arrays;

/** The least of the numbers at a range of positions: a segment tree. */
final class EarliestTree {
  /** What an empty position, or a range of such, has. */
  static final int NONE = Integer.MAX_VALUE;

  private final int positions;
  private final int[] tree;

  EarliestTree(int positions) {
    this.positions = positions;
    tree = new int[2 * positions];
    Arrays.fill(tree, NONE);
  }

  void set(int position, int number) {
    int at = position + positions;
    tree[at] = number;
    for (at >>= 1; at >= 1; at >>= 1) {
      tree[at] = Math.min(tree[2 * at], tree[2 * at + 1]);
    }
  }

  /** The least from {@code from} to before {@code to}. */
  int least(int from, int to) {
    int least = NONE;
    int left = from + positions;
    int right = to + positions;
    for (; left < right; left >>= 1, right >>= 1) {
      if ((left & 1) == 1) {
        least = Math.min(least, tree[left++]);
      }
      if ((right & 1) == 1) {
        least = Math.min(least, tree[--right]);
      }
    }
    return least;
  }
}
