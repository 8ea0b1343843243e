package org.kvcache.sim.cost;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Reads measured passes from CSV (RFC 4180, UTF-8) with a header. Columns are found by name: {@code
 * phase} (prefill or decode), {@code batch}, {@code new_tokens} (1 where a decode pass leaves it
 * out), {@code context} and {@code ms}; others are passed over, and so are empty lines and lines
 * that start with {@code #}.
 */
public final class MeasuredPasses {
  private static final String PHASE = "phase";
  private static final String BATCH = "batch";
  private static final String NEW_TOKENS = "new_tokens";
  private static final String CONTEXT = "context";
  private static final String MILLIS = "ms";
  private static final List<String> NEEDED = List.of(PHASE, BATCH, CONTEXT, MILLIS);
  private static final double SECONDS_PER_MILLI = 1e-3;
  private static final int BYTE_ORDER_MARK = 0xFEFF;
  private static final CSVFormat FORMAT =
      CSVFormat.RFC4180
          .builder()
          .setCommentMarker('#')
          .setIgnoreEmptyLines(true)
          .setIgnoreSurroundingSpaces(true)
          .get();

  private final Path file;
  private final CSVParser parser;
  private final Map<String, Integer> columns = new LinkedHashMap<>();

  private MeasuredPasses(Path file, CSVParser parser) {
    this.file = file;
    this.parser = parser;
  }

  /**
   * All passes of a file, in its order.
   *
   * @throws IllegalArgumentException if the file is not as it should be; one sentence for the user
   */
  public static List<MeasuredPass> read(Path file) {
    try (BufferedReader reader = Files.newBufferedReader(file);
        CSVParser parser = CSVParser.parse(pastByteOrderMark(reader), FORMAT)) {
      return new MeasuredPasses(file, parser).read();
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(
          file + ": there is no such file; give a CSV of measured passes", e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static Reader pastByteOrderMark(BufferedReader reader) throws IOException {
    reader.mark(1);
    if (reader.read() != BYTE_ORDER_MARK) {
      reader.reset();
    }
    return reader;
  }

  private List<MeasuredPass> read() {
    Iterator<CSVRecord> records = parser.iterator();
    var passes = new ArrayList<MeasuredPass>();
    try {
      if (!records.hasNext()) {
        throw new IllegalArgumentException(
            "%s: is empty; write a header with %s, %s and a row for each pass"
                .formatted(file, String.join(", ", NEEDED), NEW_TOKENS));
      }
      header(records.next());
      while (records.hasNext()) {
        passes.add(new Row(records.next(), parser.getCurrentLineNumber()).pass());
      }
    } catch (UncheckedIOException e) {
      throw unreadable(file, Objects.requireNonNull(e.getCause()));
    }
    return passes;
  }

  private static IllegalArgumentException unreadable(Path file, IOException e) {
    if (Files.isDirectory(file)) {
      return new IllegalArgumentException(file + ": is a directory; name one file in it", e);
    }
    String why = e instanceof CharacterCodingException ? "it is not UTF-8" : e.getMessage();
    return new IllegalArgumentException(
        "%s: cannot be read (%s); give plain CSV in UTF-8, quoted as RFC 4180 says"
            .formatted(file, why),
        e);
  }

  private void header(CSVRecord record) {
    long line = parser.getCurrentLineNumber();
    for (int i = 0; i < record.size(); i++) {
      String name = record.get(i).toLowerCase(Locale.ROOT);
      if (columns.putIfAbsent(name, i) != null
          && (NEEDED.contains(name) || name.equals(NEW_TOKENS))) {
        throw complaint(line, "the header names '%s' twice; leave one of them".formatted(name));
      }
    }
    for (String name : NEEDED) {
      if (!columns.containsKey(name)) {
        throw complaint(
            line,
            "the header has no column '%s' but %s; name one so"
                .formatted(name, String.join(", ", columns.keySet())));
      }
    }
  }

  private IllegalArgumentException complaint(long line, String problem) {
    return new IllegalArgumentException("%s:%d: %s".formatted(file, line, problem));
  }

  /** One row, and the line on which it ends. */
  private final class Row {
    private final CSVRecord record;
    private final long line;

    Row(CSVRecord record, long line) {
      this.record = record;
      this.line = line;
    }

    MeasuredPass pass() {
      MeasuredPass.Phase phase = phase();
      boolean one = phase == MeasuredPass.Phase.DECODE && text(NEW_TOKENS).isEmpty();
      var shape =
          new MeasuredPass.Shape(
              phase, whole(BATCH, 1), one ? 1 : whole(NEW_TOKENS, 1), whole(CONTEXT, 0));
      return new MeasuredPass(line, shape, millis() * SECONDS_PER_MILLI);
    }

    private MeasuredPass.Phase phase() {
      return switch (text(PHASE).toLowerCase(Locale.ROOT)) {
        case "prefill" -> MeasuredPass.Phase.PREFILL;
        case "decode" -> MeasuredPass.Phase.DECODE;
        default -> throw refused(PHASE, "prefill or decode");
      };
    }

    private int whole(String column, int least) {
      try {
        int value = Integer.parseInt(text(column));
        if (value >= least) {
          return value;
        }
      } catch (NumberFormatException e) {
        // refused as a number that is too small is
      }
      throw refused(column, "a whole number from %d to %d".formatted(least, Integer.MAX_VALUE));
    }

    private double millis() {
      double millis;
      try {
        millis = Double.parseDouble(text(MILLIS));
      } catch (NumberFormatException e) {
        millis = Double.NaN;
      }
      if (!(millis > 0 && millis <= Double.MAX_VALUE)) {
        throw refused(MILLIS, "a number of milliseconds above 0, such as 12.5");
      }
      return millis;
    }

    private String text(String column) {
      Integer index = columns.get(column);
      return index == null || index >= record.size() ? "" : record.get(index);
    }

    private IllegalArgumentException refused(String column, String need) {
      String text = text(column);
      return complaint(
          line,
          "field '%s' is %s; it must be %s"
              .formatted(column, text.isEmpty() ? "missing" : "'" + text + "'", need));
    }
  }
}
