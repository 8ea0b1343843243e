package org.kvcache.bench;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.kvcache.sim.trace.Trace;

/**
 * A number of blocks, or a share of the unique blocks of a trace.
 *
 * @param text as the user wrote it
 * @param amount blocks, or the share within 0 and 1
 * @param share whether it is a share
 */
record CapacityShare(String text, BigDecimal amount, boolean share) {

  /**
   * Reads {@code 1000} or {@code 2.5%}.
   *
   * @throws IllegalArgumentException if it is neither
   */
  static CapacityShare parse(String written) {
    String text = written.strip();
    boolean share = text.endsWith("%");
    String digits = share ? text.substring(0, text.length() - 1) : text;
    if (!digits.matches(share ? "\\d{1,3}(\\.\\d+)?" : "\\d{1,9}")) {
      throw new IllegalArgumentException(
          "capacity '%s' is not understood; write blocks (1000) or a share (5%%)".formatted(text));
    }
    BigDecimal number = new BigDecimal(digits);
    if (number.signum() == 0) {
      throw new IllegalArgumentException("capacity '" + text + "' is nothing; give at least 1");
    }
    return new CapacityShare(text, share ? number.movePointLeft(2) : number, share);
  }

  /**
   * Blocks on a trace, a share rounded down.
   *
   * @throws IllegalArgumentException if that is none
   */
  int blocks(Trace trace) {
    BigDecimal exact = share ? amount.multiply(BigDecimal.valueOf(trace.uniqueBlocks())) : amount;
    int blocks = exact.setScale(0, RoundingMode.FLOOR).intValueExact();
    if (blocks == 0) {
      throw new IllegalArgumentException(
          "capacity %s is less than one of the %d unique blocks of %s; give more"
              .formatted(text, trace.uniqueBlocks(), trace.name()));
    }
    return blocks;
  }
}
