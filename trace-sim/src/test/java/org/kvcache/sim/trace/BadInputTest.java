package org.kvcache.sim.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BadInputTest {
  private static final String START = "{\"timestamp\":1,\"input_length\":1024,\"output_length\":5,";

  @TempDir Path directory;

  static Stream<Arguments> badMooncakeLines() {
    return Stream.of(
        arguments("hello", "not JSON (Unrecognized token 'hello'"),
        arguments("[1]", "but each line must be one JSON object"),
        arguments("17", "the line is 17, but each line must be one JSON object"),
        arguments("{\"timestamp\":2,", "the file ends inside a record"),
        arguments(
            "{\"input_length\":1,\"output_length\":5,\"hash_ids\":[]}",
            "field 'timestamp' is missing"),
        arguments(
            "{\"timestamp\":2,\"output_length\":5,\"hash_ids\":[]}",
            "field 'input_length' is missing"),
        arguments(
            "{\"timestamp\":2,\"input_length\":5,\"hash_ids\":[]}",
            "field 'output_length' is missing"),
        arguments(START + "\"x\":1}", "field 'hash_ids' is missing"),
        arguments(
            START + "\"hash_ids\":[0,-3]}",
            "field 'hash_ids' holds -3; block ids must be whole numbers from 0 to 2^63-1"),
        arguments(START + "\"hash_ids\":[9223372036854775808]}", "holds 9223372036854775808"),
        arguments(START + "\"hash_ids\":[1.5]}", "holds 1.5; block ids must be whole numbers"),
        arguments(START + "\"hash_ids\":[\"a\"]}", "holds the text \"a\"; block ids"),
        arguments(START + "\"hash_ids\":7}", "field 'hash_ids' is 7; it must be a list"),
        arguments(START + "\"hash_ids\":null}", "field 'hash_ids' is null; it must be a list"),
        arguments(
            START + "\"hash_ids\":[1,2,3]}",
            "field 'hash_ids' lists 3 blocks but 'input_length' 1024 fills at most 2 of 512"),
        arguments(START + "\"hash_runs\":[0,0]}", "field 'hash_runs' is 0; it must be a whole"),
        arguments(START + "\"hash_runs\":[0,-1]}", "field 'hash_runs' is -1; it must be a whole"),
        arguments(START + "\"hash_runs\":[-1,1]}", "field 'hash_runs' is -1; it must be a whole"),
        arguments(START + "\"hash_runs\":[0]}", "ends with a start; write [start, count, …]"),
        arguments(START + "\"hash_runs\":[9223372036854775807,2]}", "runs past id 2^63-1"),
        arguments(
            START + "\"hash_runs\":[0,9223372036854775807,0,9223372036854775807]}",
            "lists 9223372036854775807 blocks but 'input_length' 1024"),
        arguments(
            "{\"timestamp\":-2,\"input_length\":1,\"output_length\":5,\"hash_ids\":[]}",
            "field 'timestamp' is -2; it must be a number of milliseconds, 0 or more"),
        arguments(
            "{\"timestamp\":\"2\",\"input_length\":1,\"output_length\":5,\"hash_ids\":[]}",
            "field 'timestamp' is the text \"2\"; it must be a number"),
        arguments(
            "{\"timestamp\":1e999,\"input_length\":1,\"output_length\":5,\"hash_ids\":[]}",
            "field 'timestamp' is 1e999; it must be a number"),
        arguments(
            "{\"timestamp\":2,\"input_length\":-1,\"output_length\":5,\"hash_ids\":[]}",
            "field 'input_length' is -1; it must be a whole number from 0 to 2147483647"),
        arguments(
            "{\"timestamp\":2,\"input_length\":1,\"output_length\":2147483648,\"hash_ids\":[]}",
            "field 'output_length' is 2147483648; it must be"),
        arguments(
            "{\"timestamp\":0.5,\"input_length\":1,\"output_length\":5,\"hash_ids\":[]}",
            "field 'timestamp' is 0.5, earlier than 1 before it; sort the trace by timestamp"),
        arguments(
            START + "\"session\":1.5,\"hash_ids\":[]}",
            "field 'session' is 1.5; it must be a whole number or a text"),
        arguments(START + "\"turn\":-1,\"hash_ids\":[]}", "field 'turn' is -1; it must be"),
        arguments(
            START + "\"hash_block_size\":16,\"hash_ids\":[]}",
            "field 'hash_block_size' is 16; it differs from the 512 tokens per block"));
  }

  @ParameterizedTest
  @MethodSource("badMooncakeLines")
  void namesFileLineAndField(String line, String expected) throws IOException {
    Path file = TraceFiles.write(directory, "t.jsonl", TraceFiles.LINE + "\r\n" + line + "\n");
    var failure = catchThrowableOfType(TraceException.class, () -> TraceFiles.rows(file));
    assertThat(failure).hasMessageStartingWith(file + ":").hasMessageContaining(expected);
    assertThat(failure.getMessage()).matches("(?s).*t\\.jsonl:[34]: .*").doesNotContain("\n");
  }

  @Test
  void bailianLinesAreCheckedToo() throws IOException {
    String good =
        "{\"chat_id\":1,\"parent_chat_id\":-1,\"timestamp\":1.5,\"input_length\":16,"
            + "\"output_length\":1,\"turn\":1,\"hash_ids\":[1]}\n";
    Path file = TraceFiles.write(directory, "t.jsonl", good + good.replace("1.5", "1.25"));
    assertFails(file, ":2: field 'timestamp' is 1.25, earlier than 1.5 before it");
    Path orphan = TraceFiles.write(directory, "o.jsonl", good.replace("\"chat_id\":1,", ""));
    assertFails(orphan, ":1: field 'chat_id' is missing");
    Path parent = TraceFiles.write(directory, "p.jsonl", good.replace("-1", "-2"));
    assertFails(parent, ":1: field 'parent_chat_id' is -2; it must be a whole number from -1");
  }

  @Test
  void flatFormatsNameTheLine() throws IOException {
    assertFails(TraceFiles.write(directory, "a.txt", "1\n\n-2\n"), ":3: the line is '-2'");
    assertFails(TraceFiles.write(directory, "b.txt", "9223372036854775808\n"), ":1: the line is");
    assertFails(TraceFiles.write(directory, "a.csv", "1,2,3\n2\n"), ":2: the line has no column 2");
    assertFails(TraceFiles.write(directory, "b.csv", "1,x,3\n"), ":1: field 'obj_id' is 'x'");
    assertFails(TraceFiles.write(directory, "c.csv", "2,1,1\n1,1,1\n"), ":2: field 'time' is 1");
    assertFails(TraceFiles.write(directory, "d.csv", "1,1,1\n-1,1,1\n"), ":2: field 'time' is '-1");
    assertFails(
        TraceFiles.write(directory, "e.csv", "TIMESTAMP,ContextTokens\n1,2\n"),
        ":1: none of the columns 'TIMESTAMP,ContextTokens' is called obj_id");
  }

  @Test
  void aTornBinaryRecordIsNoticed() throws IOException {
    Path file = directory.resolve("t.oracleGeneral");
    Files.write(file, new byte[24 * 3 + 5]);
    assertFails(file, ":4: the last record has 5 of 24 bytes");
  }

  @Test
  void truncatedGzipIsNoticedWhereverItEnds() throws IOException {
    byte[] whole = TraceFiles.gzip(TraceFiles.LINE.repeat(5000));
    Path file = directory.resolve("t.jsonl.gz");
    for (int length : new int[] {3, 9, 12, whole.length / 2, whole.length - 4}) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertFails(file, "the gzip data ends too early, the file is truncated; copy or download");
    }
  }

  @Test
  void damagedGzipIsNoticed() throws IOException {
    byte[] bytes = TraceFiles.gzip(TraceFiles.LINE.repeat(5000));
    bytes[bytes.length - 6] ^= 1;
    Path file = directory.resolve("t.jsonl.gz");
    Files.write(file, bytes);
    assertFails(file, "the gzip data is damaged; copy or download the file again");
  }

  @Test
  void truncatedZstdIsNoticed() throws IOException {
    Path whole = directory.resolve("whole.jsonl.zst");
    try (var writer = TraceWriter.create(whole, TraceFormat.MOONCAKE, 512);
        var reader = TraceSource.open("docqa:requests=300", 1)) {
      writer.writeAll(reader);
    }
    byte[] bytes = Files.readAllBytes(whole);
    Path file = directory.resolve("t.jsonl.zst");
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 10));
    assertFails(file, "the zstd data ends too early, the file is truncated");
    bytes[bytes.length / 2] ^= 0x55;
    Files.write(file, bytes);
    assertFails(file, "t.jsonl.zst:");
  }

  @Test
  void missingEmptyAndUnknownFilesAreSentences() throws IOException {
    assertFails(directory.resolve("none.jsonl"), "there is no such file or generator");
    assertFails(directory, "is a directory; name one trace file in it");
    assertFails(TraceFiles.write(directory, "e.jsonl", ""), "the file is empty");
    Path gz = directory.resolve("e.jsonl.gz");
    Files.write(gz, TraceFiles.gzip(""));
    assertFails(gz, "the file is empty");
    assertFails(
        TraceFiles.write(directory, "x", "what is this?\n"),
        "the format is not recognised; name it as FORMAT:FILE with one of mooncake, runs,");
  }

  @Test
  void aFileOfBlankLinesHoldsNoRequests() throws IOException {
    Path file = TraceFiles.write(directory, "blank.jsonl", "\n\r\n\n");
    try (var reader = TraceSource.open(file.toString(), 0)) {
      assertThatExceptionOfType(TraceException.class)
          .isThrownBy(() -> Trace.load(reader, TraceOptions.ALL))
          .withMessageContaining("holds no requests");
    }
  }

  private static void assertFails(Path file, String expected) {
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(() -> TraceFiles.rows(file))
        .withMessageStartingWith(file.toString())
        .withMessageContaining(expected);
  }
}
