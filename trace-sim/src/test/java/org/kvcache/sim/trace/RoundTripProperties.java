package org.kvcache.sim.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.kvcache.sim.trace.InMemoryTrace.Row;

class RoundTripProperties {
  private static Path directory;

  @BeforeContainer
  static void makeDirectory() throws IOException {
    directory = Files.createTempDirectory("round-trip");
  }

  @AfterContainer
  static void removeDirectory() throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  @Provide
  Arbitrary<InMemoryTrace> chains() {
    return TraceArbitraries.chains(false);
  }

  @Provide
  Arbitrary<InMemoryTrace> sessions() {
    return TraceArbitraries.chains(true);
  }

  @Provide
  Arbitrary<InMemoryTrace> keys() {
    return TraceArbitraries.keys();
  }

  @Property(tries = 200)
  void mooncakeKeepsEverything(@ForAll("sessions") InMemoryTrace trace) {
    assertThat(throughFile(trace, TraceFormat.MOONCAKE, "t.jsonl")).isEqualTo(trace.rows());
  }

  @Property(tries = 200)
  void mooncakeKeepsRequestsWithoutSessions(@ForAll("chains") InMemoryTrace trace) {
    assertThat(throughFile(trace, TraceFormat.MOONCAKE, "t.jsonl.gz")).isEqualTo(trace.rows());
  }

  @Property(tries = 200)
  void runsKeepEverything(@ForAll("sessions") InMemoryTrace trace) {
    assertThat(throughFile(trace, TraceFormat.RUNS, "t.runs.jsonl")).isEqualTo(trace.rows());
  }

  @Property(tries = 200)
  void bailianKeepsSessionsThroughItsLinks(@ForAll("sessions") InMemoryTrace trace) {
    assertThat(throughFile(trace, TraceFormat.BAILIAN, "t.jsonl")).isEqualTo(trace.rows());
  }

  @Property(tries = 200)
  void vllmEventsKeepTimesAndChains(@ForAll("chains") InMemoryTrace trace) {
    var expected = new ArrayList<Row>();
    for (Row row : trace.rows()) {
      if (!row.ids().isEmpty()) {
        int tokens = row.ids().size() * trace.blockTokens();
        expected.add(new Row(row.timeMillis(), tokens, 0, -1, -1, row.ids()));
      }
    }
    assertThat(throughFile(trace, TraceFormat.VLLM_EVENTS, "t.events.jsonl")).isEqualTo(expected);
  }

  @Property(tries = 200)
  void csvKeepsTimesAndOneAccessPerBlock(@ForAll("chains") InMemoryTrace trace) {
    assertThat(throughFile(trace, TraceFormat.CSV, "t.csv")).isEqualTo(accesses(trace, 1));
  }

  @Property(tries = 200)
  void txtKeepsOneAccessPerBlock(@ForAll("chains") InMemoryTrace trace) {
    assertThat(throughFile(trace, TraceFormat.TXT, "t.txt")).isEqualTo(accesses(trace, 0));
  }

  @Property(tries = 200)
  void oracleGeneralKeepsWholeSeconds(@ForAll("chains") InMemoryTrace trace) {
    assertThat(throughFile(trace, TraceFormat.ORACLE_GENERAL, "t.oracleGeneral.zst"))
        .isEqualTo(accesses(trace, 1000));
  }

  @Property(tries = 100)
  void oracleGeneralNamesTheNextAccess(@ForAll("keys") InMemoryTrace trace) throws IOException {
    throughFile(trace, TraceFormat.ORACLE_GENERAL, "n.oracleGeneral");
    var bytes =
        ByteBuffer.wrap(Files.readAllBytes(directory.resolve("n.oracleGeneral")))
            .order(ByteOrder.LITTLE_ENDIAN);
    List<Long> ids = trace.rows().stream().map(row -> row.ids().getFirst()).toList();
    assertThat(bytes.capacity()).isEqualTo(24 * ids.size());
    for (int i = 0; i < ids.size(); i++) {
      int later = ids.subList(i + 1, ids.size()).indexOf(ids.get(i));
      long next = (later < 0) ? -1 : i + 1 + later + 1;
      assertThat(bytes.getLong(24 * i + OracleGeneral.ID)).isEqualTo(ids.get(i));
      assertThat(bytes.getLong(24 * i + OracleGeneral.NEXT_ACCESS)).isEqualTo(next);
      assertThat(bytes.getInt(24 * i + OracleGeneral.SIZE)).isOne();
    }
  }

  @Property(tries = 100)
  void theDigestSurvivesConversionAndCompression(@ForAll("sessions") InMemoryTrace trace) {
    var digests = new HashSet<String>();
    Trace loaded = trace.load();
    digests.add(loaded.digest());
    for (String name : List.of("a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.runs.jsonl.gz")) {
      Path file = directory.resolve(name);
      TraceFormat format = TraceFormat.ofFileName(name).orElseThrow();
      try (var writer = TraceWriter.create(file, format, trace.blockTokens())) {
        writer.writeAll(loaded.reader());
      }
      try (var reader = TraceSource.open(file.toString(), 0)) {
        digests.add(Trace.load(reader, TraceOptions.ALL).digest());
      }
    }
    assertThat(digests).hasSize(1);
  }

  private static List<Row> accesses(InMemoryTrace trace, int timeStep) {
    var accesses = new ArrayList<Row>();
    for (Row row : trace.rows()) {
      double time = timeStep == 0 ? 0 : Math.floor(row.timeMillis() / timeStep) * timeStep;
      row.ids().forEach(id -> accesses.add(new Row(time, 1, 0, -1, -1, List.of(id))));
    }
    return accesses;
  }

  private static List<Row> throughFile(InMemoryTrace trace, TraceFormat format, String name) {
    Path file = directory.resolve(name);
    try (var writer = TraceWriter.create(file, format, trace.blockTokens())) {
      assertThat(writer.writeAll(trace.reader())).isEqualTo(trace.rows().size());
    }
    try {
      if (isBlank(file)) {
        return List.of();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try (var reader = TraceSource.open(format.label() + ":" + file, 0)) {
      int expected = format.flat() ? 1 : trace.blockTokens();
      assertThat(reader.blockTokens()).isEqualTo(expected);
      return InMemoryTrace.rowsOf(reader);
    }
  }

  private static boolean isBlank(Path file) throws IOException {
    try (var input = TraceInput.open(file)) {
      return new String(input.peek(), StandardCharsets.ISO_8859_1).isBlank()
          && Files.size(file) < 64;
    }
  }
}
