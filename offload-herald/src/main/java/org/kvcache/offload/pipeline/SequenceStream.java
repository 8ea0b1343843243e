package org.kvcache.offload.pipeline;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.kvcache.KvShape;
import org.kvcache.spi.FreshKv;
import org.kvcache.spi.PageSelector;
import org.kvcache.spi.PageStream;
import org.kvcache.spi.PrefixKv;

/**
 * One of the two streams of a sequence, that of its blocks or that of its look-aheads: chooses
 * pages of a layer, moves those that are missing, and attends. Belongs to one thread at a time.
 */
final class SequenceStream implements AutoCloseable {

  private final PagedKvCache cache;
  private final PrefixKv prefix;
  private final Budget budget;
  private final KvShape shape;
  private final PageStream device;
  private final HostAttention host;
  private final HeadTeam.Rounds team;
  private final HeadTeam.Task selection = this::select;

  // Pages to be moved, in the order of their staging.
  private int[] movedHeads = new int[64];
  private int[] movedSlots = new int[64];
  private int[] movedPages = new int[64];
  private int moved;

  // What select() works on, for each head.
  private LayerPages at;
  private LayerChoice choice;
  private float[] q = {};
  private int qOffset;
  private int queryTokens;
  private int count;
  private boolean compare;
  private final int[] found;
  private final double[] recalls;

  SequenceStream(PagedKvCache cache, PrefixKv prefix, Budget budget, LayerPages any) {
    this.cache = cache;
    this.prefix = prefix;
    this.budget = budget;
    shape = cache.context().shape();
    device = cache.pool().newStream();
    host = new HostAttention(cache.context(), prefix);
    team = cache.team().rounds(shape.kvHeads());
    found = new int[shape.kvHeads()];
    recalls = new double[shape.kvHeads()];
    at = any;
    choice = any.active;
  }

  /**
   * Chooses at most {@code pages} pages of the first {@code selectable} blocks for each head of a
   * layer, and brings them to the device. If that throws, nothing is chosen.
   *
   * @param slots of the sequence, by place
   * @param compared whether to compare the choice with the exact one
   */
  void choose(
      LayerPages layer,
      LayerChoice into,
      int selectable,
      int pages,
      int[] slots,
      float[] queries,
      int offset,
      int tokens,
      boolean compared) {
    RetrievalCounters counters = cache.counters();
    into.selectable = selectable;
    int there = selectable * cache.pagesPerBlock();
    for (HeadPages head : layer.heads) {
      head.reach(there);
    }
    if (there <= pages) {
      counters.wholeLayers.increment();
      takeAll(into, there);
    } else {
      at = layer;
      choice = into;
      q = queries;
      qOffset = offset;
      queryTokens = tokens;
      count = pages;
      compare = compared && layer.exact != null;
      try {
        team.run(selection);
        layer.known = Math.max(layer.known, selectable);
      } finally {
        layer.forgetFrom(layer.known); // of the heads that were done when another one failed
      }
      counters.chosenLayers.increment();
      counters.scannedKeys.add((long) selectable * cache.context().blockTokens() * shape.kvHeads());
      if (compare) {
        judge();
      }
    }
    bring(layer, into, slots);
  }

  private void takeAll(LayerChoice into, int pages) {
    for (int head = 0; head < into.pages.length; head++) {
      for (int page = 0; page < pages; page++) {
        into.pages[head][page] = page;
      }
      found[head] = pages;
    }
  }

  private void select(int head) {
    int blocks = choice.selectable;
    PrefixView view = at.views[head].look(at.layer, head, blocks, cache.nothing());
    PageSelector selector = at.selectors[head];
    if (at.known < blocks) {
      selector.add(view, at.known, blocks);
    }
    int tokens = blocks * cache.context().blockTokens();
    int from = qOffset + head * shape.groupSize() * shape.headDim();
    int stride = shape.queryDim();
    int[] into = choice.pages[head];
    found[head] = selector.select(view, tokens, q, from, stride, queryTokens, count, into);
    PageSelector[] exact = at.exact;
    if (exact != null) {
      if (at.known < blocks) {
        exact[head].add(view, at.known, blocks);
      }
      if (compare) {
        int[] best = new int[count];
        exact[head].select(view, tokens, q, from, stride, queryTokens, count, best);
        float most = exact[head].mass();
        recalls[head] = most > 0 ? exact[head].massOf(into, found[head]) / most : 1;
      }
    }
  }

  private void judge() {
    double mean = Arrays.stream(recalls).average().orElse(1);
    cache.counters().comparisons.increment();
    cache.counters().recalls.add(mean);
    budget.compared(mean);
  }

  /** Pins what was chosen, and moves what is missing. */
  private void bring(LayerPages layer, LayerChoice into, int[] slots) {
    RetrievalCounters counters = cache.counters();
    moved = 0;
    boolean there = false;
    try {
      for (int head = 0; head < layer.heads.length; head++) {
        HeadPages pages = layer.heads[head];
        counters.wantedPages.add(found[head]);
        for (int i = 0; i < found[head]; i++) {
          int page = into.pages[head][i];
          int slot = slots[pages.take(page)];
          into.slots[head][i] = slot;
          into.counts[head] = i + 1;
          if (pages.missed()) {
            note(head, page, slot);
          }
        }
      }
      counters.movedPages.add(moved);
      counters.movedBytes.add(moved * cache.gather().pageBytes());
      there = move(layer.layer);
    } finally {
      if (!there) {
        for (int i = 0; i < moved; i++) {
          layer.heads[movedHeads[i]].drop(movedPages[i]);
        }
        layer.release(into);
      }
    }
    into.made = true;
    into.host = !there;
  }

  private void note(int head, int page, int slot) {
    if (moved == movedHeads.length) {
      movedHeads = Arrays.copyOf(movedHeads, 2 * moved);
      movedSlots = Arrays.copyOf(movedSlots, 2 * moved);
      movedPages = Arrays.copyOf(movedPages, 2 * moved);
    }
    movedHeads[moved] = head;
    movedPages[moved] = page;
    movedSlots[moved] = slot;
    moved++;
  }

  /** Moves blocks {@code [from, to)} that the tail lacks, in one layer. */
  boolean moveTail(int layer, TailSlots tail, int from, int to) {
    moved = 0;
    for (int head = 0; head < shape.kvHeads(); head++) {
      for (int block = from; block < to; block++) {
        if (!tail.holds(block)) {
          for (int page = 0; page < cache.pagesPerBlock(); page++) {
            note(head, block * cache.pagesPerBlock() + page, tail.slot(block, page));
          }
        }
      }
    }
    cache.counters().tailBytes.add(moved * cache.gather().pageBytes());
    return move(layer);
  }

  /** Moves what was noted, twice if need be; false if it is not there. */
  private boolean move(int layer) {
    if (moved == 0) {
      return true;
    }
    if (tryToMove(layer)) {
      return true;
    }
    cache.counters().repeatedReads.increment();
    return tryToMove(layer);
  }

  private boolean tryToMove(int layer) {
    try {
      PageGather gather = cache.gather();
      MemorySegment staging = device.staging(moved);
      for (int i = 0; i < moved; i++) {
        int block = movedPages[i] / cache.pagesPerBlock();
        int index = movedPages[i] - block * cache.pagesPerBlock();
        long from = prefix.block(layer, movedHeads[i], block);
        gather.copy(prefix.memory(), from, index, staging, i * gather.pageBytes());
      }
      device.upload(layer, movedHeads, movedSlots, moved);
      return device.finish();
    } catch (RuntimeException e) {
      return cache.transferFailed(e);
    }
  }

  /** Attention of {@code tokens} queries to a choice, the tail and {@code rows} fresh rows. */
  void attend(
      int layer,
      LayerChoice to,
      int full,
      FreshKv fresh,
      int rows,
      int tokens,
      float[] queries,
      int offset,
      float[] out,
      int outOffset) {
    if (to.host) {
      host.attend(layer, full, fresh, rows, tokens, queries, offset, out, outOffset);
    } else {
      device.attend(
          layer, to.slots, to.slotCounts, fresh, rows, tokens, queries, offset, out, outOffset);
    }
  }

  @Override
  public void close() {
    device.close();
  }
}
