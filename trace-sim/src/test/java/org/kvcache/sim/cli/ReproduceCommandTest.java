package org.kvcache.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class ReproduceCommandTest {
  @TempDir private Path folder;

  @Test
  void everyClaimHasThePapersDirectionAndAReason() {
    String file = folder.resolve("claims.json").toString();
    String out =
        Invocation.of("reproduce", "--quick", "--seeds", "1", "--json", file).succeeds().out();
    assertThat(out).contains("not measured").doesNotContain("OTHER DIRECTION");
    JsonNode json = JsonMapper.builder().build().readTree(Path.of(file));
    assertThat(json.at("/studies")).hasSize(3);
    for (JsonNode study : json.at("/studies")) {
      assertThat(study.at("/assumptions")).isNotEmpty();
      for (JsonNode claim : study.at("/claims")) {
        assertThat(claim.at("/sameDirection").asBoolean()).as(claim.toString()).isTrue();
        assertThat(claim.at("/difference").asString()).isNotBlank();
        assertThat(claim.at("/ours").asDouble())
            .isBetween(claim.at("/least").asDouble(), claim.at("/most").asDouble());
      }
    }
  }

  @Test
  void badUseGetsOneSentence() {
    assertThat(Invocation.of("reproduce", "vllm").complaint())
        .contains("unknown study 'vllm'", "arc, ultraquant, herald");
    assertThat(Invocation.of("reproduce", "--traces", "nowhere").complaint())
        .contains("nowhere: is not a directory");
    assertThat(Invocation.of("reproduce", "--seeds", "0").complaint()).contains("seeds is 0");
  }
}
