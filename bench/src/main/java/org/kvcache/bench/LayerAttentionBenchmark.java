package org.kvcache.bench;

import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.kvcache.AttentionWindow;
import org.kvcache.HeadCalibration;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockLayout;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * Attention of one token over the eight KV heads of a layer, head dim 128, four query heads to
 * each, on all cores: every thread takes its share of the heads, again and again. {@code :tokens}
 * is tokens of one KV head in a second, all threads together.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Threads(Threads.MAX)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LayerAttentionBenchmark {

  private static final int HEAD_DIM = 128;
  private static final int BLOCK_TOKENS = 16;
  private static final int GROUP = 4;
  private static final int KV_HEADS = 8;

  /**
   * Who computes, and on what. {@code decoded} expands the context to binary32 and leaves that to
   * {@code native}.
   */
  @Param({
    "native f32",
    "native lm16",
    "native mxfp4",
    "vector f32",
    "vector mxfp4",
    "decoded mxfp4"
  })
  public String way = "";

  /** Tokens attended to. */
  @Param({"32768"})
  public int tokens;

  private final EncodedHead[] heads = new EncodedHead[KV_HEADS];
  private BlockCodec codec;

  /** Called by JMH. */
  @SuppressWarnings("NullAway.Init") // the set-up method is the constructor
  public LayerAttentionBenchmark() {}

  /** Encodes normal numbers. */
  @Setup(Level.Trial)
  public void fill() {
    String scheme = way.substring(way.indexOf(' ') + 1);
    codec = bind(scheme);
    for (int head = 0; head < KV_HEADS; head++) {
      heads[head] = EncodedHead.normal(codec, tokens, new SplittableRandom(head));
    }
  }

  private static BlockCodec bind(String scheme) {
    return CodecCatalog.bind(scheme, HEAD_DIM, BLOCK_TOKENS, HeadCalibration.identity(HEAD_DIM));
  }

  /** A thread's kernel, and its place among the heads. */
  @State(Scope.Thread)
  public static class Worker {

    private final float[] queries = new float[GROUP * HEAD_DIM];
    private final float[] outputs = new float[GROUP * HEAD_DIM];
    private AttentionKernel kernel;
    private @Nullable Decoded decoded;
    private int threads;
    private int head;

    /** Called by JMH. */
    @SuppressWarnings("NullAway.Init") // the set-up method is the constructor
    public Worker() {}

    /** Makes a kernel. */
    @Setup(Level.Trial)
    public void open(LayerAttentionBenchmark layer, ThreadParams params) {
      open(layer, params.getThreadIndex(), params.getThreadCount());
    }

    void open(LayerAttentionBenchmark layer, int index, int count) {
      EncodedHead.fill(queries, new SplittableRandom(9));
      String backend = layer.way.substring(0, layer.way.indexOf(' '));
      BlockCodec codec = layer.codec;
      if (backend.equals("decoded")) {
        backend = "native";
        decoded = new Decoded(codec, layer.tokens);
        codec = decoded.floats;
      }
      kernel = AttentionBackend.named(backend).kernel(codec, BLOCK_TOKENS, GROUP);
      head = index;
      threads = count;
    }
  }

  /** Room for a context in binary32, keys still rotated as the codes are. */
  private static final class Decoded {

    final BlockCodec floats = bind("f32+f32");
    private final BlockCodec codec;
    private final float[] rows;
    private final EncodedHead head;

    Decoded(BlockCodec codec, int tokens) {
      this.codec = codec;
      int blockFloats = 2 * BLOCK_TOKENS * HEAD_DIM;
      rows = new float[Math.ceilDiv(tokens, BLOCK_TOKENS) * blockFloats];
      head = new EncodedHead(MemorySegment.ofArray(rows), floats.layout().bytes());
    }

    EncodedHead of(EncodedHead encoded) {
      BlockLayout layout = codec.layout();
      int half = BLOCK_TOKENS * HEAD_DIM;
      for (int at = 0, block = 0; at < rows.length; at += 2 * half, block++) {
        long from = encoded.block(block);
        codec
            .keys()
            .decode(
                encoded.memory(),
                from + layout.keyCodes(),
                from + layout.keyScales(),
                BLOCK_TOKENS,
                rows,
                at);
        codec
            .values()
            .decode(
                encoded.memory(),
                from + layout.valueCodes(),
                from + layout.valueScales(),
                BLOCK_TOKENS,
                rows,
                at + half);
      }
      return head;
    }
  }

  /** What was done. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Counts {
    /** Tokens of a KV head. */
    public long tokens;

    /** Called by JMH. */
    public Counts() {}
  }

  /** Softmax and weighted sum of one KV head's context, for four queries. */
  @Benchmark
  public float[] attend(Worker worker, Counts counts) {
    EncodedHead head = heads[worker.head % KV_HEADS];
    worker.head += worker.threads;
    Decoded decoded = worker.decoded;
    float scale = (float) (1 / Math.sqrt(HEAD_DIM));
    worker.kernel.attend(
        decoded == null ? head : decoded.of(head),
        tokens,
        AttentionWindow.ALL,
        scale,
        worker.queries,
        0,
        worker.outputs,
        0);
    counts.tokens += tokens;
    return worker.outputs;
  }
}
