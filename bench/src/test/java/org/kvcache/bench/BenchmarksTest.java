package org.kvcache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchmarksTest {

  private static final String SMALL_CHAT = "chat:sessions=100";

  @ParameterizedTest
  @ValueSource(strings = {"lru", "arc", "hazard", "adaptive"})
  void flatPolicy(String policy) {
    var benchmark = new FlatPolicyBenchmark();
    benchmark.policy = policy;
    benchmark.stream = SMALL_CHAT;
    benchmark.share = 0.1;
    benchmark.load();
    benchmark.empty();
    var counts = new FlatPolicyBenchmark.Counts();
    assertThat(benchmark.pass(counts)).isPositive().isLessThan(counts.refs);
  }

  @Test
  void replay() {
    var benchmark = new ReplayBenchmark();
    benchmark.policy = "arc";
    benchmark.stream = SMALL_CHAT;
    benchmark.share = 0.5;
    benchmark.load();
    var counts = new ReplayBenchmark.Counts();
    assertThat(benchmark.replay(counts)).isPositive().isLessThan(counts.refs);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sha256", "xxh3", "sha256_cbor"})
  void blockHasher(String hasher) {
    var benchmark = new BlockHasherBenchmark();
    benchmark.hasher = hasher;
    benchmark.open();
    var first = benchmark.prompt().get(255);
    assertThat(benchmark.prompt().size()).isEqualTo(256);
    assertThat(benchmark.prompt().get(255)).isEqualTo(first);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lru", "arc", "hazard", "adaptive"})
  void blockManagerHitsAndMisses(String policy) {
    var prompts = new BlockManagerBenchmark.Prompts();
    prompts.policy = policy;
    prompts.whatIf = true;
    prompts.fill();
    var benchmark = new BlockManagerBenchmark();
    assertThat(benchmark.hit32(prompts)).isEqualTo(32);
    assertThat(benchmark.hit256(prompts)).isEqualTo(256);
    assertThat(benchmark.miss256(prompts)).isZero();
    assertThat(prompts.manager.stats().evictedDeleted()).isEqualTo(256);
    assertThat(prompts.manager.stats().refusals()).isZero();
  }

  @Test
  void blockManagerChat() {
    var chat = new BlockManagerBenchmark.Chat();
    chat.policy = "arc";
    chat.whatIf = false;
    chat.load();
    var counts = new BlockManagerBenchmark.Counts();
    var benchmark = new BlockManagerBenchmark();
    long hits = 0;
    for (int i = 0; i < 1_000; i++) {
      hits += benchmark.chat(chat, counts);
    }
    assertThat(hits).isPositive().isLessThan(counts.blocks);
    assertThat(chat.manager.stats().refusals()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mxfp4", "mxfp4:uq", "lm16", "nvfp4", "fp8", "bf16"})
  void codecs(String format) {
    var benchmark = new CodecBenchmark();
    benchmark.format = format;
    benchmark.headDim = 64;
    benchmark.encodeOnce();
    float first = benchmark.decode()[0];
    assertThat(benchmark.encode().byteSize()).isPositive();
    assertThat(benchmark.decode()[0]).isEqualTo(first);
    assertThat(benchmark.score()[0]).isPositive();
    assertThat(benchmark.score4()[0]).isEqualTo(benchmark.score()[0]);
    assertThat(benchmark.sum()[0]).isEqualTo(benchmark.sum4()[0]);
  }
}
