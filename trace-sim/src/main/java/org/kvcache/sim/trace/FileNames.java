package org.kvcache.sim.trace;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the name of a trace file says about it. */
final class FileNames {
  private static final Pattern COMPRESSION = Pattern.compile("(?i)\\.(gz|zst)$");
  private static final Pattern FORMAT =
      Pattern.compile("(?i)(\\.(runs|events|oracleGeneral))?\\.(jsonl|json|csv|txt|bin)$");
  private static final Pattern BARE_ORACLE = Pattern.compile("(?i)\\.oracleGeneral$");
  private static final Pattern BLOCK_TOKENS =
      Pattern.compile("(?:^|[_.-])(?:b|blksz_)(\\d{1,6})(?=[_.-]|$)");

  private FileNames() {}

  /** The name without {@code .gz} or {@code .zst}. */
  static String withoutCompression(String fileName) {
    return COMPRESSION.matcher(fileName).replaceFirst("");
  }

  /** The name without the suffixes of compression and format. */
  static String stem(String fileName) {
    String plain = withoutCompression(fileName);
    String bare = BARE_ORACLE.matcher(FORMAT.matcher(plain).replaceFirst("")).replaceFirst("");
    return bare.isEmpty() ? fileName : bare;
  }

  /** Tokens per block in names such as {@code chat_b512.jsonl} or {@code qwen_blksz_16.jsonl}. */
  static OptionalInt blockTokens(String fileName) {
    Matcher match = BLOCK_TOKENS.matcher(fileName);
    if (!match.find()) {
      return OptionalInt.empty();
    }
    int tokens = Integer.parseInt(match.group(1));
    return (tokens > 0) ? OptionalInt.of(tokens) : OptionalInt.empty();
  }
}
