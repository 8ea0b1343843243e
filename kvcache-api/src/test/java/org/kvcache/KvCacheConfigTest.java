package org.kvcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.spi.TierSpec;
import org.kvcache.spi.TierSpec.StoreWhen;

class KvCacheConfigTest {

  private static final KvShape SHAPE = KvShape.of(2, 2, 4, 4);

  @TempDir Path folder;

  private Path file(String json) throws IOException {
    return Files.writeString(folder.resolve("cache.json"), json);
  }

  private static KvCacheConfig built(UnaryOperator<KvCacheConfig.Builder> more) {
    return more.apply(KvCacheConfig.builder().shape(SHAPE).memory(1 << 20)).build();
  }

  @Test
  void everyFieldIsReadFromJson() throws IOException {
    Calibration calibration = Calibration.identity(2, 2, 4);
    calibration.save(folder.resolve("basis.json"));
    KvCacheConfig config =
        KvCacheConfig.read(
            file(
                """
                {"model": "tiny", "shape": {"layers": 2, "kvHeads": 2, "headDim": 4,
                 "queryHeads": 8}, "blockTokens": 32, "memory": "3MiB", "scheme": "plain",
                 "calibration": "basis.json", "policy": "lru", "hasher": "xxh3",
                 "backend": "plain", "windows": ["all", {"sinks": 4, "window": 128}],
                 "logitScale": 0.25, "staged": true, "watermark": 0.125,
                 "tiers": [{"tier": "heap", "when": "EVICTED"}, {"tier": "heap",
                 "when": "COMMITTED"}], "spareBlocks": 7, "promotionTimeout": "0.5s",
                 "whatIf": true, "leakDetection": "all", "seed": 5000000000}
                """));
    assertThat(config.model()).isEqualTo("tiny");
    assertThat(config.shape()).isEqualTo(KvShape.of(2, 2, 4, 8));
    assertThat(config.blockTokens()).isEqualTo(32);
    assertThat(config.memoryBytes()).isEqualTo(3 << 20);
    assertThat(config.scheme()).isEqualTo("plain");
    assertThat(config.calibration()).isNotNull();
    assertThat(config.calibration(1, 1).headDim()).isEqualTo(4);
    assertThat(config.policy()).isEqualTo("lru");
    assertThat(config.hasher()).isEqualTo("xxh3");
    assertThat(config.backend()).isEqualTo("plain");
    assertThat(config.windows()).containsExactly(AttentionWindow.ALL, new AttentionWindow(4, 128));
    assertThat(config.window(1)).isEqualTo(new AttentionWindow(4, 128));
    assertThat(config.logitScale()).isEqualTo(0.25f);
    assertThat(config.staged()).isTrue();
    assertThat(config.watermark()).isEqualTo(0.125);
    assertThat(config.tiers()).hasSize(2);
    assertThat(config.tiers().get(0).when()).isEqualTo(StoreWhen.EVICTED);
    assertThat(config.tiers().get(1).when()).isEqualTo(StoreWhen.COMMITTED);
    assertThat(config.spareBlocks()).isEqualTo(7);
    assertThat(config.promotionTimeout()).isEqualTo(Duration.ofMillis(500));
    assertThat(config.whatIf()).isTrue();
    assertThat(config.leakDetection()).isEqualTo(LeakDetection.ALL);
    assertThat(config.seed()).isEqualTo(5_000_000_000L);
  }

  @Test
  void retrievalIsReadFromJson() throws IOException {
    KvCacheConfig config =
        KvCacheConfig.read(
            file(
                """
                {"model": "tiny", "shape": {"layers": 2, "kvHeads": 2, "headDim": 4,
                 "queryHeads": 8}, "memory": "3MiB", "retrieval": {"retriever": "quest",
                 "budget": 0.1, "minTokens": 64, "byToken": true, "queries": 4,
                 "lookAhead": false, "denseLayers": 1, "sinkBlocks": 2, "tailBlocks": 3,
                 "scoredKeys": "mxfp4", "slack": 0.25, "policy": "lru", "device": "host:25GB/s",
                 "deviceBytes": "2MiB", "threads": 3, "recallEvery": 8, "recallFloor": 0.75}}
                """));
    assertThat(config.retrieval())
        .isEqualTo(
            new Retrieval(
                "quest",
                0.1,
                64,
                true,
                4,
                false,
                1,
                2,
                3,
                "mxfp4",
                0.25,
                "lru",
                "host:25GB/s",
                2 << 20,
                3,
                8,
                0.75));
    assertThat(built(builder -> builder).retrieval()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"budget\": 0} | retrieval' retrieval budget is 0.0; it is a share above 0 and at most 1",
        "{\"budget\": \"5%\"} | retrieval.budget' is not a number",
        "{\"tailBlocks\": 0} | retrieval tailBlocks is 0; at least 1 is needed",
        "{\"tailBlocks\": 2147483647} | retrieval tailBlocks is 2147483647; at most 65536 is taken",
        "{\"sinkBlocks\": 2147483647} | retrieval sinkBlocks is 2147483647; at most 65536 is taken",
        "{\"slack\": -1} | retrieval slack is -1.0",
        "{\"recallFloor\": 2} | retrieval recallFloor is 2.0",
        "{\"deviceBytes\": 0} | retrieval deviceBytes is 0",
        "{\"retriever\": \"\"} | retrieval needs the names",
        "{\"herald\": 1} | 'retrieval.herald' is unknown; known are retriever, budget",
        "[] | 'retrieval' is not an object"
      })
  void badRetrievalIsRefusedByName(String json, String message) throws IOException {
    Path file = file("{\"memory\": 1, \"retrieval\": " + json + "}");
    assertThatThrownBy(() -> KvCacheConfig.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cache.json")
        .hasMessageContaining(message);
  }

  @Test
  void windowsAndRetrievalDoNotGoTogether() {
    assertThatThrownBy(() ->
            built(builder ->
                builder
                    .windows(List.of(AttentionWindow.ALL, AttentionWindow.ALL))
                    .retrieval(Retrieval.builder().build())))
        .hasMessageContaining("give one of both");
  }

  @Test
  void whatIsNotSaidHasADefault() throws IOException {
    KvCacheConfig config =
        KvCacheConfig.read(
            file(
                """
                {"shape": {"layers": 2, "kvHeads": 2, "headDim": 4, "queryHeads": 4},
                 "memory": 4096}
                """));
    KvCacheConfig same = KvCacheConfig.builder().shape(SHAPE).memory(4096).build();
    assertThat(config).isEqualTo(same);
    assertThat(config.blockTokens()).isEqualTo(16);
    assertThat(config.scheme()).isEqualTo("lm16");
    assertThat(config.policy()).isEqualTo("adaptive");
    assertThat(config.logitScale()).isEqualTo(0.5f);
    assertThat(config.spareBlocks()).isZero();
    assertThat(config.window(0)).isEqualTo(AttentionWindow.ALL);
  }

  @Test
  void sparesComeWithTiers() {
    var tier = new TierSpec("none", StoreWhen.EVICTED, _ -> null);
    assertThat(built(builder -> builder.tier(tier).tier(tier)).spareBlocks()).isEqualTo(64);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"colour\": 1 | field 'colour' is unknown",
        "\"model\": 7 | field 'model' is not a text",
        "\"model\": null | field 'model' is not a text",
        "\"model\": \"\" | the model has no name",
        "\"shape\": 3 | field 'shape' is not an object",
        "\"shape\": {\"layers\": 2} | field 'shape.kvHeads' is missing",
        "\"shape\": {\"layers\": 2, \"depth\": 1} | field 'shape.depth' is unknown",
        "\"shape\": {\"layers\": 0, \"kvHeads\": 1, \"headDim\": 1, \"queryHeads\": 1}"
            + " | field 'shape' 0 layers",
        "\"blockTokens\": 1.5 | field 'blockTokens' is not a whole number",
        "\"blockTokens\": 3000000000 | field 'blockTokens' is not a whole number",
        "\"blockTokens\": 0 | blockTokens is 0",
        "\"memory\": \"much\" | field 'memory' is not an amount of bytes",
        "\"memory\": true | field 'memory' is not an amount of bytes",
        "\"memory\": 0 | memory is 0 bytes",
        "\"windows\": 5 | field 'windows' is not a list",
        "\"windows\": [\"all\"] | 1 attention windows for 2 layers",
        "\"windows\": [\"all\", {\"sinks\": 1}] | field 'windows.window' is missing",
        "\"windows\": [\"all\", \"some\"] | field 'windows' is not an object",
        "\"windows\": [\"all\", {\"window\": 0}] | field 'windows' 0 sinks and a window of 0",
        "\"logitScale\": \"big\" | field 'logitScale' is not a number",
        "\"logitScale\": 0 | logit scale is 0.0",
        "\"logitScale\": -1 | logit scale is -1.0",
        "\"staged\": \"yes\" | field 'staged' is neither true nor false",
        "\"watermark\": [] | field 'watermark' is not a number",
        "\"tiers\": {} | field 'tiers' is not a list",
        "\"tiers\": [1] | field 'tiers' has an entry that is not an object",
        "\"tiers\": [{\"when\": \"EVICTED\"}] | field 'tiers' has an entry without 'tier'",
        "\"tiers\": [{\"tier\": \"tape\"}] | field 'tiers' unknown tier 'tape'; known: heap",
        "\"tiers\": [{\"tier\": \"heap\", \"speed\": 1}] | field 'tiers' tier heap takes 'when'",
        "\"tiers\": [{\"tier\": \"heap\", \"when\": []}] | field 'tiers.when' is not a text",
        "\"spareBlocks\": -1 | spareBlocks is -1",
        "\"promotionTimeout\": 5 | field 'promotionTimeout' is not a text",
        "\"promotionTimeout\": \"soon\" | field 'promotionTimeout' is not a time",
        "\"promotionTimeout\": \"-1s\" | promotion timeout is PT-1S",
        "\"leakDetection\": \"maybe\" | field 'leakDetection' is not off, sampled or all",
        "\"seed\": 1.5 | field 'seed' is not a whole number",
        "\"seed\": 1, \"seed\": 2 | not JSON: Duplicate Object property \"seed\"",
        "\"calibration\": 1 | field 'calibration' is not a text",
      })
  void wrongFieldIsNamedInOneSentence(String field, String sentence) throws IOException {
    String shape = "\"shape\": {\"layers\": 2, \"kvHeads\": 2, \"headDim\": 4, \"queryHeads\": 4}";
    String memory = "\"memory\": \"1MiB\"";
    StringBuilder json = new StringBuilder("{").append(field);
    if (!field.startsWith("\"shape\"")) {
      json.append(", ").append(shape);
    }
    if (!field.startsWith("\"memory\"")) {
      json.append(", ").append(memory);
    }
    Path file = file(json.append('}').toString());
    assertThatThrownBy(() -> KvCacheConfig.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(sentence)
        .message()
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | `the whole file`",
        "[] | `the whole file`",
        "`{\"model\": }` | `not JSON`",
        "`{} {}` | `not JSON`",
        "`{\"memory\": \"1MiB\"}` | `the shape is missing`",
      })
  void whatIsNoObjectIsRefused(String json, String sentence) throws IOException {
    Path file = file(json);
    assertThatThrownBy(() -> KvCacheConfig.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(sentence);
  }

  @Test
  void missingFileIsNamed() {
    Path missing = folder.resolve("none.json");
    assertThatThrownBy(() -> KvCacheConfig.read(missing))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage(missing + ": there is no such file");
    assertThatThrownBy(() -> KvCacheConfig.read(folder))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith(folder + ": cannot be read");
  }

  @Test
  void missingCalibrationIsNamed() throws IOException {
    Path file = file("{\"calibration\": \"none.calibration\"}");
    assertThatThrownBy(() -> KvCacheConfig.read(file)).hasMessageContaining("none.calibration");
  }

  @Test
  void builderRefusesWhatMakesNoSense() {
    assertThatThrownBy(() -> KvCacheConfig.builder().memory(1).build())
        .hasMessageContaining("the shape is missing");
    assertThatThrownBy(() -> built(builder -> builder.logitScale(Float.NaN)))
        .hasMessageContaining("logit scale is NaN");
    assertThatThrownBy(() -> built(builder -> builder.logitScale(Float.POSITIVE_INFINITY)))
        .hasMessageContaining("logit scale is Infinity");
    assertThatThrownBy(() -> built(builder -> builder.windows(List.of(AttentionWindow.ALL))))
        .hasMessageContaining("1 attention windows for 2 layers");
    assertThatThrownBy(() -> built(builder -> builder.calibration(Calibration.identity(3, 2, 4))))
        .hasMessageContaining("3 layers of 2 KV heads, the model 2 of 2");
    assertThatThrownBy(() -> built(builder -> builder.calibration(Calibration.identity(2, 2, 8))))
        .hasMessageContaining("8");
  }
}
