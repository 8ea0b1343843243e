package org.kvcache.sim.trace;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonParser.NumberType;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.core.json.JsonFactory;

/**
 * JSON Lines as a cursor over records and their fields. Every failure, be it of the stream, of the
 * syntax or of a value's type or range, becomes a {@link TraceException} that names file and line.
 */
final class JsonRecords implements AutoCloseable {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION).build();

  private final String file;
  private final JsonParser parser;
  private long line = 1;

  JsonRecords(String file, InputStream in) {
    this.file = file;
    try {
      parser = FACTORY.createParser(ObjectReadContext.empty(), in);
    } catch (JacksonException e) {
      throw translated(e, 1);
    }
  }

  /** The file, as messages name it. */
  String file() {
    return file;
  }

  /** Moves into the next record, which must be an object; false at the end. */
  boolean nextObject() {
    @Nullable JsonToken token = nextValue();
    if (token == null) {
      return false;
    } else if (token != JsonToken.START_OBJECT) {
      throw error("the line is " + shown() + ", but each line must be one JSON object");
    }
    return true;
  }

  /** Moves to the next token, of whatever depth; null at the end of the file. */
  @Nullable JsonToken nextValue() {
    @Nullable JsonToken token = advance();
    line = parser.currentTokenLocation().getLineNr();
    return token;
  }

  /** Moves to the value of the next field and returns the field's name; null after the last. */
  @Nullable String nextField() {
    try {
      String name = parser.nextName();
      if (name != null) {
        parser.nextToken();
      }
      return name;
    } catch (JacksonException e) {
      throw translated(e, parser.currentLocation().getLineNr());
    }
  }

  /** The token the cursor is on. */
  JsonToken token() {
    @Nullable JsonToken token = parser.currentToken();
    if (token == null) {
      throw new IllegalStateException("not on a value");
    }
    return token;
  }

  /** Skips the current value whole. */
  void skip() {
    try {
      parser.skipChildren();
    } catch (JacksonException e) {
      throw translated(e, parser.currentLocation().getLineNr());
    }
  }

  /** The current value as a whole number within bounds. */
  long whole(String field, long min, long max) {
    if (token() == JsonToken.VALUE_NUMBER_INT && fitsLong()) {
      long value = parser.getLongValue();
      if (value >= min && value <= max) {
        return value;
      }
    }
    String bound = (max == Long.MAX_VALUE) ? min + " to 2^63-1" : min + " to " + max;
    throw wrong(field, "must be a whole number from " + bound);
  }

  /** The current value as a 32-bit count of at least {@code min}. */
  int count(String field, int min) {
    return (int) whole(field, min, Integer.MAX_VALUE);
  }

  /** The current value as a number of at least 0, such as a time. */
  double number(String field, String unit) {
    JsonToken token = token();
    if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
      double value = decoded(JsonParser::getDoubleValue);
      if (value >= 0 && value <= Double.MAX_VALUE) {
        return value;
      }
    }
    throw wrong(field, "must be a number of " + unit + ", 0 or more");
  }

  /** The current text. */
  String text() {
    return decoded(JsonParser::getString);
  }

  /** The low 64 bits of the current whole number, however large. */
  long low64() {
    return fitsLong() ? parser.getLongValue() : decoded(JsonParser::getBigIntegerValue).longValue();
  }

  /** Appends the current list of block ids. */
  void ids(String field, Request into) {
    startArray(field, "a list of block ids");
    while (nextElement()) {
      if (into.count == Request.MAX_IDS) {
        throw error(
            "field '" + field + "' lists more than " + Request.MAX_IDS + " block ids; split it");
      }
      long id = (token() == JsonToken.VALUE_NUMBER_INT && fitsLong()) ? parser.getLongValue() : -1;
      if (id < 0) {
        throw badId(field);
      }
      into.addId(id);
    }
  }

  /** Enters the current list. */
  void startArray(String field, String expected) {
    if (token() != JsonToken.START_ARRAY) {
      throw wrong(field, "must be " + expected);
    }
  }

  /** Moves to the next element of the list; false at its end. */
  boolean nextElement() {
    return advance() != JsonToken.END_ARRAY;
  }

  /** An error in the current record. */
  TraceException error(String problem) {
    return TraceException.at(file, line, problem);
  }

  /** An error about the current value. */
  TraceException wrong(String field, String rule) {
    return error("field '" + field + "' is " + shown() + "; it " + rule);
  }

  /** Fails unless the record had the field. */
  void require(boolean present, String field) {
    if (!present) {
      throw error("field '" + field + "' is missing; each line must have it");
    }
  }

  @Override
  public void close() {
    try {
      parser.close();
    } catch (JacksonException ignored) {
      // The input was only read.
    }
  }

  private boolean fitsLong() {
    NumberType type = decoded(JsonParser::getNumberType);
    return type == NumberType.INT || type == NumberType.LONG;
  }

  /** Values are decoded only when asked for, and may turn out malformed as late as that. */
  private <T> T decoded(Function<JsonParser, T> getter) {
    try {
      return getter.apply(parser);
    } catch (JacksonException e) {
      throw translated(e, line);
    }
  }

  private @Nullable JsonToken advance() {
    try {
      return parser.nextToken();
    } catch (JacksonException e) {
      throw translated(e, parser.currentLocation().getLineNr());
    }
  }

  private TraceException badId(String field) {
    return error(
        "field '"
            + field
            + "' holds "
            + shown()
            + "; block ids must be whole numbers from 0 to 2^63-1: renumber the blocks");
  }

  private String shown() {
    return switch (token()) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "a list";
      case VALUE_STRING -> "the text \"" + shortened(text()) + "\"";
      default -> shortened(text());
    };
  }

  private static String shortened(String text) {
    return (text.length() <= 40) ? text : text.substring(0, 40) + "…";
  }

  private TraceException translated(JacksonException e, long at) {
    if (e instanceof JacksonIOException && e.getCause() instanceof IOException cause) {
      return TraceException.at(
          file, at, cause.getMessage() + "; copy or download the file again", cause);
    }
    String message = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
    // Between the fields of a record the parser reports the end without that type.
    if (e instanceof UnexpectedEndOfInputException || message.contains("end-of-input")) {
      return TraceException.at(
          file, at, "the file ends inside a record; it was cut off: copy or make it again", e);
    }
    return TraceException.at(
        file, at, "not JSON (" + message + "); each line must be one JSON object", e);
  }
}
