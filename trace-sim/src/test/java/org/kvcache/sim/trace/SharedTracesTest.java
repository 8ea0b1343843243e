package org.kvcache.sim.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SharedTracesTest {
  @ParameterizedTest
  @CsvSource({
    "mooncake_conversation_b512.jsonl.gz, 512, 12031, 288500, 182790, 0",
    "agentic_a_b512.jsonl.gz, 512, 12554, 2257088, 86147, 211",
    "agentic_a_b64.runs.jsonl.gz, 64, 12554, 18100839, 689112, 211",
    "docqa_zipf08_b512.jsonl.gz, 512, 8000, 336609, 27502, 0",
    "docqa_hot50_b512.jsonl.gz, 512, 8000, 331254, 166832, 0",
    "docqa_tile_b512.jsonl.gz, 512, 6000, 246900, 13831, 0",
    "docqa_random_b512.jsonl.gz, 512, 6000, 246900, 13831, 0",
    "azure_llm_2023_conv.csv.gz, 512, 19366, 52913, 52913, 0",
    "azure_llm_2023_code.csv.gz, 512, 8819, 40014, 40014, 0"
  })
  void countsEqualThePublishedTable(
      String file, int blockTokens, int requests, long refs, int unique, int sessions) {
    Path path = traces().resolve(file);
    assumeTrue(Files.isReadable(path), "no shared traces here");
    try (var reader = TraceSource.open(path.toString(), 0)) {
      Trace trace = Trace.load(reader, TraceOptions.ALL);
      assertThat(trace.blockTokens()).isEqualTo(blockTokens);
      assertThat(trace.requests()).isEqualTo(requests);
      assertThat(trace.blockRefs()).isEqualTo(refs);
      assertThat(trace.uniqueBlocks()).isEqualTo(unique);
      assertThat(trace.sessions()).isEqualTo(sessions);
      TraceSummary summary = TraceSummary.of(trace);
      assertThat(summary.reuseDistance().total()).isEqualTo(trace.infiniteHits());
    }
  }

  private static Path traces() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path traces = at.resolve("shared/traces");
      if (Files.isDirectory(traces)) {
        return traces;
      }
    }
    return Path.of("no-such-directory");
  }
}
