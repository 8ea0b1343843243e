package org.kvcache.spi;

import java.lang.foreign.MemorySegment;

/**
 * Transfers to a {@link PagePool} and attention over its pages, in order. Belongs to one thread at
 * a time; allocates nothing once the largest transfer was seen.
 */
public interface PageStream extends AutoCloseable {

  /**
   * Memory for the pages of the next {@link #upload}, one after the other, {@link
   * PagePool#pageBytes} each: pinned where the device likes that. Free to write until then, by any
   * thread.
   */
  MemorySegment staging(int pages);

  /**
   * Begins to copy staged page {@code i} to the page of KV head {@code kvHeads[i]} in slot {@code
   * slots[i]}, in one transfer. The arrays are the caller's again when this returns; what was
   * staged before the last {@link #staging} is lost.
   */
  void upload(int layer, int[] kvHeads, int[] slots, int count);

  /**
   * Waits until what was uploaded is there.
   *
   * @return false if it failed; nothing is known of the slots then
   */
  boolean finish();

  /**
   * Attention of all query heads of {@code queryTokens} tokens over pages and fresh rows: every
   * query sees all of them.
   *
   * @param slots pages of KV head {@code h} are in {@code slots[h][0 .. counts[h])}
   * @param freshRows leading rows of {@code fresh} that are seen
   * @param q from {@code qOffset} on rows of {@code queryDim}
   */
  void attend(
      int layer,
      int[][] slots,
      int[] counts,
      FreshKv fresh,
      int freshRows,
      int queryTokens,
      float[] q,
      int qOffset,
      float[] out,
      int outOffset);

  /** Ends the stream; waits for what is under way. */
  @Override
  void close();
}
