package org.kvcache.sim.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kvcache.sim.trace.InMemoryTrace.Row;

class OutputFileTest {
  @TempDir Path directory;

  static Stream<TraceFormat> writable() {
    return Arrays.stream(TraceFormat.values()).filter(TraceFormat::writable);
  }

  @ParameterizedTest
  @MethodSource("writable")
  void aFailureLeavesTheOldFileAndNothingElse(TraceFormat format) throws IOException {
    Path target = TraceFiles.write(directory, "t.out", "precious");
    var broken = InMemoryTrace.of(1, Row.of(0, 1, 1)).reader();
    try (var writer = TraceWriter.create(target, format, 1)) {
      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(() -> writer.writeAll(new FailsAfterOne(broken)));
    }
    assertThat(target).hasContent("precious");
    assertOnlyFile(target);
  }

  @ParameterizedTest
  @MethodSource("writable")
  void aCommitReplacesTheOldFileAndLeavesNothingElse(TraceFormat format) throws IOException {
    Path target = TraceFiles.write(directory, "t.out", "old");
    try (var writer = TraceWriter.create(target, format, 1)) {
      writer.writeAll(InMemoryTrace.flat(1, 2, 1).reader());
    }
    assertThat(TraceFiles.rows(format.label() + ":" + target)).hasSize(3);
    assertOnlyFile(target);
  }

  @Test
  void azureIsNotWrittenAndTheOldFileStays() throws IOException {
    Path target = TraceFiles.write(directory, "t.csv", "precious");
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(() -> TraceWriter.create(target, TraceFormat.AZURE, 512))
        .withMessage(
            "azure is a format without block ids, so writing it would lose which prompts share a"
                + " prefix; write one of mooncake, runs, bailian, oracleGeneral, csv, txt,"
                + " vllm-events");
    assertThat(target).hasContent("precious");
    assertOnlyFile(target);
  }

  @Test
  void placesThatCannotBeWrittenAreSentences() {
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(() -> TraceWriter.create(directory, TraceFormat.TXT, 1))
        .withMessage(directory + ": is a directory; name a file to write");
    Path nowhere = directory.resolve("no/such/t.txt");
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(() -> TraceWriter.create(nowhere, TraceFormat.TXT, 1))
        .withMessage(nowhere + ": its directory does not exist; make it first");
  }

  @Test
  void timesBeyond32BitSecondsDoNotFitOracleGeneral() {
    var late = InMemoryTrace.of(1, Row.of(5e12, 1, 1)).reader();
    try (var writer = TraceWriter.create(directory.resolve("t"), TraceFormat.ORACLE_GENERAL, 1)) {
      assertThatExceptionOfType(TraceException.class)
          .isThrownBy(() -> writer.writeAll(late))
          .withMessageContaining("32-bit seconds; write csv");
    }
  }

  @Test
  void longKeyStreamsArePatchedAcrossChunks() {
    int keys = 100_000;
    Path target = directory.resolve("long.oracleGeneral");
    long[] ids = new long[2 * keys];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = i % keys;
    }
    try (var writer = TraceWriter.create(target, TraceFormat.ORACLE_GENERAL, 1)) {
      writer.writeAll(InMemoryTrace.flat(ids).reader());
    }
    Trace trace;
    try (var reader = TraceSource.open(target.toString(), 0)) {
      trace = Trace.load(reader, TraceOptions.ALL);
    }
    assertThat(trace.requests()).isEqualTo(2 * keys);
    assertThat(trace.uniqueBlocks()).isEqualTo(keys);
    assertThat(TraceSummary.of(trace).reuseDistance().quantile(0)).isEqualTo(131_071);
  }

  private void assertOnlyFile(Path target) throws IOException {
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(target);
    }
  }

  private record FailsAfterOne(TraceReader inner) implements TraceReader {
    @Override
    public boolean next(Request into) {
      if (!inner.next(into)) {
        throw new IllegalStateException("broken source");
      }
      return true;
    }

    @Override
    public int blockTokens() {
      return inner.blockTokens();
    }

    @Override
    public String name() {
      return inner.name();
    }

    @Override
    public void close() {}
  }
}
