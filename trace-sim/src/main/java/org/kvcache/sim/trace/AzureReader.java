package org.kvcache.sim.trace;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Reads the csv files of the Azure LLM inference traces: {@code TIMESTAMP}, {@code ContextTokens}
 * and {@code GeneratedTokens}, found by the names in the header. They do not say which prompts
 * share a prefix, so each request gets blocks of its own, the last one perhaps partial: arrivals
 * and lengths are real, and no block is ever used again. Times count from the first request.
 */
final class AzureReader implements TraceReader {
  private static final int SHOWN = 100;

  private final String name;
  private final LineInput lines;
  private final int blockTokens;
  private final CsvRow row;
  private final AzureHeader columns;
  private final IdSource ids = new IdSource();
  private @Nullable Instant first;
  private Instant last = Instant.MIN;

  AzureReader(Path file, TraceInput input, int blockTokens) {
    name = FileNames.stem(String.valueOf(file.getFileName()));
    this.blockTokens = blockTokens;
    lines = new LineInput(file.toString(), input);
    row = new CsvRow(lines, ',');
    columns = AzureHeader.of(lines.next() ? lines.text(lines.from(), lines.to()) : "");
    if (!columns.complete()) {
      throw lines.error(
          "the columns '"
              + lines.text(lines.from(), Math.min(lines.to(), lines.from() + SHOWN))
              + "' lack "
              + columns.missing()
              + "; the first line of an azure trace must name them, with commas between");
    }
  }

  @Override
  public boolean next(Request into) {
    if (!lines.next()) {
      return false;
    }
    into.clear();
    into.timeMillis = millis(time());
    into.inputTokens = tokens(columns.context(), AzureHeader.CONTEXT);
    into.outputTokens = tokens(columns.generated(), AzureHeader.GENERATED);
    int blocks = blocks(into.inputTokens);
    into.addRun(ids.reserve(blocks), blocks);
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

  private Instant time() {
    find(columns.time(), AzureHeader.TIME);
    @Nullable Instant time = Timestamps.parse(row.text());
    if (time == null) {
      throw wrong(
          AzureHeader.TIME,
          "it must be a date and a time such as 2023-11-16 18:15:46.68059; mend the line");
    }
    if (time.isBefore(last)) {
      throw lines.error(ArrivalOrder.complaint(AzureHeader.TIME, time.toString(), last.toString()));
    }
    last = time;
    return time;
  }

  /** Rounded to whole microseconds, as all formats that do not count in milliseconds. */
  private double millis(Instant time) {
    if (first == null) {
      first = time;
    }
    Duration passed = Duration.between(first, time);
    return (passed.getSeconds() * 1e6 + Math.rint(passed.getNano() / 1e3)) / 1e3;
  }

  private int tokens(int column, String field) {
    find(column, field);
    long tokens = row.decimal();
    if (tokens < 0 || tokens > Integer.MAX_VALUE) {
      throw wrong(
          field,
          "it must be a whole number of tokens from 0 to " + Integer.MAX_VALUE + "; mend the line");
    }
    return (int) tokens;
  }

  private int blocks(int tokens) {
    long blocks = ((long) tokens + blockTokens - 1) / blockTokens;
    if (blocks > Request.MAX_IDS) {
      throw lines.error(
          "field '"
              + AzureHeader.CONTEXT
              + "' is "
              + tokens
              + ", which fills more than "
              + Request.MAX_IDS
              + " blocks of "
              + blockTokens
              + " tokens; mend the line, or use larger blocks with azure,block=N:FILE");
    }
    return (int) blocks;
  }

  private void find(int column, String field) {
    if (!row.find(column)) {
      throw lines.error(
          "the line has no column " + column + ", which holds " + field + "; mend the line");
    }
  }

  private TraceException wrong(String field, String rule) {
    String text = row.text();
    String shown = text.substring(0, Math.min(text.length(), SHOWN));
    return lines.error("field '" + field + "' is '" + shown + "'; " + rule);
  }
}
