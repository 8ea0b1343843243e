package org.kvcache.kernels.device;

import java.util.Objects;

/**
 * Queries of some sequences as the model makes them, {@code [sequences][tokens][queryHeads]
 * [headDim]}. Immutable.
 *
 * @param array F32, F16 or BF16
 * @param tokens query tokens of each sequence: 1 in decoding, more in prefill and block diffusion
 */
public record QueryRows(DeviceArray array, int tokens) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if there is no token
   */
  public QueryRows {
    Objects.requireNonNull(array, "queries");
    if (tokens < 1) {
      throw new IllegalArgumentException(tokens + " query tokens; at least 1 is needed");
    }
  }
}
