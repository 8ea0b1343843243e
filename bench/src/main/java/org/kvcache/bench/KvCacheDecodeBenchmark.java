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
 * One decoded token of a small model, two layers of two KV heads of 128 with four queries each:
 * {@code append} and {@code attend} in both layers, then {@code commit}, in nanoseconds a token.
 * The sequence grows by {@value #GROWTH} tokens and is cut back, which is part of the figure. Run
 * with {@code -prof gc} to see what commits of full blocks allocate.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KvCacheDecodeBenchmark {

  private static final int GROWTH = 256;
  private static final int BLOCK_TOKENS = 16;

  /** Called by JMH. */
  public KvCacheDecodeBenchmark() {}

  /** A sequence that grows and is cut back. */
  @State(Scope.Thread)
  public static class Decoding {
    /** Tokens before the first decoded one. */
    @Param({"1024", "8192"})
    public int context;

    /** Who computes attention. */
    @Param({"vector", "scalar"})
    public String backend = "";

    KvShape shape;
    KvCache cache;
    KvSequence sequence;
    private float[] keys;
    private float[] values;
    private float[] queries;
    private float[] outputs;
    private final int[] token = new int[1];

    /** Called by JMH. */
    @SuppressWarnings("NullAway.Init") // the set-up method is the constructor
    public Decoding() {}

    /** Fills the context. */
    @Setup(Level.Trial)
    public void prefill() {
      open(KvShape.of(2, 2, 128, 8), "lm16", backend, context);
    }

    void open(KvShape of, String scheme, String attention, int tokens) {
      shape = of;
      context = tokens;
      cache =
          KvCache.open(
              KvCacheConfig.builder()
                  .shape(shape)
                  .blockTokens(BLOCK_TOKENS)
                  .memory(ByteSize.mib(32))
                  .scheme(scheme)
                  .backend(attention)
                  .build());
      var random = new SplittableRandom(1);
      keys = gaussian(random, tokens * shape.kvDim());
      values = gaussian(random, tokens * shape.kvDim());
      queries = gaussian(random, shape.queryDim());
      outputs = new float[shape.queryDim()];
      int[] prompt = random.ints(tokens, 0, 128_000).toArray();
      sequence = cache.begin(prompt);
      for (int layer = 0; layer < shape.layers(); layer++) {
        sequence.append(layer, 0, tokens, keys, 0, values, 0);
      }
      sequence.commit(prompt, 0, tokens);
    }

    private static float[] gaussian(SplittableRandom random, int count) {
      float[] numbers = new float[count];
      for (int i = 0; i < count; i++) {
        numbers[i] = (float) random.nextGaussian();
      }
      return numbers;
    }

    /** Frees the memory. */
    @TearDown(Level.Trial)
    public void close() {
      sequence.close();
      cache.close();
    }

    private int length() {
      int length = sequence.length();
      if (length >= context + GROWTH) {
        sequence.truncate(context);
        length = context;
      }
      return length;
    }

    private void commit() {
      token[0]++; // never the same block twice
      sequence.commit(token, 0, 1);
    }

    int bookkeeping() {
      int position = length();
      if (!sequence.tryReserve(1)) {
        throw new IllegalStateException("no room for a token");
      }
      sequence.append(0, position, keys, 0, values, 0);
      commit();
      return position;
    }

    float[] step() {
      int position = length();
      int row = position % context * shape.kvDim();
      for (int layer = 0; layer < shape.layers(); layer++) {
        sequence.append(layer, position, keys, row, values, row);
        sequence.attend(layer, position, 1, queries, 0, outputs, 0);
      }
      commit();
      return outputs;
    }
  }

  /** A model of one row: what is left is the work of sequence and block manager. */
  @State(Scope.Thread)
  public static class Tiny {
    private final Decoding decoding = new Decoding();

    /** Called by JMH. */
    public Tiny() {}

    /** Fills the context. */
    @Setup(Level.Trial)
    public void prefill() {
      decoding.open(KvShape.of(1, 1, 64, 1), "f32", "auto", 1024);
    }

    /** Frees the memory. */
    @TearDown(Level.Trial)
    public void close() {
      decoding.close();
    }

    int step() {
      return decoding.bookkeeping();
    }
  }

  /** Append, attend, commit. */
  @Benchmark
  public float[] token(Decoding decoding) {
    return decoding.step();
  }

  /**
   * {@code tryReserve} and {@code commit} of one token, and the append of one row of 64 floats
   * without which it could not be committed.
   */
  @Benchmark
  public int managerWorkPerToken(Tiny tiny) {
    return tiny.step();
  }
}
