package org.kvcache.offload.pipeline;

import org.jspecify.annotations.Nullable;
import org.kvcache.spi.FreshKv;
import org.kvcache.spi.SparseAhead;
import org.kvcache.spi.SparseBlock;

/** {@link SparseBlock} over the slots of a {@link PagedSequence}. */
final class PagedBlock implements SparseBlock {

  private final PagedSequence sequence;
  private final FreshKv fresh;
  private final int start;
  private final int tokens;
  private final int full;
  private final int selectable;
  private final int pages;
  private final boolean @Nullable [] tailThere;
  private final boolean compare;
  private boolean ended;

  /**
   * A block.
   *
   * @param full blocks of the prefix
   * @param selectable of these, which may be chosen from
   * @param pages of each choice
   * @param tailThere layers that have the tail on the device; null if the device has no room
   * @param compare whether to compare choices with exact ones
   */
  PagedBlock(
      PagedSequence sequence,
      FreshKv fresh,
      int start,
      int tokens,
      int full,
      int selectable,
      int pages,
      boolean @Nullable [] tailThere,
      boolean compare) {
    this.sequence = sequence;
    this.fresh = fresh;
    this.start = start;
    this.tokens = tokens;
    this.full = full;
    this.selectable = selectable;
    this.pages = pages;
    this.tailThere = tailThere;
    this.compare = compare;
  }

  int start() {
    return start;
  }

  int tokens() {
    return tokens;
  }

  int full() {
    return full;
  }

  boolean hasRoom() {
    return tailThere != null;
  }

  boolean compares() {
    return compare;
  }

  /** Whether the layer reads its whole prefix in host memory. */
  boolean readsHost(int layer) {
    PagedKvCache cache = sequence.cache();
    if (layer < cache.context().settings().denseLayers()) {
      return true;
    }
    return tailThere == null || !tailThere[layer];
  }

  @Override
  public void attend(int layer, float[] q, int qOffset, float[] out, int outOffset) {
    LayerPages of = sequence.layer(layer);
    PagedKvCache cache = sequence.cache();
    if (!of.active.made || cache.choosesEveryStep()) {
      long began = System.nanoTime();
      synchronized (of) {
        of.release(of.active);
        if (readsHost(layer)) {
          of.active.host = true;
          of.active.made = true;
        } else {
          sequence
              .blockStream()
              .choose(
                  of, of.active, selectable, pages, sequence.slots(), q, qOffset, tokens, compare);
          of.active.follow(sequence.tail(), full);
        }
      }
      cache.counters().waitNanos.add(System.nanoTime() - began);
      cache.countHost(layer, of.active.host);
    }
    sequence
        .blockStream()
        .attend(layer, of.active, full, fresh, fresh.rows(), tokens, q, qOffset, out, outOffset);
  }

  @Override
  public @Nullable SparseAhead lookAhead(FreshKv rows) {
    return sequence.cache().looksAhead() ? sequence.lookAhead(this, rows) : null;
  }

  @Override
  public void end(boolean committed) {
    if (!ended) {
      ended = true;
      sequence.ended(committed);
    }
  }
}
