package org.kvcache.bench;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.kvcache.AttentionWindow;
import org.kvcache.HeadCalibration;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.CodecCatalog;
import org.openjdk.jmh.annotations.AuxCounters;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * Attention of one token over one KV head of 128 that four query heads share, one thread. {@code
 * :tokens} is nanoseconds for one token of one KV head; {@code :bytes} those for a byte of codes
 * and scales, so its inverse is GB/s. Up to some 32,768 tokens K and V stay in the CPU's caches.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AttentionBenchmark {

  private static final int HEAD_DIM = 128;
  private static final int BLOCK_TOKENS = 16;
  private static final int GROUP = 4;

  /** How K and V are stored. */
  @Param({"mxfp4", "lm16", "k8v4", "fp8", "bf16", "f32"})
  public String scheme = "";

  /** Who computes. */
  @Param({"native", "vector", "scalar"})
  public String backend = "";

  /** Tokens attended to. */
  @Param({"4096", "32768"})
  public int tokens;

  private AttentionKernel kernel;
  private EncodedHead head;
  private float[] queries;
  private float[] outputs;

  /** Called by JMH. */
  @SuppressWarnings("NullAway.Init") // the set-up method is the constructor
  public AttentionBenchmark() {}

  /** What was done. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Counts {
    /** Tokens of a KV head. */
    public long tokens;

    /** Their bytes. */
    public long bytes;

    /** Called by JMH. */
    public Counts() {}
  }

  /** Encodes normal numbers. */
  @Setup(Level.Trial)
  public void fill() {
    BlockCodec codec =
        CodecCatalog.bind(scheme, HEAD_DIM, BLOCK_TOKENS, HeadCalibration.identity(HEAD_DIM));
    var random = new SplittableRandom(1);
    head = EncodedHead.normal(codec, tokens, random);
    queries = new float[GROUP * HEAD_DIM];
    EncodedHead.fill(queries, random);
    outputs = new float[queries.length];
    kernel = AttentionBackend.named(backend).kernel(codec, BLOCK_TOKENS, GROUP);
  }

  /** Softmax and weighted sum of the whole context, for four queries. */
  @Benchmark
  public float[] attend(Counts counts) {
    float scale = (float) (1 / Math.sqrt(HEAD_DIM));
    kernel.attend(head, tokens, AttentionWindow.ALL, scale, queries, 0, outputs, 0);
    counts.tokens += tokens;
    counts.bytes += tokens * head.blockBytes() / BLOCK_TOKENS;
    return outputs;
  }
}
