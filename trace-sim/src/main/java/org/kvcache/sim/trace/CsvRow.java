package org.kvcache.sim.trace;

/** The columns of the current line of a {@link LineInput}, without padding and quotes. */
final class CsvRow {
  private final LineInput lines;
  private final char delimiter;
  private int start;
  private int end;

  CsvRow(LineInput lines, char delimiter) {
    this.lines = lines;
    this.delimiter = delimiter;
  }

  /** Moves to a column, counted from 1; false if the line ends before it. */
  boolean find(int column) {
    int at = lines.from();
    for (int passed = 1; passed < column; passed++) {
      at = fieldEnd(at) + 1;
      if (at > lines.to()) {
        return false;
      }
    }
    start = at;
    end = fieldEnd(at);
    byte[] bytes = lines.bytes();
    while (start < end && isPadding(bytes[start])) {
      start++;
    }
    while (end > start && isPadding(bytes[end - 1])) {
      end--;
    }
    return true;
  }

  /** The column as text. */
  String text() {
    return lines.text(start, end);
  }

  /** The column as a plain decimal number, or -1. */
  long decimal() {
    return lines.decimal(start, end);
  }

  private int fieldEnd(int from) {
    byte[] bytes = lines.bytes();
    int at = from;
    while (at < lines.to() && bytes[at] != delimiter) {
      at++;
    }
    return at;
  }

  private static boolean isPadding(byte b) {
    return b == ' ' || b == '"';
  }
}
