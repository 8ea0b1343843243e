package org.kvcache.offload.pipeline;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.kvcache.Retrieval;
import org.kvcache.spi.FreshKv;
import org.kvcache.spi.PrefixKv;
import org.kvcache.spi.SparseBlock;
import org.kvcache.spi.SparseSequence;

/**
 * What the device holds of one sequence: slots, of which each layer and head has its own use, the
 * last committed blocks, and the choices for the present block and the next. The choices share the
 * slots, so that pages in both are moved once.
 */
final class PagedSequence implements SparseSequence {

  /** Room for a prefix to grow before slots are taken again. */
  private static final double AMPLE = 1.25;

  private final PagedKvCache cache;
  private final Retrieval settings;
  private final PrefixKv prefix;
  private final Budget budget;
  private final LayerPages[] layers;
  private final SequenceStream blockStream;
  private final SequenceStream aheadStream;
  private final TailSlots tail;
  private int[] slots = {};
  private int[] tailSlots = {};
  private @Nullable PagedAhead ahead;
  private int blocks;
  private boolean closed;

  PagedSequence(PagedKvCache cache, PrefixKv prefix) {
    this.cache = cache;
    this.prefix = prefix;
    settings = cache.context().settings();
    budget = new Budget(settings, cache.context().blockTokens(), cache.gather().pageTokens());
    layers = new LayerPages[cache.context().shape().layers()];
    Arrays.setAll(layers, layer -> cache.newLayer(layer, prefix));
    tail = new TailSlots(cache.pagesPerBlock());
    blockStream = new SequenceStream(cache, prefix, budget, layers[0]);
    aheadStream = new SequenceStream(cache, prefix, budget, layers[0]);
  }

  @Override
  public SparseBlock beginBlock(FreshKv fresh) {
    long began = System.nanoTime();
    int full = prefix.blocks();
    int tokens = fresh.rows() - fresh.lead();
    int start = full * cache.context().blockTokens() + fresh.lead();
    PagedAhead before = ahead;
    ahead = null;
    boolean adopt = before != null && before.isFor(start, tokens);
    if (before != null) {
      before.giveUp(adopt);
    }
    for (LayerPages layer : layers) {
      synchronized (layer) { // waits for a look-ahead's layer under way, which uses the slots
        layer.release(layer.active);
      }
    }
    int pages = budget.pages(start);
    boolean fits = reserve(pages, start, tokens);
    int selectable = Math.max(0, full - settings.tailBlocks());
    int seenFrom = selectable;
    for (LayerPages layer : layers) {
      synchronized (layer) {
        if (adopt && fits && layer.next.made) {
          layer.swap();
          cache.counters().aheadLayers.increment();
          seenFrom = Math.min(seenFrom, layer.active.selectable);
        } else {
          layer.release(layer.next);
        }
      }
    }
    boolean[] tailThere = fits ? bringTail(seenFrom, full) : new boolean[layers.length];
    for (LayerPages layer : layers) {
      if (layer.active.made) {
        if (!tailThere[layer.layer] && !layer.active.host) {
          layer.active.host = true;
          cache.countHost(layer.layer, true);
        }
        layer.active.follow(tail, full);
      }
    }
    cache.counters().waitNanos.add(System.nanoTime() - began);
    boolean compare = settings.recallEvery() > 0 && blocks % settings.recallEvery() == 0;
    blocks++;
    return new PagedBlock(
        this, fresh, start, tokens, full, selectable, pages, fits ? tailThere : null, compare);
  }

  /**
   * Takes the slots for choices of so many pages behind {@code length} tokens, and for the tail of
   * blocks of {@code tokens}; false if the device has no room.
   */
  private boolean reserve(int pages, int length, int tokens) {
    int tailBlocks =
        settings.tailBlocks() + Math.ceilDiv(tokens, cache.context().blockTokens()) + 1;
    if (tail.blocks() < tailBlocks) {
      int[] more = cache.account().take(tailBlocks * cache.pagesPerBlock());
      if (more == null) {
        return false;
      }
      cache.account().give(tailSlots);
      tailSlots = more;
      tail.use(more);
    }
    int most = length / cache.gather().pageTokens();
    int places = places(pages, most);
    if (slots.length < places) {
      int ample = places(Math.round(pages * AMPLE), Math.round(most * AMPLE));
      int[] more = cache.account().take(ample - slots.length);
      if (more == null) {
        more = cache.account().take(places - slots.length);
      }
      if (more == null) {
        return false;
      }
      int from = slots.length;
      slots = Arrays.copyOf(slots, from + more.length);
      System.arraycopy(more, 0, slots, from, more.length);
      for (LayerPages layer : layers) {
        synchronized (layer) {
          for (HeadPages head : layer.heads) {
            head.grow(slots.length);
          }
        }
      }
    }
    for (LayerPages layer : layers) {
      synchronized (layer) {
        layer.active.reach(pages, tailSlots.length);
        layer.next.reach(pages, tailSlots.length);
      }
    }
    return true;
  }

  /**
   * Slots for the present choice, the next one if there is one, and what may come back; no more
   * than there are pages.
   */
  private int places(long pages, long most) {
    double choices = (settings.lookAhead() ? 2 : 1) + settings.slack();
    return (int) Math.min((double) most, Math.ceil((double) pages * choices));
  }

  /** The last committed blocks; tells for each layer whether it has those it reads there. */
  private boolean[] bringTail(int from, int to) {
    boolean[] there = new boolean[layers.length];
    Arrays.fill(there, 0, settings.denseLayers(), true); // they read host memory
    boolean all = true;
    tail.clear(from, to);
    for (int layer = settings.denseLayers(); layer < layers.length; layer++) {
      there[layer] = blockStream.moveTail(layer, tail, from, to);
      all &= there[layer];
    }
    for (int block = from; all && block < to; block++) {
      tail.put(block);
    }
    return there;
  }

  PagedKvCache cache() {
    return cache;
  }

  LayerPages layer(int layer) {
    return layers[layer];
  }

  TailSlots tail() {
    return tail;
  }

  int[] slots() {
    return slots;
  }

  SequenceStream blockStream() {
    return blockStream;
  }

  SequenceStream aheadStream() {
    return aheadStream;
  }

  /** Begins the look-ahead of a block; null if the device has no room for its choice. */
  @Nullable PagedAhead lookAhead(PagedBlock block, FreshKv fresh) {
    int next = block.start() + block.tokens();
    int pages = budget.pages(next);
    if (!block.hasRoom() || !reserve(pages, next, block.tokens())) {
      return null;
    }
    int fullThen = next / cache.context().blockTokens();
    int selectable = Math.clamp((long) fullThen - settings.tailBlocks(), 0, block.full());
    var begun = new PagedAhead(this, block, fresh, next, selectable, pages);
    ahead = begun;
    return begun;
  }

  /** The present block is over. */
  void ended(boolean committed) {
    if (!committed && ahead != null) {
      ahead.giveUp(false);
      ahead = null;
      for (LayerPages layer : layers) {
        synchronized (layer) {
          layer.release(layer.next);
        }
      }
    }
    if (budget.judge()) {
      cache.counters().raises.increment();
    }
  }

  @Override
  public void truncate(int toBlocks) {
    if (ahead != null) {
      ahead.giveUp(false);
      ahead = null;
    }
    for (LayerPages layer : layers) {
      synchronized (layer) {
        layer.truncate(toBlocks, cache.pagesPerBlock());
      }
    }
    if (tail.blocks() > 0) {
      tail.truncate(toBlocks);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      if (ahead != null) {
        ahead.giveUp(false);
      }
      try {
        try {
          blockStream.close();
        } finally {
          aheadStream.close();
        }
      } finally {
        cache.account().give(slots);
        cache.account().give(tailSlots);
      }
    }
  }
}
