package org.kvcache.sim.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.sim.trace.InMemoryTrace.Row;

class AzureReaderTest {
  private static final String HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens\r\n";
  private static final String FIRST = "2023-11-16 18:15:46.6805900,1030,44\r\n";

  @TempDir Path directory;

  @Test
  void eachRequestHasBlocksOfItsOwnAndTimesCountFromTheFirst() throws IOException {
    Path file =
        TraceFiles.write(
            directory,
            "azure.csv",
            HEADER + FIRST + FIRST + "2023-11-16 18:15:50.9951690,512,109\r\n");
    assertThat(TraceFiles.rows(file))
        .containsExactly(
            new Row(0, 1030, 44, -1, -1, List.of(0L, 1L, 2L)),
            new Row(0, 1030, 44, -1, -1, List.of(3L, 4L, 5L)),
            new Row(4314.579, 512, 109, -1, -1, List.of(6L)));
  }

  @Test
  void requestsWithoutTokensStayRequests() throws IOException {
    Path file = TraceFiles.write(directory, "z.csv", HEADER + "2023-11-16 18:15:46,0,0\n");
    assertThat(TraceFiles.rows(file)).containsExactly(new Row(0, 0, 0, -1, -1, List.of()));
  }

  @Test
  void tokensPerBlockComeFromOptionNameOrDefault() throws IOException {
    Path file = TraceFiles.write(directory, "azure.csv", HEADER + FIRST);
    Path named = TraceFiles.write(directory, "azure_b64.csv", HEADER + FIRST);
    assertThat(TraceFiles.blockTokens(file.toString())).isEqualTo(512);
    assertThat(TraceFiles.blockTokens(named.toString())).isEqualTo(64);
    assertThat(TraceFiles.rows("azure,block=16:" + file).getFirst().ids()).hasSize(65);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GeneratedTokens,TIMESTAMP,ContextTokens",
        "generatedtokens,timestamp,CONTEXTTOKENS,model",
        "  \"GeneratedTokens\" , \"TIMESTAMP\",  ContextTokens "
      })
  void columnsAreFoundByNameWhateverTheFileIsCalled(String header) throws IOException {
    String content = header + "\n 44 ,\"2023-11-16 18:15:46\", 1030,gpt\n";
    for (String name : List.of("a.csv", "b.txt", "c.jsonl", "d", "e.csv.gz")) {
      Path file = Files.write(directory.resolve(name), TraceFiles.gzip(content));
      assertThat(TraceFiles.rows(file))
          .containsExactly(new Row(0, 1030, 44, -1, -1, List.of(0L, 1L, 2L)));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2023-11-16 18:15:47, 1000",
    "2023-11-16 18:15:46.5, 500",
    "2023-11-16 18:15:46.123456, 123.456",
    "2023-11-16 18:15:46.1234564, 123.456",
    "2023-11-16 18:15:46.123456789, 123.457",
    "2023-11-16T18:15:46.25, 250",
    "2023-11-16 18:15:46.009930+00:00, 9.93",
    "2023-11-16T18:15:47Z, 1000",
    "2023-11-16 20:15:47+02:00, 1000",
    "2023-11-16 20:15:47.5 +02, 1500",
    "2023-11-16 10:45:47-0730, 1000",
    "2023-11-17 18:15:46, 86400000",
    "2024-02-29 18:15:46, 9072000000"
  })
  void timestampsMayHaveDecimalsAndAnOffset(String timestamp, double millis) throws IOException {
    String content = HEADER + "2023-11-16 18:15:46,1,1\n" + timestamp + ",1,1\n";
    Path file = TraceFiles.write(directory, "t.csv", content);
    assertThat(TraceFiles.rows(file).getLast().timeMillis()).isEqualTo(millis);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "yesterday",
        "1700158546",
        "2023-11-16",
        "2023-11-1618:15:46",
        "2023-02-29 18:15:46",
        "2023-11-16 24:00:00",
        "2023-11-16 18:15:60",
        "2023-11-16 18:15:46.1234567890",
        "2023-11-16 18:15:46+99:00",
        "2023-11-16 18:15:46 UTC"
      })
  void otherTimestampsAreRefused(String timestamp) throws IOException {
    assertFails(
        HEADER + FIRST + timestamp + ",1,1\n",
        ":3: field 'TIMESTAMP' is '"
            + timestamp
            + "'; it must be a date and a time such as 2023-11-16 18:15:46.68059; mend the line");
  }

  @Test
  void timesThatFallAreRefused() throws IOException {
    assertFails(
        HEADER + FIRST + "2023-11-16 18:15:46.6805899,1,1\n",
        ":3: field 'TIMESTAMP' is 2023-11-16T18:15:46.680589900Z, earlier than"
            + " 2023-11-16T18:15:46.680590Z before it; sort the trace by TIMESTAMP");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1.5", "many", "2147483648", "99999999999999999999"})
  void countsMustBeWholeNumbers(String count) throws IOException {
    String rule = "'; it must be a whole number of tokens from 0 to 2147483647; mend the line";
    assertFails(
        HEADER + FIRST + "2023-11-16 18:15:47," + count + ",1\n",
        ":3: field 'ContextTokens' is '" + count + rule);
    assertFails(
        HEADER + FIRST + "2023-11-16 18:15:47,1," + count + "\n",
        ":3: field 'GeneratedTokens' is '" + count + rule);
  }

  @Test
  void aLineCutOffIsRefused() throws IOException {
    assertFails(
        HEADER + FIRST + "2023-11-16 18:15:47,10",
        ":3: the line has no column 3, which holds GeneratedTokens; mend the line");
  }

  @Test
  void aPromptOfTooManyBlocksIsRefusedBeforeItFillsTheMemory() throws IOException {
    Path file = TraceFiles.write(directory, "t.csv", HEADER + "2023-11-16 18:15:47,2147483647,1\n");
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(() -> TraceFiles.rows("azure,block=16:" + file))
        .withMessage(
            file
                + ":2: field 'ContextTokens' is 2147483647, which fills more than 16777216 blocks"
                + " of 16 tokens; mend the line, or use larger blocks with azure,block=N:FILE");
  }

  @Test
  void aForcedFormatNeedsTheHeader() throws IOException {
    Path file = TraceFiles.write(directory, "t.csv", "TIMESTAMP,tokens\n1,2\n");
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(() -> TraceFiles.rows("azure:" + file))
        .withMessage(
            file
                + ":1: the columns 'TIMESTAMP,tokens' lack ContextTokens, GeneratedTokens; the"
                + " first line of an azure trace must name them, with commas between");
    Path blank = TraceFiles.write(directory, "blank.csv", "\n\n");
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(() -> TraceFiles.rows("azure:" + blank))
        .withMessageContaining("the columns '' lack TIMESTAMP, ContextTokens, GeneratedTokens");
  }

  @Test
  void anEmptyFileAndAHeaderAloneAreSentences() throws IOException {
    assertFails("", ": the file is empty; check how it was made or copied");
    Path file = TraceFiles.write(directory, "h.csv", HEADER);
    try (var reader = TraceSource.open(file.toString(), 0)) {
      assertThatExceptionOfType(TraceException.class)
          .isThrownBy(() -> Trace.load(reader, TraceOptions.ALL))
          .withMessageContaining("holds no requests");
    }
  }

  private void assertFails(String content, String expected) throws IOException {
    Path file = TraceFiles.write(directory, "t.csv", content);
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(() -> TraceFiles.rows(file))
        .withMessage(file + expected);
  }
}
