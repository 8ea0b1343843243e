package org.kvcache.kernels.device;

import java.util.Objects;

/**
 * The encoded context of some sequences, on the device: in which slots it lies and how long it is.
 * For sequence {@code s} and KV head {@code h} the slots begin at {@code slots[s · slotStride + h ·
 * slotHeadStride]} and the length is {@code lengths[s · lengthStride + h · lengthHeadStride]}. Head
 * strides of 0 share one table among the heads; others give each head pages of its own. Immutable;
 * kernels read what is in the arrays at the time they run, so a captured launch sees new contents.
 *
 * @param slots I32
 * @param lengths I32, tokens, 0 or more
 * @param sequences how many there are
 * @param mostTokens what no length exceeds; it decides how work is split
 * @param slotStride from a sequence to the next
 * @param slotHeadStride from a KV head to the next
 * @param lengthStride from a sequence to the next
 * @param lengthHeadStride from a KV head to the next
 */
public record PageTable(
    DeviceArray slots,
    DeviceArray lengths,
    int sequences,
    int mostTokens,
    long slotStride,
    int slotHeadStride,
    int lengthStride,
    int lengthHeadStride) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is below its least value
   */
  public PageTable {
    Objects.requireNonNull(slots, "slots");
    Objects.requireNonNull(lengths, "lengths");
    if (sequences < 1 || mostTokens < 0) {
      throw new IllegalArgumentException(
          "%d sequences of at most %d tokens; at least 1 and 0 are needed"
              .formatted(sequences, mostTokens));
    }
    if (slotStride < 0 || slotHeadStride < 0 || lengthStride < 0 || lengthHeadStride < 0) {
      throw new IllegalArgumentException(
          "strides %d, %d, %d and %d; none may be below 0"
              .formatted(slotStride, slotHeadStride, lengthStride, lengthHeadStride));
    }
  }

  /**
   * One table and one length for each sequence, for all KV heads.
   *
   * @param slotStride slots of a sequence's row in the table
   */
  public static PageTable of(
      DeviceArray slots, DeviceArray lengths, int sequences, int mostTokens, long slotStride) {
    return new PageTable(slots, lengths, sequences, mostTokens, slotStride, 0, 1, 0);
  }

  /** The address of the slots, after a check that the longest table is inside. */
  long slotsAddress(Device device, int kvHeads, int blockTokens) {
    long last = (sequences - 1) * slotStride + (long) (kvHeads - 1) * slotHeadStride;
    return slots.address(
        device, "slots", Element.I32, last + Math.ceilDiv(mostTokens, blockTokens));
  }

  long lengthsAddress(Device device, int kvHeads) {
    long last = (long) (sequences - 1) * lengthStride + (long) (kvHeads - 1) * lengthHeadStride;
    return lengths.address(device, "lengths", Element.I32, last + 1);
  }
}
