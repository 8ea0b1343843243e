package org.kvcache.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.kvcache.HeadCalibration;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockWriter;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.KeyScan;
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
 * Scores of the keys of eight KV heads of 128, which four query heads share each, for retrieval.
 * Every thread takes its share of the heads, a tile of keys at a time. {@code :keys} is keys in a
 * second, {@code :bytes} bytes of their codes and scales, all threads together; {@code read} does
 * nothing but read the same bytes.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Threads(Threads.MAX)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KeyScanBenchmark {

  private static final int HEAD_DIM = 128;
  private static final int BLOCK_TOKENS = 16;
  private static final int GROUP = 4;
  private static final int KV_HEADS = 8;
  private static final int TILE = 1024;

  /** Who computes, and on what. */
  @Param({"native f32", "native mxfp4", "native lm16", "vector f32", "vector mxfp4", "vector lm16"})
  public String way = "";

  /** Tokens of the block whose queries are asked. */
  @Param({"1", "2"})
  public int asked;

  /** Keys of a KV head. */
  @Param({"131072"})
  public int tokens;

  private final EncodedHead[] heads = new EncodedHead[KV_HEADS];
  private BlockCodec codec;

  /** Called by JMH. */
  @SuppressWarnings("NullAway.Init") // the set-up method is the constructor
  public KeyScanBenchmark() {}

  /** What was done. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Counts {
    /** Keys. */
    public long keys;

    /** Their bytes. */
    public long bytes;

    /** Called by JMH. */
    public Counts() {}
  }

  /** Encodes normal numbers as keys, one block behind the other, without values. */
  @Setup(Level.Trial)
  public void fill() {
    String scheme = way.substring(way.indexOf(' ') + 1);
    codec = CodecCatalog.bind(scheme, HEAD_DIM, BLOCK_TOKENS, HeadCalibration.identity(HEAD_DIM));
    // The planes of values come last, so that the next block may take their place.
    long keyBytes = codec.layout().valueCodes();
    int blocks = tokens / BLOCK_TOKENS;
    long bytes = (blocks - 1) * keyBytes + codec.layout().bytes();
    for (int head = 0; head < KV_HEADS; head++) {
      heads[head] = new EncodedHead(Arena.ofAuto().allocate(bytes, 64), keyBytes);
    }
    var random = new SplittableRandom(1);
    float[] rows = new float[BLOCK_TOKENS * HEAD_DIM];
    BlockWriter writer = codec.newWriter();
    for (int block = 0; block < blocks; block++) {
      EncodedHead.fill(rows, random);
      writer.keys(rows, 0, BLOCK_TOKENS, heads[0].memory(), heads[0].block(block), 0);
    }
    for (int head = 1; head < KV_HEADS; head++) {
      heads[head].memory().copyFrom(heads[0].memory());
    }
  }

  /** A thread's scan, and its place among the heads. */
  @State(Scope.Thread)
  public static class Worker {

    private KeyScan scan;
    private float[] queries = new float[0];
    private float[] logits = new float[0];
    private int threads;
    private int head;

    /** Called by JMH. */
    @SuppressWarnings("NullAway.Init") // the set-up method is the constructor
    public Worker() {}

    /** Makes a scan. */
    @Setup(Level.Trial)
    public void open(KeyScanBenchmark keys, ThreadParams params) {
      open(keys, params.getThreadIndex(), params.getThreadCount());
    }

    void open(KeyScanBenchmark keys, int thread, int count) {
      int scored = keys.asked * GROUP;
      queries = new float[scored * HEAD_DIM];
      logits = new float[scored * TILE];
      EncodedHead.fill(queries, new SplittableRandom(9));
      String backend = keys.way.substring(0, keys.way.indexOf(' '));
      scan = AttentionBackend.named(backend).scan(keys.codec, BLOCK_TOKENS, scored);
      head = thread;
      threads = count;
    }

    private EncodedHead next(KeyScanBenchmark keys) {
      head = (head + threads) % KV_HEADS;
      return keys.heads[head];
    }
  }

  /** Scores all keys of a head. */
  @Benchmark
  public float[] scan(Worker worker, Counts counts) {
    EncodedHead head = worker.next(this);
    worker.scan.query(worker.queries, 0);
    for (int from = 0; from < tokens; from += TILE) {
      int to = Math.min(tokens, from + TILE);
      worker.scan.logits(head, from, to, worker.logits, 0, TILE);
    }
    count(head, counts);
    return worker.logits;
  }

  /** Reads all keys of a head. */
  @Benchmark
  public long read(Worker worker, Counts counts) {
    EncodedHead head = worker.next(this);
    MemorySegment memory = head.memory();
    long end = tokens / BLOCK_TOKENS * head.blockBytes() & -64;
    long a = 0;
    long b = 0;
    long c = 0;
    long d = 0;
    for (long at = 0; at < end; at += 64) {
      a += memory.get(ValueLayout.JAVA_LONG, at) ^ memory.get(ValueLayout.JAVA_LONG, at + 8);
      b += memory.get(ValueLayout.JAVA_LONG, at + 16) ^ memory.get(ValueLayout.JAVA_LONG, at + 24);
      c += memory.get(ValueLayout.JAVA_LONG, at + 32) ^ memory.get(ValueLayout.JAVA_LONG, at + 40);
      d += memory.get(ValueLayout.JAVA_LONG, at + 48) ^ memory.get(ValueLayout.JAVA_LONG, at + 56);
    }
    count(head, counts);
    return a + b + c + d;
  }

  private void count(EncodedHead head, Counts counts) {
    counts.keys += tokens;
    counts.bytes += tokens / BLOCK_TOKENS * head.blockBytes();
  }
}
