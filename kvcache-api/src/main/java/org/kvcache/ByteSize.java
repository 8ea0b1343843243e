package org.kvcache;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amounts of memory as people write them: {@code 8GiB}, {@code 80 GB}, {@code 512MiB}. */
public final class ByteSize {
  private static final Pattern SIZE =
      Pattern.compile("(\\d[\\d_]*(?:\\.\\d+)?) ?([KMGT]i?)?B", Pattern.CASE_INSENSITIVE);
  private static final Map<String, Long> FACTORS =
      Map.of(
          "", 1L,
          "k", 1_000L,
          "m", 1_000_000L,
          "g", 1_000_000_000L,
          "t", 1_000_000_000_000L,
          "ki", 1L << 10,
          "mi", 1L << 20,
          "gi", 1L << 30,
          "ti", 1L << 40);
  private static final String PREFIXES = "KMGT";

  private ByteSize() {}

  /** Bytes of so many MiB. */
  public static long mib(long count) {
    return Math.multiplyExact(count, 1L << 20);
  }

  /** Bytes of so many GiB. */
  public static long gib(long count) {
    return Math.multiplyExact(count, 1L << 30);
  }

  /** Bytes, if {@code text} ends in a unit of bytes. */
  public static Optional<BigDecimal> parse(String text) {
    Matcher match = SIZE.matcher(text);
    if (!match.matches()) {
      return Optional.empty();
    }
    String prefix = match.group(2) == null ? "" : match.group(2).toLowerCase(Locale.ROOT);
    long factor = FACTORS.getOrDefault(prefix, 1L);
    return Optional.of(
        new BigDecimal(match.group(1).replace("_", "")).multiply(BigDecimal.valueOf(factor)));
  }

  /** Bytes with a binary unit and up to three digits. */
  public static String format(double bytes) {
    double value = bytes;
    int prefix = -1;
    while (value >= 1024 && prefix < PREFIXES.length() - 1) {
      value /= 1024;
      prefix++;
    }
    int digits = value == Math.rint(value) || value >= 100 ? 0 : value >= 10 ? 1 : 2;
    String number = String.format(Locale.ROOT, "%." + digits + "f", value);
    return number + (prefix < 0 ? " B" : " " + PREFIXES.charAt(prefix) + "iB");
  }
}
