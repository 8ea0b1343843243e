package org.kvcache.sim.trace;

import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Reads libCacheSim csv: {@code time,obj_id,size} with an optional header, each row a request of
 * one block without a prefix. Times are seconds; sizes are not used, since blocks are of one size.
 *
 * <p>Columns are found by the names in the header, else as libCacheSim numbers them: {@code
 * time-col}=1 and {@code obj-id-col}=2, 0 for a file without times. Fields may be quoted, but hold
 * numbers only.
 */
final class CsvReader implements TraceReader {
  private final String name;
  private final LineInput lines;
  private final int blockTokens;
  private final CsvRow row;
  private final ArrivalOrder order = new ArrivalOrder();
  private int timeColumn;
  private int idColumn;
  private boolean pending;

  CsvReader(Path file, TraceInput input, int blockTokens, Parameters options) {
    name = FileNames.stem(String.valueOf(file.getFileName()));
    this.blockTokens = blockTokens;
    OptionalInt time = options.wholeOrAuto("time-col", 0, 1000);
    OptionalInt id = options.wholeOrAuto("obj-id-col", 1, 1000);
    char delimiter = delimiter(options.text("delimiter", "comma"));
    String header = options.text("has-header", "auto");
    lines = new LineInput(file.toString(), input);
    row = new CsvRow(lines, delimiter);
    timeColumn = time.orElse(1);
    idColumn = id.orElse(2);
    pending = lines.next();
    boolean hasHeader = header.equals("auto") ? pending && !startsWithNumber() : isTrue(header);
    if (pending && hasHeader) {
      readHeader(time.isEmpty(), id.isEmpty());
      pending = false;
    }
  }

  @Override
  public boolean next(Request into) {
    if (!pending && !lines.next()) {
      return false;
    }
    pending = false;
    into.clear();
    into.timeMillis = (timeColumn == 0) ? 0 : time();
    into.inputTokens = blockTokens;
    into.addId(id());
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

  private long id() {
    if (!row.find(idColumn)) {
      throw tooFewColumns(idColumn, "obj-id-col");
    }
    long id = row.decimal();
    if (id < 0) {
      throw lines.error(
          "field 'obj_id' is '"
              + row.text()
              + "'; block ids must be whole numbers from 0 to 2^63-1: renumber the blocks, or name"
              + " the column with csv,obj-id-col=N:FILE");
    }
    return id;
  }

  private double time() {
    if (!row.find(timeColumn)) {
      throw tooFewColumns(timeColumn, "time-col");
    }
    long whole = row.decimal();
    double seconds = (whole >= 0) ? whole : number(row.text());
    if (!(seconds >= 0 && seconds <= Double.MAX_VALUE)) {
      throw lines.error(
          "field 'time' is '"
              + row.text()
              + "'; it must be a number of seconds, 0 or more: name the column with"
              + " csv,time-col=N:FILE, or time-col=0 if there is none");
    }
    @Nullable String problem = order.problem("time", seconds);
    if (problem != null) {
      throw lines.error(problem);
    }
    return Seconds.toMillis(seconds);
  }

  private void readHeader(boolean findTime, boolean findId) {
    int foundTime = 0;
    int foundId = 0;
    for (int column = 1; row.find(column); column++) {
      switch (row.text().toLowerCase(Locale.ROOT)) {
        case "time", "timestamp", "clock_time" -> foundTime = column;
        case "obj_id", "object_id", "id", "key", "block", "block_id" -> foundId = column;
        default -> {}
      }
    }
    timeColumn = findTime ? foundTime : timeColumn;
    if (findId && foundId == 0) {
      throw lines.error(
          "none of the columns '"
              + lines.text(lines.from(), Math.min(lines.to(), lines.from() + 100))
              + "' is called obj_id; name it with csv,obj-id-col=N:FILE (without block ids only"
              + " azure:FILE reads, by columns TIMESTAMP, ContextTokens and GeneratedTokens)");
    }
    idColumn = findId ? foundId : idColumn;
  }

  private boolean startsWithNumber() {
    return row.find(1) && !Double.isNaN(number(row.text()));
  }

  private TraceException tooFewColumns(int column, String option) {
    return lines.error(
        "the line has no column "
            + column
            + "; mend the line, or name the column with csv,"
            + option
            + "=N:FILE");
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  private static boolean isTrue(String header) {
    return switch (header.toLowerCase(Locale.ROOT)) {
      case "true", "yes", "1" -> true;
      case "false", "no", "0" -> false;
      default ->
          throw new TraceException(
              "csv: parameter 'has-header' is '" + header + "'; it must be true, false or auto");
    };
  }

  private static char delimiter(String text) {
    return switch (text) {
      case "comma" -> ',';
      case "tab" -> '\t';
      case "semicolon" -> ';';
      case "space" -> ' ';
      default -> {
        if (text.length() == 1 && text.charAt(0) < 128) {
          yield text.charAt(0);
        }
        throw new TraceException(
            "csv: parameter 'delimiter' is '"
                + text
                + "'; it must be comma, tab, semicolon, space or one character");
      }
    };
  }
}
