package org.kvcache.offload.pipeline;

import org.jspecify.annotations.Nullable;
import org.kvcache.spi.PageSelector;

/**
 * One layer of one sequence: what is on the device, who chooses, what the present block sees and
 * what the next one will. The monitor guards all of it, but that the thread of the present block
 * reads {@link #active}, which nobody else writes, without.
 */
final class LayerPages {

  final int layer;
  final HeadPages[] heads;
  final PageSelector[] selectors;
  final PageSelector @Nullable [] exact;
  final PrefixView[] views;

  /** Blocks that the selectors know. */
  int known;

  LayerChoice active;
  LayerChoice next;

  LayerPages(
      int layer,
      HeadPages[] heads,
      PageSelector[] selectors,
      PageSelector @Nullable [] exact,
      PrefixView[] views) {
    this.layer = layer;
    this.heads = heads;
    this.selectors = selectors;
    this.exact = exact;
    this.views = views;
    active = new LayerChoice(heads.length);
    next = new LayerChoice(heads.length);
  }

  /** The next block's choice is the present one's now. */
  void swap() {
    LayerChoice choice = active;
    active = next;
    next = choice;
  }

  /** Unpins what was chosen. */
  void release(LayerChoice choice) {
    for (int head = 0; head < heads.length; head++) {
      for (int i = 0; i < choice.counts[head]; i++) {
        heads[head].release(choice.pages[head][i]);
      }
    }
    choice.clear();
  }

  /** Blocks from {@code blocks} on are gone. */
  void truncate(int blocks, int pagesPerBlock) {
    release(active);
    release(next);
    if (known > blocks) {
      known = blocks;
      forgetFrom(blocks);
    }
    for (HeadPages pages : heads) {
      pages.truncate(blocks * pagesPerBlock);
    }
  }

  /** The selectors know no blocks from {@code blocks} on. */
  void forgetFrom(int blocks) {
    for (int head = 0; head < heads.length; head++) {
      selectors[head].truncate(blocks);
      if (exact != null) {
        exact[head].truncate(blocks);
      }
    }
  }
}
