package org.kvcache.kernels.device;

import java.util.Objects;

/**
 * K and V of tokens that follow the encoded context and are not encoded, as the model makes them:
 * {@code [sequences][stride][kvHeads][headDim]} each. Over a bf16 cache they are rounded to bf16.
 * Immutable.
 *
 * @param keys F32, F16 or BF16
 * @param values the same
 * @param tokens fresh tokens of each sequence
 * @param stride tokens from a sequence to the next, {@code tokens} or more
 * @param mask which of them a query token sees
 */
public record FreshRows(DeviceArray keys, DeviceArray values, int tokens, int stride, Mask mask) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if keys and values are not alike or rows overlap
   */
  public FreshRows {
    Objects.requireNonNull(keys, "fresh keys");
    Objects.requireNonNull(values, "fresh values");
    Objects.requireNonNull(mask, "mask");
    if (keys.element() != values.element()) {
      throw new IllegalArgumentException(
          "fresh keys are %s, fresh values %s; give both alike"
              .formatted(keys.element(), values.element()));
    }
    if (tokens < 1 || stride < tokens) {
      throw new IllegalArgumentException(
          "%d fresh tokens, %d from a sequence to the next; at least 1 and as many are needed"
              .formatted(tokens, stride));
    }
  }

  /** Rows without gaps between sequences. */
  public static FreshRows of(DeviceArray keys, DeviceArray values, int tokens, Mask mask) {
    return new FreshRows(keys, values, tokens, tokens, mask);
  }
}
