package org.kvcache.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BadInputTest {
  private static final String GOOD =
      "{\"timestamp\":%d,\"input_length\":1024,\"output_length\":1,\"hash_ids\":[%s]}%n";

  @TempDir private Path folder;
  private Path trace;

  @BeforeEach
  void writeTrace() {
    trace = folder.resolve("trace.jsonl");
  }

  private String complaintAbout(String content) throws IOException {
    Files.writeString(trace, content);
    return Invocation.of("simulate", "--trace", trace.toString(), "--policy", "lru").complaint();
  }

  private String complaint(String... args) throws IOException {
    Files.writeString(trace, GOOD.formatted(0, "0,1") + GOOD.formatted(1, "0,2"));
    String[] all =
        Arrays.copyOf(new String[] {"simulate", "--trace", trace.toString()}, 3 + args.length);
    System.arraycopy(args, 0, all, 3, args.length);
    return Invocation.of(all).complaint();
  }

  @Test
  void truncatedGzip() throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      for (int i = 0; i < 20_000; i++) {
        gzip.write(GOOD.formatted(i, i + "," + i * 31L).getBytes());
      }
    }
    Path cut = folder.resolve("cut.jsonl.gz");
    Files.write(cut, Arrays.copyOf(bytes.toByteArray(), bytes.size() / 2));
    assertThat(Invocation.of("simulate", "--trace", cut.toString()).complaint())
        .contains("cut.jsonl.gz:");
  }

  @Test
  void lineThatIsNotJson() throws IOException {
    assertThat(complaintAbout(GOOD.formatted(0, "0,1") + "hello\n")).contains("trace.jsonl:2:");
  }

  @Test
  void missingField() throws IOException {
    assertThat(complaintAbout(GOOD.formatted(0, "0,1") + "{\"timestamp\":1,\"hash_ids\":[0]}\n"))
        .contains("trace.jsonl:2:")
        .contains("input_length");
  }

  @Test
  void negativeField() throws IOException {
    String bad = GOOD.formatted(1, "0").replace("1024", "-5");
    assertThat(complaintAbout(GOOD.formatted(0, "0,1") + bad))
        .contains("trace.jsonl:2:")
        .contains("input_length")
        .contains("-5");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "99999999999999999999", "1.5", "\"a\""})
  void idOutOfRange(String id) throws IOException {
    assertThat(complaintAbout(GOOD.formatted(0, "0,1") + GOOD.formatted(1, id)))
        .contains("trace.jsonl:2:")
        .contains("hash_ids");
  }

  @Test
  void unsortedTimes() throws IOException {
    assertThat(complaintAbout(GOOD.formatted(5, "0,1") + GOOD.formatted(4, "0")))
        .contains("trace.jsonl:2:")
        .contains("timestamp");
  }

  @Test
  void emptyFile() throws IOException {
    assertThat(complaintAbout("")).contains("trace.jsonl").contains("empty");
  }

  @Test
  void traceTooSmallForTheDefaultCapacities() throws IOException {
    assertThat(complaintAbout(GOOD.formatted(0, "0"))).contains("1 unique blocks", "--capacity");
  }

  @Test
  void noSuchFile() {
    assertThat(Invocation.of("describe", "--trace", "nowhere.jsonl").complaint())
        .contains("nowhere.jsonl");
  }

  @ParameterizedTest
  @CsvSource({
    "0, no block at all",
    "0%, no block at all",
    "10, 'more than the 3 unique blocks of trace; use the policy ''infinite'''",
    "1%, less than one block",
    "101%, more than all unique blocks",
    "1.5, more than all unique blocks",
    "-3, not understood",
    "many, not understood",
    "8GiB, --model",
  })
  void capacity(String capacity, String mend) throws IOException {
    assertThat(complaint("--capacity=" + capacity)).contains(mend);
  }

  @Test
  void capacityInBytesOverTheFootprint() throws IOException {
    assertThat(complaint("--capacity", "8GiB", "--model", "llama3-8b"))
        .contains("128 blocks")
        .contains("'infinite'");
  }

  @Test
  void unknownPolicyNamesTheNearest() throws IOException {
    assertThat(complaint("--policy", "lru,adaptve"))
        .contains("unknown policy 'adaptve', did you mean 'adaptive'")
        .contains("infinite");
  }

  @Test
  void unknownModel() throws IOException {
    assertThat(complaint("--capacity", "1GiB", "--model", "lama3-8b")).contains("'llama3-8b'");
  }

  @Test
  void unknownScheme() throws IOException {
    assertThat(complaint("--model", "llama3-8b", "--scheme", "int3")).contains("bf16, f32");
  }

  @Test
  void schemeWithoutModel() throws IOException {
    assertThat(complaint("--scheme", "fp8")).contains("--model");
    assertThat(complaint("--scheme", "fp8", "--model", "1000")).contains("bytes per token");
  }

  @ParameterizedTest
  @CsvSource({
    "--window=-1, window",
    "--hints=1.5, accuracy",
    "--threads=0, --threads",
    "--max-requests=0, requests",
    "--state-points=0, --state-points",
    "--chart=x.pdf, .png",
    "--state=x.html, .csv",
    "--json=no/such/folder/x.json, directory does not exist",
    "--json=., is a directory",
  })
  void values(String option, String mend) throws IOException {
    assertThat(complaint(option)).contains(mend);
  }

  @Test
  void optionsThatContradict() throws IOException {
    assertThat(complaint("--flat", "--hints", "0.5")).contains("--flat or --hints");
    assertThat(complaint("--flat", "--window", "2")).contains("--window or --flat");
    String state = folder.resolve("s.csv").toString();
    assertThat(complaint("--flat", "--state", state)).contains("--state");
  }

  @Test
  void unknownGeneratorParameter() {
    assertThat(Invocation.of("simulate", "--trace", "chat:session=3").complaint())
        .contains("'session'")
        .contains("sessions=");
  }

  @Test
  void unknownGenerator() {
    String file = folder.resolve("x.csv").toString();
    assertThat(Invocation.of("generate", "cht", "-o", file).complaint())
        .contains("did you mean 'chat'");
  }

  @Test
  void unknownFormat() {
    String file = folder.resolve("x").toString();
    assertThat(Invocation.of("generate", "chat", "-o", file).complaint()).contains("--format");
    assertThat(Invocation.of("generate", "chat", "-o", file, "--format", "xml").complaint())
        .contains("mooncake");
  }
}
