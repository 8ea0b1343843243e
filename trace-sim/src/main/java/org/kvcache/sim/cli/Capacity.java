package org.kvcache.sim.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.kvcache.ByteSize;
import org.kvcache.sim.report.Numbers;
import org.kvcache.sim.report.TraceInfo;

/**
 * A cache size as the user writes it.
 *
 * @param text as written
 * @param unit what {@code amount} counts
 * @param amount exact, above 0
 */
record Capacity(String text, Unit unit, BigDecimal amount) {
  private static final Pattern PERCENT = Pattern.compile("(\\d[\\d_]*(?:\\.\\d+)?) ?%");
  private static final Pattern FRACTION = Pattern.compile("\\d*\\.\\d+");
  private static final Pattern BLOCKS = Pattern.compile("(\\d[\\d_]*)([kKmM])?");

  /** What a capacity is counted in. */
  enum Unit {
    /** Unique blocks of the trace, 1 being all. */
    SHARE,
    /** Blocks. */
    BLOCKS,
    /** Bytes of keys and values. */
    BYTES
  }

  /**
   * Reads a capacity.
   *
   * @throws IllegalArgumentException if it is malformed or zero
   */
  static Capacity parse(String written) {
    String text = written.strip();
    Capacity capacity =
        new Capacity(text, Unit.BLOCKS, BigDecimal.ONE).read().orElseThrow(() -> malformed(text));
    if (capacity.amount.signum() == 0) {
      throw new IllegalArgumentException(
          "capacity '" + text + "' is no block at all; give at least one");
    }
    if (capacity.unit == Unit.SHARE && capacity.amount.compareTo(BigDecimal.ONE) > 0) {
      throw new IllegalArgumentException(
          "capacity '%s' is more than all unique blocks; use the policy 'infinite' or a share up"
                  .formatted(text)
              + " to 100%");
    }
    return capacity;
  }

  private Optional<Capacity> read() {
    Matcher percent = PERCENT.matcher(text);
    Matcher blocks = BLOCKS.matcher(text);
    if (percent.matches()) {
      return Optional.of(of(Unit.SHARE, number(percent.group(1)).movePointLeft(2)));
    } else if (FRACTION.matcher(text).matches()) {
      return Optional.of(of(Unit.SHARE, number(text)));
    } else if (blocks.matches()) {
      String suffix = blocks.group(2) == null ? "" : blocks.group(2);
      int zeros = suffix.isEmpty() ? 0 : suffix.equalsIgnoreCase("k") ? 3 : 6;
      return Optional.of(of(Unit.BLOCKS, number(blocks.group(1)).movePointRight(zeros)));
    }
    return ByteSize.parse(text).map(bytes -> of(Unit.BYTES, bytes));
  }

  private Capacity of(Unit newUnit, BigDecimal newAmount) {
    return new Capacity(text, newUnit, newAmount);
  }

  private static BigDecimal number(String digits) {
    return new BigDecimal(digits.replace("_", ""));
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "capacity '%s' is not understood; write a share of the unique blocks (5%% or 0.05), blocks"
                .formatted(text)
            + " (1000, 5_000, 2k) or bytes (8GiB, 80GB)");
  }

  /**
   * The number of blocks on a trace; a broken part of a block does not count.
   *
   * @param model what a token takes; only bytes need it
   * @throws IllegalArgumentException if it is none, or more than the trace has
   */
  int blocks(TraceInfo trace, @Nullable Model model) {
    BigDecimal unique = BigDecimal.valueOf(trace.uniqueBlocks());
    BigDecimal exact =
        switch (unit) {
          case SHARE -> amount.multiply(unique);
          case BLOCKS -> amount;
          case BYTES -> amount.divide(blockBytes(trace, model), RoundingMode.FLOOR);
        };
    BigDecimal blocks = exact.setScale(0, RoundingMode.FLOOR);
    if (blocks.signum() == 0) {
      throw new IllegalArgumentException(
          "capacity %s is less than one block of %s (%s unique blocks%s); give more"
              .formatted(
                  text,
                  trace.name(),
                  Numbers.count(trace.uniqueBlocks()),
                  model == null
                      ? ""
                      : " of " + ByteSize.format(blockBytes(trace, model).doubleValue())));
    }
    if (blocks.compareTo(unique) > 0) {
      throw new IllegalArgumentException(
          "capacity %s is %,d blocks, more than the %s unique blocks of %s; use the policy"
                  .formatted(
                      text,
                      blocks.toBigInteger(),
                      Numbers.count(trace.uniqueBlocks()),
                      trace.name())
              + " 'infinite' or a smaller capacity");
    }
    return blocks.intValueExact();
  }

  private BigDecimal blockBytes(TraceInfo trace, @Nullable Model model) {
    if (model == null) {
      throw lacksModel();
    }
    return model.bytesPerToken().multiply(BigDecimal.valueOf(trace.blockTokens()));
  }

  /** What to throw if bytes cannot be counted in blocks. */
  IllegalArgumentException lacksModel() {
    return new IllegalArgumentException(
        "capacity '%s' is in bytes; add --model with a name (llama3-8b) or the bytes per token"
            .formatted(text));
  }
}
