package org.kvcache.sim.trace;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Lines of a text file as ranges of a reused byte array. Blank lines are passed over, a carriage
 * return before the line feed is dropped.
 */
final class LineInput implements AutoCloseable {
  private static final int MAX_LINE = 1 << 20;

  private final String file;
  private final InputStream in;
  private byte[] buffer = new byte[1 << 16];
  private int position;
  private int limit;
  private long number;
  private int from;
  private int to;

  LineInput(String file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  /** Moves to the next line with something on it; false at the end. */
  boolean next() {
    while (advance()) {
      while (to > from && isBlank(buffer[to - 1])) {
        to--;
      }
      while (from < to && isBlank(buffer[from])) {
        from++;
      }
      if (from < to) {
        return true;
      }
    }
    return false;
  }

  /** The array the line lies in, until the next call of {@link #next}. */
  byte[] bytes() {
    return buffer;
  }

  /** Index of the line's first byte. */
  int from() {
    return from;
  }

  /** Index after the line's last byte. */
  int to() {
    return to;
  }

  /** Part of the line as text. */
  String text(int start, int end) {
    return new String(buffer, start, end - start, StandardCharsets.UTF_8).strip();
  }

  /** The plain decimal number in a part of the line, or -1 if there is none up to 2^63-1. */
  long decimal(int start, int end) {
    if (start >= end || end - start > 19) {
      return -1;
    }
    long value = 0;
    for (int i = start; i < end; i++) {
      int digit = buffer[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value < 0 ? -1 : value;
  }

  /** An error on the current line. */
  TraceException error(String problem) {
    return TraceException.at(file, number, problem);
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException ignored) {
      // The input was only read.
    }
  }

  private boolean advance() {
    number++;
    for (int scanned = position; ; ) {
      while (scanned < limit && buffer[scanned] != '\n') {
        scanned++;
      }
      if (scanned < limit) {
        from = position;
        to = scanned;
        position = scanned + 1;
        return true;
      }
      int shift = position;
      if (!fill()) {
        from = position;
        to = limit;
        position = limit;
        return from < to;
      }
      scanned -= shift;
    }
  }

  /** Moves the unfinished line to the front and reads on behind it; false at the end. */
  private boolean fill() {
    if (position > 0) {
      System.arraycopy(buffer, position, buffer, 0, limit - position);
      limit -= position;
      position = 0;
    }
    if (limit == buffer.length) {
      if (limit >= MAX_LINE) {
        throw error("the line is longer than " + MAX_LINE + " bytes; this is not a text trace");
      }
      buffer = Arrays.copyOf(buffer, limit * 2);
    }
    try {
      int read = in.read(buffer, limit, buffer.length - limit);
      limit += Math.max(0, read);
      return read > 0;
    } catch (IOException e) {
      throw TraceException.at(
          file, number, e.getMessage() + "; copy or download the file again", e);
    }
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t' || b == '\r';
  }
}
