package org.kvcache.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.KeyScorer;
import org.kvcache.spi.TensorCodec;
import org.kvcache.spi.ValueSum;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One thread, {@value #ROWS} rows of normal numbers that stay in cache: nanoseconds for a row, that
 * is, for a key or a value of one head and token. A row of 128 in 100 ns is 1.28 G elements/s.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CodecBenchmark {

  static final int ROWS = 4096;
  private static final int HEADS = 4;

  /** A format, and its rule behind a colon. */
  @Param({"mxfp4", "lm16", "fp8", "bf16"})
  public String format = "";

  /** Elements of a row. */
  @Param("128")
  public int headDim;

  private TensorCodec codec;
  private MemorySegment planes;
  private long scales;
  private float[] rows;
  private float[] decoded;
  private float[] logits;
  private float[] out;
  private KeyScorer scorer;
  private KeyScorer groupScorer;
  private ValueSum sum;
  private ValueSum groupSum;

  /** Called by JMH. */
  @SuppressWarnings("NullAway.Init") // the set-up method is the constructor
  public CodecBenchmark() {}

  /** Encodes the rows once. */
  @Setup
  public void encodeOnce() {
    codec = CodecCatalog.codec(format, headDim, 1);
    rows = new float[ROWS * headDim];
    var random = new SplittableRandom(1);
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) random.nextGaussian();
    }
    scales = codec.codeBytes(ROWS);
    planes = Arena.ofAuto().allocate(scales + codec.scaleBytes(ROWS) + 64, 64);
    codec.encode(rows, 0, ROWS, planes, 0, scales);
    decoded = new float[rows.length];
    logits = new float[HEADS * ROWS];
    out = new float[headDim];
    scorer = codec.newScorer(1);
    scorer.query(0, rows, 0);
    groupScorer = codec.newScorer(HEADS);
    for (int head = 0; head < HEADS; head++) {
      groupScorer.query(head, rows, head * headDim);
    }
    sum = codec.newSum(1);
    groupSum = codec.newSum(HEADS);
  }

  /** From floats to codes and scales. */
  @Benchmark
  @OperationsPerInvocation(ROWS)
  public MemorySegment encode() {
    codec.encode(rows, 0, ROWS, planes, 0, scales);
    return planes;
  }

  /** Back to floats. */
  @Benchmark
  @OperationsPerInvocation(ROWS)
  public float[] decode() {
    codec.decode(planes, 0, scales, ROWS, decoded, 0);
    return decoded;
  }

  /** The product of one query with each row. */
  @Benchmark
  @OperationsPerInvocation(ROWS)
  public float[] score() {
    scorer.score(planes, 0, scales, ROWS, logits, 0, ROWS);
    return logits;
  }

  /** The products of the four queries that share a KV head with each row. */
  @Benchmark
  @OperationsPerInvocation(ROWS)
  public float[] score4() {
    groupScorer.score(planes, 0, scales, ROWS, logits, 0, ROWS);
    return logits;
  }

  /** The sum of all rows, weighted. */
  @Benchmark
  @OperationsPerInvocation(ROWS)
  public float[] sum() {
    sum.clear();
    sum.add(rows, 0, ROWS, planes, 0, scales, ROWS);
    sum.get(0, out, 0);
    return out;
  }

  /** Four sums of all rows. */
  @Benchmark
  @OperationsPerInvocation(ROWS)
  public float[] sum4() {
    groupSum.clear();
    groupSum.add(rows, 0, ROWS, planes, 0, scales, ROWS);
    groupSum.get(0, out, 0);
    return out;
  }
}
