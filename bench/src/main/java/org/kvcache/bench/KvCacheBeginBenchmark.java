package org.kvcache.bench;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.kvcache.ByteSize;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvSequence;
import org.kvcache.KvShape;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a sequence costs whose prompt is wholly cached: {@code begin}, which matches and pins, and
 * {@code close}, in microseconds for a prompt of {@link #promptTokens}. Blocks are tiny, since
 * their bytes are not touched.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KvCacheBeginBenchmark {

  private static final KvShape SHAPE = KvShape.of(1, 1, 64, 1);
  private static final int BLOCK_TOKENS = 16;

  /** A policy's name. */
  @Param({"lru", "arc", "adaptive"})
  public String policy = "";

  /** How block keys are made. */
  @Param({"sha256", "xxh3"})
  public String hasher = "";

  /**
   * Prompts that take turns. Of up to 64 the cache remembers the keys; with more of them, each
   * prompt is hashed again.
   */
  @Param({"1", "80"})
  public int prompts;

  /** Tokens of a prompt. */
  @Param("32768")
  public int promptTokens;

  private KvCache cache;
  private int[][] tokens;
  private int next;

  /** Called by JMH. */
  @SuppressWarnings("NullAway.Init") // the set-up method is the constructor
  public KvCacheBeginBenchmark() {}

  /** Fills the cache with all prompts. */
  @Setup(Level.Trial)
  public void fill() {
    long blocks = (long) prompts * (promptTokens / BLOCK_TOKENS + 1);
    KvCacheConfig.Builder config =
        KvCacheConfig.builder()
            .shape(SHAPE)
            .blockTokens(BLOCK_TOKENS)
            .scheme("lm16")
            .policy(policy)
            .hasher(hasher);
    cache = KvCache.open(config.memory(blocks * bytesOfBlock(config)).build());
    var random = new SplittableRandom(1);
    tokens = new int[prompts][];
    float[] row = new float[promptTokens * SHAPE.kvDim()];
    for (int i = 0; i < prompts; i++) {
      tokens[i] = random.ints(promptTokens, 0, 128_000).toArray();
      try (KvSequence sequence = cache.begin(tokens[i])) {
        sequence.append(0, 0, promptTokens, row, 0, row, 0);
        sequence.commit(tokens[i], 0, promptTokens);
      }
    }
  }

  private static long bytesOfBlock(KvCacheConfig.Builder config) {
    try (KvCache probe = KvCache.open(config.memory(ByteSize.mib(1)).build())) {
      return probe.stats().blockBytes();
    }
  }

  /** Frees the memory. */
  @TearDown(Level.Trial)
  public void close() {
    cache.close();
  }

  /** From the prompt to the pinned prefix, and back; returns the tokens that hit. */
  @Benchmark
  public int beginAndClose() {
    next = next + 1 == prompts ? 0 : next + 1;
    try (KvSequence sequence = cache.begin(tokens[next])) {
      return sequence.matched();
    }
  }
}
