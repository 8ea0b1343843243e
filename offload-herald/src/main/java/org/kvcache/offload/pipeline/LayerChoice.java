package org.kvcache.offload.pipeline;

import java.util.Arrays;

/**
 * What the queries of a block see of the prefix in one layer: pages by KV head, and the slots where
 * they are. The slots of the last committed blocks are listed behind those of the chosen pages.
 */
final class LayerChoice {

  final int[][] pages;
  final int[] counts;
  final int[][] slots;
  final int[] slotCounts;

  /** Leading blocks that could be chosen from; those behind are seen anyway. */
  int selectable;

  /** False until somebody has chosen. */
  boolean made;

  /** The whole prefix is read in host memory instead. */
  boolean host;

  LayerChoice(int kvHeads) {
    pages = new int[kvHeads][0];
    counts = new int[kvHeads];
    slots = new int[kvHeads][0];
    slotCounts = new int[kvHeads];
  }

  /** Room for so many pages of each head, and for slots behind them. */
  void reach(int mostPages, int tailSlots) {
    if (pages[0].length < mostPages || slots[0].length < mostPages + tailSlots) {
      for (int head = 0; head < pages.length; head++) {
        pages[head] = Arrays.copyOf(pages[head], mostPages);
        slots[head] = Arrays.copyOf(slots[head], mostPages + tailSlots);
      }
    }
  }

  /** Lists the slots of the tail behind those of the chosen pages. */
  void follow(TailSlots tail, int full) {
    for (int head = 0; head < slots.length; head++) {
      slotCounts[head] = tail.list(selectable, full, slots[head], counts[head]);
    }
  }

  /** Nothing is chosen any more. */
  void clear() {
    Arrays.fill(counts, 0);
    Arrays.fill(slotCounts, 0);
    made = false;
    host = false;
  }
}
