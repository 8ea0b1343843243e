package org.kvcache.sim.trace;

import java.nio.file.Path;

/**
 * Reads libCacheSim txt: one id a line, each a request of one block without a prefix. The format
 * has no times; every request is at 0 ms.
 */
final class TxtReader implements TraceReader {
  private final String name;
  private final LineInput lines;
  private final int blockTokens;

  TxtReader(Path file, TraceInput input, int blockTokens) {
    name = FileNames.stem(String.valueOf(file.getFileName()));
    lines = new LineInput(file.toString(), input);
    this.blockTokens = blockTokens;
  }

  @Override
  public boolean next(Request into) {
    if (!lines.next()) {
      return false;
    }
    long id = lines.decimal(lines.from(), lines.to());
    if (id < 0) {
      throw lines.error(
          "the line is '"
              + lines.text(lines.from(), Math.min(lines.to(), lines.from() + 40))
              + "'; it must be one block id, a whole number from 0 to 2^63-1");
    }
    into.clear();
    into.inputTokens = blockTokens;
    into.addId(id);
    return true;
  }

  @Override
  public int blockTokens() {
    return blockTokens;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void close() {
    lines.close();
  }
}
