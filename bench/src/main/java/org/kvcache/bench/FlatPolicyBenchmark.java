package org.kvcache.bench;

import java.util.concurrent.TimeUnit;
import org.kvcache.spi.PolicyCatalog;
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
 * One thread, plain keys, ids interned: a whole stream through an empty policy. The counter {@code
 * refs} is the number to read, in references a microsecond, that is, millions a second.
 *
 * <p>{@code stream} may be any trace that {@code kvcache simulate} takes, for example {@code -p
 * stream=trace.jsonl.gz}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FlatPolicyBenchmark {

  /** A policy's name. */
  @Param({"lru", "arc", "sieve", "s3-fifo", "2q", "lirs", "w-tinylfu", "hazard", "adaptive"})
  public String policy = "";

  /** A trace. */
  @Param({"chat", "agentic", "docqa:mode=zipf"})
  public String stream = "";

  /** Capacity as a share of the unique blocks. */
  @Param({"0.01", "0.1"})
  public double share;

  private BenchStream loaded;
  private FlatCache cache;

  /** Called by JMH. */
  @SuppressWarnings("NullAway.Init") // the set-up methods are the constructor
  public FlatPolicyBenchmark() {}

  /** What was done, beside passes. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Counts {
    /** References. */
    public long refs;

    /** Called by JMH. */
    public Counts() {}
  }

  /** Loads the stream. */
  @Setup(Level.Trial)
  public void load() {
    loaded = BenchStream.load(stream, 0);
  }

  /** An empty cache for each pass. */
  @Setup(Level.Invocation)
  public void empty() {
    cache =
        new FlatCache(
            PolicyCatalog.named(policy), loaded.capacity(share), loaded.trace().uniqueBlocks());
  }

  /** One pass. */
  @Benchmark
  public long pass(Counts counts) {
    counts.refs += loaded.blocks().length;
    return cache.replay(loaded.blocks());
  }
}
