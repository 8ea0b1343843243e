package org.kvcache.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.spi.AttentionBackend;

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

  @ParameterizedTest
  @ValueSource(strings = {"lru", "arc", "adaptive"})
  void kvCacheBegin(String policy) {
    var benchmark = new KvCacheBeginBenchmark();
    benchmark.policy = policy;
    benchmark.hasher = "sha256";
    benchmark.prompts = 3;
    benchmark.promptTokens = 256;
    benchmark.fill();
    for (int i = 0; i < 4; i++) {
      assertThat(benchmark.beginAndClose()).isEqualTo(256 - 16);
    }
    benchmark.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mxfp4", "lm16", "k8v4", "bf16", "f32"})
  void kvCacheAppend(String scheme) {
    var benchmark = new KvCacheAppendBenchmark();
    benchmark.scheme = scheme;
    benchmark.open();
    for (int i = 0; i < 65; i++) {
      benchmark.append();
      benchmark.encode();
      benchmark.copyBytes();
    }
    benchmark.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"vector", "scalar"})
  void kvCacheDecode(String backend) {
    var decoding = new KvCacheDecodeBenchmark.Decoding();
    decoding.context = 64;
    decoding.backend = backend;
    decoding.prefill();
    var benchmark = new KvCacheDecodeBenchmark();
    for (int i = 0; i < 300; i++) {
      assertThat(benchmark.token(decoding)[0]).isFinite();
    }
    assertThat(decoding.sequence.length()).isEqualTo(64 + 300 - 256);
    decoding.close();
    var tiny = new KvCacheDecodeBenchmark.Tiny();
    tiny.prefill();
    assertThat(benchmark.managerWorkPerToken(tiny)).isEqualTo(1024);
    assertThat(benchmark.managerWorkPerToken(tiny)).isEqualTo(1025);
    tiny.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mxfp4", "lm16", "k8v4", "fp8", "bf16", "f32"})
  void attention(String scheme) {
    var vector = attention(scheme, "vector");
    var scalar = attention(scheme, "scalar");
    var counts = new AttentionBenchmark.Counts();
    float[] expected = scalar.attend(counts);
    assertThat(vector.attend(counts)).containsExactly(expected, within(1e-4f));
    assertThat(counts.tokens).isEqualTo(2 * 100);
  }

  @Test
  void layerAttention() {
    assumeTrue(AttentionBackend.best().name().equals("native"));
    float[] expected = layerAttention("vector mxfp4");
    assertThat(layerAttention("native mxfp4")).containsExactly(expected, within(1e-4f));
    assertThat(layerAttention("decoded mxfp4")).containsExactly(expected, within(1e-4f));
    assertThat(layerAttention("native f32"))
        .containsExactly(layerAttention("vector f32"), within(1e-4f));
  }

  private static float[] layerAttention(String way) {
    var benchmark = new LayerAttentionBenchmark();
    benchmark.way = way;
    benchmark.tokens = 100;
    benchmark.fill();
    var worker = new LayerAttentionBenchmark.Worker();
    worker.open(benchmark, 1, 2);
    var counts = new LayerAttentionBenchmark.Counts();
    float[] first = benchmark.attend(worker, counts).clone();
    for (int i = 1; i < 4; i++) {
      assertThat(benchmark.attend(worker, counts)).isNotEqualTo(first);
    }
    assertThat(benchmark.attend(worker, counts)).isEqualTo(first);
    assertThat(counts.tokens).isEqualTo(5 * 100);
    return first;
  }

  private static AttentionBenchmark attention(String scheme, String backend) {
    var benchmark = new AttentionBenchmark();
    benchmark.scheme = scheme;
    benchmark.backend = backend;
    benchmark.tokens = 100;
    benchmark.fill();
    return benchmark;
  }

  @ParameterizedTest
  @ValueSource(strings = {"native mxfp4", "native f32", "vector lm16"})
  void keyScan(String way) {
    assumeTrue(way.startsWith("vector") || AttentionBackend.best().name().equals("native"));
    var benchmark = new KeyScanBenchmark();
    benchmark.way = way;
    benchmark.asked = 2;
    benchmark.tokens = 4096;
    benchmark.fill();
    var worker = new KeyScanBenchmark.Worker();
    worker.open(benchmark, 0, 2);
    var counts = new KeyScanBenchmark.Counts();
    assertThat(benchmark.scan(worker, counts)).doesNotContain(0, Float.NaN);
    benchmark.read(worker, counts);
    assertThat(counts.keys).isEqualTo(2 * 4096);
    assertThat(counts.bytes).isEqualTo(2 * 4096 * (way.endsWith("f32") ? 512L : 68));
  }
}
