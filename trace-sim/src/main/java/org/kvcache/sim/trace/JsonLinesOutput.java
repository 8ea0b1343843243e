package org.kvcache.sim.trace;

import java.io.IOException;
import java.math.BigDecimal;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** JSON Lines into an {@link OutputFile}. */
final class JsonLinesOutput implements AutoCloseable {
  private static final double EXACT_WHOLE = 1L << 53;
  private static final JsonFactory FACTORY = JsonFactory.builder().rootValueSeparator("\n").build();

  private final OutputFile file;
  private final JsonGenerator generator;

  JsonLinesOutput(OutputFile file) {
    this.file = file;
    generator = FACTORY.createGenerator(ObjectWriteContext.empty(), file);
  }

  /** The writing of one line. */
  interface Line {
    void write(JsonGenerator generator);
  }

  /** Writes a line; what fails on the way down becomes a {@link TraceException}. */
  void line(Line line) {
    try {
      line.write(generator);
    } catch (JacksonException e) {
      throw failed(e);
    }
  }

  void commit() {
    try {
      generator.writeRaw('\n');
      generator.flush();
    } catch (JacksonException e) {
      throw failed(e);
    }
    file.commit();
  }

  @Override
  public void close() {
    file.close();
  }

  /** A number without fraction or exponent where it has no need of them. */
  static void writeNumber(JsonGenerator generator, String field, double value) {
    if (value == Math.rint(value) && value < EXACT_WHOLE) {
      generator.writeNumberProperty(field, (long) value);
    } else {
      generator.writeName(field);
      generator.writeNumber(new BigDecimal(Double.toString(value)).toPlainString());
    }
  }

  private TraceException failed(JacksonException e) {
    return file.failed(e.getCause() instanceof IOException cause ? cause : new IOException(e));
  }
}
