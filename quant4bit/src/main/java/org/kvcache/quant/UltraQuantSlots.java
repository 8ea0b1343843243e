package org.kvcache.quant;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.kvcache.spi.BlockLayout;

/**
 * Exchange of stored rows with caches that vLLM keeps as {@code ultraquant_4bit}. For each token
 * and KV head such a cache holds one slot, {@link #slotBytes} bytes for head dim {@code D}:
 *
 * <pre>
 * [K codes D/2][K scales D/32][V codes D/2][V scales D/32]
 * </pre>
 *
 * <p>The cache is {@code [blocks, blockSize, kvHeads, slot]} bytes. Without padding, the slot of
 * token {@code t} of cache block {@code b} and head {@code h} begins at {@code ((b * blockSize + t)
 * * kvHeads + h) * slotBytes}, and the slots of one head lie {@code kvHeads * slotBytes} bytes
 * apart. vLLM may pad slots at their ends: take offset and stride from the tensor then.
 *
 * <p>Ours is the {@link BlockLayout} of scheme {@code ultraquant}: the same bytes, plane by plane.
 * Rows are copied as they are, no element is decoded and nothing is rounded, so that codes 8
 * (negative zero) and scales 0xFF (NaN) go both ways too. Other formats of the same size have the
 * same layout, {@code mxfp4m} and {@code lm16} for example, and mean other numbers: no layout tells
 * them apart, the caller does.
 *
 * <p>Thread-safe: there is no state. Two threads may export at once, and import at once into
 * different rows. Source: format.py of vLLM pull request 57057.
 */
public final class UltraQuantSlots {

  private static final int GROUP = 32;

  private UltraQuantSlots() {}

  /**
   * Bytes of the slot of one token and KV head: 136 for head dim 128, 272 for 256.
   *
   * @param headDim elements of a K or V row
   * @throws IllegalArgumentException if {@code headDim} is not a positive multiple of 32
   */
  public static int slotBytes(int headDim) {
    if (headDim < GROUP || headDim % GROUP != 0) {
      throw new IllegalArgumentException(
          "head dim is %d; UltraQuant's slots need a positive multiple of %d"
              .formatted(headDim, GROUP));
    }
    return 2 * (headDim / 2 + headDim / GROUP);
  }

  /**
   * Copies rows of one of our blocks into slots. The slots' bytes do not overlap the block's.
   *
   * @param memory holds the block
   * @param block byte offset of the block
   * @param layout the block's layout, that of scheme {@code ultraquant}
   * @param row first row of the block to copy
   * @param count rows to copy
   * @param slots where to copy them
   * @param at byte offset of the slot of the first row
   * @param stride bytes from the start of one slot to that of the next
   * @throws IllegalArgumentException if the layout is not that of {@code ultraquant}, or slots of
   *     this stride overlap each other, or {@code slots} is read-only
   * @throws IndexOutOfBoundsException if rows, block or slots are not all there; nothing has been
   *     written then
   */
  public static void exportRows(
      MemorySegment memory,
      long block,
      BlockLayout layout,
      int row,
      int count,
      MemorySegment slots,
      long at,
      long stride) {
    check(memory, block, layout, row, count, slots, at, stride);
    copy(memory, block, layout, row, count, slots, at, stride, true);
  }

  /**
   * Copies slots into rows of one of our blocks; the inverse of {@link #exportRows}. Bytes of the
   * block that belong to other rows, or lie between planes, stay as they are.
   *
   * @param memory holds the block
   * @param block byte offset of the block
   * @param layout the block's layout, that of scheme {@code ultraquant}
   * @param row first row of the block to write
   * @param count rows to write
   * @param slots where to read them
   * @param at byte offset of the slot of the first row
   * @param stride bytes from the start of one slot to that of the next
   * @throws IllegalArgumentException if the layout is not that of {@code ultraquant}, or slots of
   *     this stride overlap each other, or {@code memory} is read-only
   * @throws IndexOutOfBoundsException if rows, block or slots are not all there; nothing has been
   *     written then
   */
  public static void importRows(
      MemorySegment memory,
      long block,
      BlockLayout layout,
      int row,
      int count,
      MemorySegment slots,
      long at,
      long stride) {
    check(memory, block, layout, row, count, slots, at, stride);
    copy(memory, block, layout, row, count, slots, at, stride, false);
  }

  private static void check(
      MemorySegment memory,
      long block,
      BlockLayout layout,
      int row,
      int count,
      MemorySegment slots,
      long at,
      long stride) {
    long slot = slotBytes(layout.headDim());
    if (!layout.equals(expected(layout.headDim(), layout.blockTokens()))) {
      throw new IllegalArgumentException(
          "%s is not the layout of scheme 'ultraquant', which has 4.25 bits an element for K and V"
              .formatted(layout));
    }
    if (stride < slot) {
      throw new IllegalArgumentException(
          "slots lie %d bytes apart; those of head dim %d have %d bytes"
              .formatted(stride, layout.headDim(), slot));
    }
    Objects.checkFromIndexSize(row, count, layout.blockTokens());
    Objects.checkFromIndexSize(block, layout.bytes(), memory.byteSize());
    if (count > 0) {
      // A product that is too large for a long is too large for any segment too.
      long most = (Long.MAX_VALUE - slot) / count;
      long before = stride > most ? Long.MAX_VALUE - slot : (count - 1) * stride;
      Objects.checkFromIndexSize(at, before + slot, slots.byteSize());
    }
  }

  private static BlockLayout expected(int headDim, int blockTokens) {
    long codes = (long) blockTokens * headDim / 2;
    long scales = aligned((long) blockTokens * headDim / GROUP);
    // A row has a multiple of 16 bytes of codes, so planes of codes end aligned.
    return new BlockLayout(
        headDim, blockTokens, 0, codes, codes + scales, 2 * codes + scales, 2 * (codes + scales));
  }

  private static long aligned(long bytes) {
    return (bytes + BlockLayout.ALIGNMENT - 1) & -BlockLayout.ALIGNMENT;
  }

  private static void copy(
      MemorySegment memory,
      long block,
      BlockLayout layout,
      int row,
      int count,
      MemorySegment slots,
      long at,
      long stride,
      boolean out) {
    int codes = layout.headDim() / 2;
    int scales = layout.headDim() / GROUP;
    for (int i = 0; i < count; i++) {
      long slot = at + i * stride;
      long code = block + (long) (row + i) * codes;
      long scale = block + (long) (row + i) * scales;
      part(memory, layout.keyCodes() + code, slots, slot, codes, out);
      part(memory, layout.keyScales() + scale, slots, slot + codes, scales, out);
      part(memory, layout.valueCodes() + code, slots, slot + codes + scales, codes, out);
      part(memory, layout.valueScales() + scale, slots, slot + 2L * codes + scales, scales, out);
    }
  }

  private static void part(
      MemorySegment memory, long place, MemorySegment slots, long slot, int bytes, boolean out) {
    if (out) {
      MemorySegment.copy(memory, place, slots, slot, bytes);
    } else {
      MemorySegment.copy(slots, slot, memory, place, bytes);
    }
  }
}
