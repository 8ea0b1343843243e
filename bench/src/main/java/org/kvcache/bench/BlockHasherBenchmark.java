package org.kvcache.bench;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.kvcache.BlockHasher;
import org.kvcache.BlockKeys;
import org.kvcache.KeyChain;
import org.kvcache.KeySpace;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Time to compute one block key of 16 tokens, in a prompt of 4,096. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BlockHasherBenchmark {

  private static final int BLOCK_TOKENS = 16;
  private static final int BLOCKS = 256;
  private static final int VOCABULARY = 128_256;

  /** A hasher's name. */
  @Param({"sha256", "xxh3", "sha256_cbor"})
  public String hasher = "";

  private final int[] tokens = new Random(0).ints(BLOCKS * BLOCK_TOKENS, 0, VOCABULARY).toArray();
  private final BlockKeys keys = new BlockKeys(BLOCKS);
  private KeyChain chain;

  /** Called by JMH. */
  @SuppressWarnings("NullAway.Init") // the set-up method is the constructor
  public BlockHasherBenchmark() {}

  /** Starts a chain. */
  @Setup(Level.Trial)
  public void open() {
    chain = BlockHasher.of(hasher).chain(KeySpace.of("benchmark"));
  }

  /** The keys of one prompt. */
  @Benchmark
  @OperationsPerInvocation(BLOCKS)
  public BlockKeys prompt() {
    chain.reset();
    keys.clear();
    chain.appendFullBlocks(tokens, 0, tokens.length, BLOCK_TOKENS, keys);
    return keys;
  }
}
