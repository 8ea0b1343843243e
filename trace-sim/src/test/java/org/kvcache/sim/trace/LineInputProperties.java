package org.kvcache.sim.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;

class LineInputProperties {
  @Property
  void givesTheLinesThatAreNotBlankHoweverTheBytesArrive(
      @ForAll List<@CharRange(from = 'a', to = 'c') @StringLength(max = 5) String> lines,
      @ForAll boolean carriageReturns,
      @ForAll boolean lastNewline,
      @ForAll @IntRange(min = 1, max = 7) int atOnce) {
    String newline = carriageReturns ? "\r\n" : "\n";
    String content = String.join(newline, lines) + (lastNewline ? newline : "");
    assertThat(read(content, atOnce)).isEqualTo(lines.stream().filter(s -> !s.isEmpty()).toList());
  }

  @Property
  void decimalsAreReadExactly(@ForAll long value) {
    var input = new LineInput("f", trickle(Long.toString(value), 100));
    assertThat(input.next()).isTrue();
    assertThat(input.decimal(input.from(), input.to())).isEqualTo(value < 0 ? -1 : value);
  }

  @Example
  void linesLongerThanTheBufferAreRead() {
    String line = "x".repeat(200_000);
    assertThat(read("a\n" + line + "\nb", 10_000)).containsExactly("a", line, "b");
  }

  @Example
  void endlessLinesAreAnError() {
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(() -> read("ok\n" + "x".repeat(3_000_000), 100_000))
        .withMessageStartingWith("f:2: the line is longer than");
  }

  private static List<String> read(String content, int atOnce) {
    var lines = new ArrayList<String>();
    try (var input = new LineInput("f", trickle(content, atOnce))) {
      while (input.next()) {
        lines.add(input.text(input.from(), input.to()));
      }
    }
    return lines;
  }

  private static InputStream trickle(String content, int atOnce) {
    return new ByteArrayInputStream(content.getBytes(StandardCharsets.US_ASCII)) {
      @Override
      public synchronized int read(byte[] into, int offset, int length) {
        return super.read(into, offset, Math.min(length, atOnce));
      }

      @Override
      public void close() throws IOException {
        super.close();
      }
    };
  }
}
