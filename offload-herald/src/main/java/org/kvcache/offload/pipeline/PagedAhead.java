package org.kvcache.offload.pipeline;

import org.kvcache.spi.FreshKv;
import org.kvcache.spi.SparseAhead;

/** {@link SparseAhead}: chooses for the block behind a {@link PagedBlock}. */
final class PagedAhead implements SparseAhead {

  private final PagedSequence sequence;
  private final PagedBlock block;
  private final FreshKv fresh;
  private final int start;
  private final int selectable;
  private final int pages;
  private volatile boolean givenUp;

  PagedAhead(
      PagedSequence sequence,
      PagedBlock block,
      FreshKv fresh,
      int start,
      int selectable,
      int pages) {
    this.sequence = sequence;
    this.block = block;
    this.fresh = fresh;
    this.start = start;
    this.selectable = selectable;
    this.pages = pages;
  }

  boolean isFor(int nextStart, int tokens) {
    return start == nextStart && block.tokens() == tokens;
  }

  /**
   * Nobody waits for it any more; a layer under way is ended.
   *
   * @param used whether what it has chosen is used
   */
  void giveUp(boolean used) {
    givenUp = true;
    if (!used) {
      sequence.cache().counters().droppedLookAheads.increment();
    }
  }

  @Override
  public boolean attend(int layer, float[] q, int qOffset, float[] out, int outOffset) {
    LayerPages of = sequence.layer(layer);
    SequenceStream stream = sequence.aheadStream();
    PagedKvCache cache = sequence.cache();
    int tokens = block.tokens();
    int rowsOfDraft = fresh.lead() + tokens;
    int masked = tokens * cache.context().shape().queryDim();
    synchronized (of) {
      if (givenUp || !of.active.made) {
        return false;
      }
      stream.attend(
          layer, of.active, block.full(), fresh, rowsOfDraft, tokens, q, qOffset, out, outOffset);
      long began = System.nanoTime();
      of.release(of.next);
      if (block.readsHost(layer)) {
        of.next.selectable = selectable;
        of.next.host = true;
        of.next.made = true;
      } else {
        stream.choose(
            of,
            of.next,
            selectable,
            pages,
            sequence.slots(),
            q,
            qOffset + masked,
            tokens,
            block.compares());
        of.next.follow(sequence.tail(), block.full());
      }
      cache.counters().retrievalNanos.add(System.nanoTime() - began);
      cache.countHost(layer, of.next.host);
      stream.attend(
          layer,
          of.next,
          block.full(),
          fresh,
          fresh.rows(),
          tokens,
          q,
          qOffset + masked,
          out,
          outOffset + masked);
      return true;
    }
  }

  @Override
  public void close() {
    // What was chosen so far is used; the layers that are missing are chosen by the next block.
  }
}
