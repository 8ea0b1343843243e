package org.kvcache.bench.herald;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lengths of contexts as people write them: 16384, 16_384, 16K, 1M; K is 1,024. */
final class TokenCount {
  private static final Pattern COUNT = Pattern.compile("(\\d[\\d_]{0,12})([kKmM])?");

  private TokenCount() {}

  static int parse(String option, String text) {
    Matcher match = COUNT.matcher(text.strip());
    if (match.matches()) {
      String suffix = match.group(2) == null ? "" : match.group(2);
      int shift = suffix.isEmpty() ? 0 : suffix.equalsIgnoreCase("k") ? 10 : 20;
      long tokens = Long.parseLong(match.group(1).replace("_", "")) << shift;
      if (tokens >= 1 && tokens <= Integer.MAX_VALUE) {
        return (int) tokens;
      }
    }
    throw new IllegalArgumentException(
        "%s '%s' is not a length of context; write tokens, at least 1: 16384 or 16K"
            .formatted(option, text));
  }

  /** With K where that is exact. */
  static String format(int tokens) {
    return tokens % 1024 == 0 ? tokens / 1024 + "K" : String.valueOf(tokens);
  }
}
