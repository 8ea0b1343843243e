package org.kvcache.bench.herald;

import java.util.List;
import org.kvcache.spi.CodecCatalog;

/**
 * How K and V are stored and keys scored, as the command line has it: {@code STORED[/SCORED]}.
 *
 * @param stored scheme of the cache
 * @param scored scheme of the copy of the keys that is scored; empty to score the stored ones
 */
record KeyScheme(String stored, String scored) {

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException if a scheme is not known
   */
  static KeyScheme parse(String text) {
    int slash = text.indexOf('/');
    String stored = slash < 0 ? text : text.substring(0, slash);
    String scored = slash < 0 ? "" : text.substring(slash + 1);
    CodecCatalog.scheme(stored);
    if (slash >= 0) {
      CodecCatalog.scheme(scored);
    }
    return new KeyScheme(stored, scored);
  }

  /** Exact; exact with 4-bit scored keys; all in 4 bits. */
  static List<KeyScheme> usual() {
    return List.of(
        new KeyScheme("f32", ""), new KeyScheme("f32", "mxfp4"), new KeyScheme("mxfp4", ""));
  }

  @Override
  public String toString() {
    return scored.isEmpty() ? stored : stored + "/" + scored;
  }
}
