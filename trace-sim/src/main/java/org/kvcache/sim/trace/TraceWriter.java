package org.kvcache.sim.trace;

import java.nio.file.Path;

/**
 * Writes requests to a file. Nothing appears under the target's name before {@link #commit}, so
 * that a failure leaves an existing file as it was. Not thread-safe.
 *
 * <p>Flat formats get one access per block, whose id stands for the whole prefix; give them chain
 * ids, as {@link Trace#reader} does. {@link TraceFormat} says what each format cannot hold.
 */
public interface TraceWriter extends AutoCloseable {
  /**
   * Opens a writer; the target's {@code .gz} or {@code .zst} suffix compresses it.
   *
   * @param target file to make or replace
   * @param format format to write, a {@linkplain TraceFormat#writable writable} one
   * @param blockTokens tokens per block, stated in the file where the format allows
   * @throws TraceException if the format or the target cannot be written
   */
  static TraceWriter create(Path target, TraceFormat format, int blockTokens) {
    format.requireWritable();
    var file = OutputFile.create(target);
    return switch (format) {
      case MOONCAKE -> new MooncakeWriter(file, blockTokens, false);
      case RUNS -> new MooncakeWriter(file, blockTokens, true);
      case BAILIAN -> new BailianWriter(file, blockTokens);
      case ORACLE_GENERAL -> new OracleGeneralWriter(file);
      case CSV -> new FlatTextWriter(file, true);
      case TXT -> new FlatTextWriter(file, false);
      case VLLM_EVENTS -> new VllmEventsWriter(file, blockTokens);
      case AZURE -> throw new AssertionError(format);
    };
  }

  /**
   * Appends a request.
   *
   * @throws TraceException if the request does not fit the format, or writing fails
   */
  void write(Request request);

  /**
   * Finishes the file and puts it in the target's place in one step.
   *
   * @throws TraceException if writing fails; the target is then as before
   */
  void commit();

  /** Discards what was not committed; never throws. */
  @Override
  void close();

  /**
   * Writes all that is left of a trace and commits.
   *
   * @return the number of requests written
   * @throws TraceException if reading or writing fails; the target is then as before
   */
  default long writeAll(TraceReader reader) {
    var request = new Request();
    long written = 0;
    for (; reader.next(request); written++) {
      write(request);
    }
    commit();
    return written;
  }
}
