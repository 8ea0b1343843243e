package org.kvcache.spi;

import java.util.Objects;

/**
 * How K and V are stored, by name: a format for each, the basis they are stored in and the
 * precision of queries.
 *
 * @param name the name in configurations, lower case
 * @param summary one line: what it is for and where it comes from
 * @param keys the format of K as {@code name} or {@code name:rule}
 * @param values the format of V
 * @param rotateKeys keys and queries pass through the orthonormal Walsh-Hadamard matrix
 * @param rotateValues values do too, and outputs pass back
 * @param fp8Queries queries are rounded to E4M3, as GPU kernels do that multiply FP8 by FP4
 * @param calibrated takes a calibration: mean, channel scales and signs of keys
 */
public record SchemeSpec(
    String name,
    String summary,
    String keys,
    String values,
    boolean rotateKeys,
    boolean rotateValues,
    boolean fp8Queries,
    boolean calibrated) {

  /** Checks the fields. */
  public SchemeSpec {
    Objects.requireNonNull(name);
    Objects.requireNonNull(summary);
    Objects.requireNonNull(keys);
    Objects.requireNonNull(values);
  }
}
