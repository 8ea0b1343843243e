package org.kvcache.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.kvcache.ByteSize;
import org.kvcache.HeadCalibration;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvSequence;
import org.kvcache.KvShape;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockWriter;
import org.kvcache.spi.CodecCatalog;
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
 * K and V of one token in one layer, eight KV heads of 128: nanoseconds of {@code append}, beside
 * the same rows encoded by the codec alone and the encoded bytes copied, over the same blocks in
 * the same order. Run with {@code -prof gc}: {@code gc.alloc.rate.norm} should be 0 B/op.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KvCacheAppendBenchmark {

  private static final KvShape SHAPE = KvShape.of(1, 8, 128, 8);
  private static final int BLOCK_TOKENS = 16;
  private static final int POSITIONS = 64;

  /** How K and V are stored. */
  @Param({"mxfp4", "lm16", "k8v4", "bf16", "f32"})
  public String scheme = "";

  private KvCache cache;
  private KvSequence sequence;
  private float[] keys;
  private float[] values;
  private int position;

  private BlockWriter writer;
  private long blockBytes;
  private MemorySegment blocks;
  private MemorySegment copy;

  /** Called by JMH. */
  @SuppressWarnings("NullAway.Init") // the set-up method is the constructor
  public KvCacheAppendBenchmark() {}

  /** Opens a cache and makes room in a sequence; the rows stay uncommitted. */
  @Setup(Level.Trial)
  public void open() {
    cache =
        KvCache.open(
            KvCacheConfig.builder()
                .shape(SHAPE)
                .blockTokens(BLOCK_TOKENS)
                .memory(ByteSize.mib(8))
                .scheme(scheme)
                .build());
    sequence = cache.begin(new int[0]);
    if (!sequence.tryReserve(POSITIONS)) {
      throw new IllegalStateException("no room for " + POSITIONS + " tokens");
    }
    keys = gaussian(1);
    values = gaussian(2);
    BlockCodec codec =
        CodecCatalog.bind(
            scheme, SHAPE.headDim(), BLOCK_TOKENS, HeadCalibration.identity(SHAPE.headDim()));
    writer = codec.newWriter();
    blockBytes = codec.layout().bytes();
    long bytes = (long) POSITIONS / BLOCK_TOKENS * SHAPE.kvHeads() * blockBytes;
    blocks = Arena.ofAuto().allocate(bytes, 64);
    copy = Arena.ofAuto().allocate(bytes, 64);
  }

  private static float[] gaussian(long seed) {
    var random = new SplittableRandom(seed);
    float[] rows = new float[SHAPE.kvDim()];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) random.nextGaussian();
    }
    return rows;
  }

  /** Frees the memory. */
  @TearDown(Level.Trial)
  public void close() {
    sequence.close();
    cache.close();
  }

  private int nextPosition() {
    position = position + 1 == POSITIONS ? 0 : position + 1;
    return position;
  }

  /** Through the sequence. */
  @Benchmark
  public void append() {
    sequence.append(0, nextPosition(), keys, 0, values, 0);
  }

  /** The codec alone. */
  @Benchmark
  public void encode() {
    int at = nextPosition();
    long frame = (long) (at / BLOCK_TOKENS) * SHAPE.kvHeads() * blockBytes;
    int row = at % BLOCK_TOKENS;
    for (int head = 0; head < SHAPE.kvHeads(); head++) {
      long block = frame + head * blockBytes;
      int from = head * SHAPE.headDim();
      writer.keys(keys, from, 1, blocks, block, row);
      writer.values(values, from, 1, blocks, block, row);
    }
  }

  /** As many bytes as the token takes, copied in one piece. */
  @Benchmark
  public void copyBytes() {
    long bytes = SHAPE.kvHeads() * blockBytes / BLOCK_TOKENS;
    long from = nextPosition() * bytes;
    MemorySegment.copy(blocks, from, copy, from, bytes);
  }
}
