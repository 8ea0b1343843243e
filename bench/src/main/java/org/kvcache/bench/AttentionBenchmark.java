package org.kvcache.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.kvcache.AttentionWindow;
import org.kvcache.HeadCalibration;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockWriter;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.PagedKv;
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
  @Param({"vector", "scalar"})
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

  /** Encoded blocks, one behind the other. */
  private record EncodedHead(MemorySegment memory, long blockBytes) implements PagedKv {
    @Override
    public long block(int index) {
      return index * blockBytes;
    }

    @Override
    public int encoded() {
      return Integer.MAX_VALUE;
    }

    @Override
    public MemorySegment staged(int index) {
      throw new IllegalStateException("no row is staged");
    }

    @Override
    public long stagedKey(int row) {
      throw new IllegalStateException("no row is staged");
    }

    @Override
    public long stagedValue(int row) {
      throw new IllegalStateException("no row is staged");
    }
  }

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
    long blockBytes = codec.layout().bytes();
    int blocks = Math.ceilDiv(tokens, BLOCK_TOKENS);
    MemorySegment memory = Arena.ofAuto().allocate(blocks * blockBytes, 64);
    head = new EncodedHead(memory, blockBytes);
    var random = new SplittableRandom(1);
    float[] rows = new float[BLOCK_TOKENS * HEAD_DIM];
    BlockWriter writer = codec.newWriter();
    for (int block = 0; block < blocks; block++) {
      fill(rows, random);
      writer.keys(rows, 0, BLOCK_TOKENS, memory, head.block(block), 0);
      fill(rows, random);
      writer.values(rows, 0, BLOCK_TOKENS, memory, head.block(block), 0);
    }
    queries = new float[GROUP * HEAD_DIM];
    fill(queries, random);
    outputs = new float[queries.length];
    kernel = AttentionBackend.named(backend).kernel(codec, BLOCK_TOKENS, GROUP);
  }

  private static void fill(float[] numbers, SplittableRandom random) {
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
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
