package org.kvcache.bench;

import java.util.concurrent.TimeUnit;
import org.kvcache.sim.RunSettings;
import org.kvcache.sim.Simulator;
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
 * What {@code kvcache simulate} does: a whole trace through the block manager, one request at a
 * time. The counter {@code refs} is in references a microsecond.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ReplayBenchmark {

  /** A policy's name, or {@code opt}. */
  @Param({"lru", "arc", "hazard", "adaptive", "opt"})
  public String policy = "";

  /** A trace. */
  @Param({"chat", "agentic"})
  public String stream = "";

  /** Capacity as a share of the unique blocks. */
  @Param({"0.01", "0.1"})
  public double share;

  private Simulator simulator;
  private int capacity;
  private long refs;

  /** Called by JMH. */
  @SuppressWarnings("NullAway.Init") // the set-up method is the constructor
  public ReplayBenchmark() {}

  /** What was done, beside replays. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Counts {
    /** References. */
    public long refs;

    /** Called by JMH. */
    public Counts() {}
  }

  /** Loads the trace. */
  @Setup(Level.Trial)
  public void load() {
    BenchStream loaded = BenchStream.load(stream, 0);
    simulator = new Simulator(loaded.trace(), RunSettings.prefix());
    capacity = loaded.capacity(share);
    refs = loaded.trace().blockRefs();
  }

  /** One replay. */
  @Benchmark
  public long replay(Counts counts) {
    counts.refs += refs;
    return simulator.run(policy, capacity).blockHits();
  }
}
