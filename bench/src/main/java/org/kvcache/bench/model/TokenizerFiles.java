package org.kvcache.bench.model;

import java.nio.file.Path;
import java.util.List;

/** To be replaced. */
final class TokenizerFiles {
  private TokenizerFiles() {}

  static void write(Path directory, List<String> vocabulary) {}
}
