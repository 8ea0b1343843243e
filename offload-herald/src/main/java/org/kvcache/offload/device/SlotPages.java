package org.kvcache.offload.device;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kvcache.spi.FreshKv;
import org.kvcache.spi.PagedKv;

/**
 * What one KV head sees: pages in slots as encoded blocks, then fresh rows as staged ones. Set anew
 * for each head; belongs to one thread.
 */
final class SlotPages implements PagedKv {

  private static final int[] NONE = {};

  private final HostPool pool;
  private final int pageTokens;
  private int layer;
  private int kvHead;
  private int[] slots = NONE;
  private int count;
  private @Nullable FreshKv fresh;
  private MemorySegment[] rows = {}; // of fresh, from the first row of each page on

  SlotPages(HostPool pool) {
    this.pool = pool;
    pageTokens = pool.context().pageTokens();
  }

  /**
   * Shows a head.
   *
   * @return its length in tokens
   */
  int show(int ofLayer, int head, int[] in, int pages, FreshKv freshKv, int freshRows) {
    Objects.checkFromIndexSize(0, pages, in.length);
    Objects.checkFromIndexSize(0, freshRows, freshKv.rows());
    layer = ofLayer;
    kvHead = head;
    slots = in;
    count = pages;
    if (fresh != freshKv) {
      fresh = freshKv;
      rows = rows(freshKv);
    }
    int length = Math.addExact(encoded(), freshRows);
    if (length == 0) {
      throw new IllegalArgumentException(
          "KV head %d of layer %d sees no page and no fresh row; at least one is needed"
              .formatted(head, ofLayer));
    }
    return length;
  }

  /** Made once for rows that serve many blocks. */
  private MemorySegment[] rows(FreshKv of) {
    var slices = new MemorySegment[Math.ceilDiv(of.capacity(), pageTokens)];
    for (int i = 0; i < slices.length; i++) {
      slices[i] =
          of.blockTokens() == pageTokens
              ? of.block(i)
              : of.memory().asSlice((long) i * pageTokens * of.rowBytes());
    }
    return slices;
  }

  @Override
  public MemorySegment memory() {
    return pool.memory();
  }

  @Override
  public long block(int index) {
    return pool.offset(layer, slots[index], kvHead);
  }

  @Override
  public int encoded() {
    return Math.multiplyExact(count, pageTokens);
  }

  @Override
  public MemorySegment staged(int index) {
    return rows[index - count];
  }

  @Override
  public long stagedKey(int row) {
    return Objects.requireNonNull(fresh).key(layer, kvHead, row);
  }

  @Override
  public long stagedValue(int row) {
    return Objects.requireNonNull(fresh).value(layer, kvHead, row);
  }
}
