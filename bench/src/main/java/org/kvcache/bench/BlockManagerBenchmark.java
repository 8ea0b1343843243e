package org.kvcache.bench;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.kvcache.BlockKeys;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerConfig;
import org.kvcache.BlockTable;
import org.kvcache.spi.EntryIndex;
import org.openjdk.jmh.annotations.AuxCounters;
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

/**
 * What a request costs in the block manager: {@code match}, {@code allocate}, {@code commit} and
 * {@code release}, in nanoseconds a block. The block keys are given; {@link BlockHasherBenchmark}
 * has their cost. Run with {@code -prof gc}: {@code gc.alloc.rate.norm} should be 0 B/op.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BlockManagerBenchmark {

  private static final int SHORT = 32;
  private static final int LONG = 256;

  /** Called by JMH. */
  public BlockManagerBenchmark() {}

  /** A manager. */
  @State(Scope.Thread)
  public static class Managed {
    /** A policy's name. */
    @Param({"lru", "arc", "hazard", "adaptive"})
    public String policy = "";

    /** Whether the manager keeps its what-if curve, as it does by default. */
    @Param("true")
    public boolean whatIf;

    BlockManager manager;
    BlockTable table;

    /** Called by JMH. */
    @SuppressWarnings("NullAway.Init") // the set-up methods are the constructor
    public Managed() {}

    void open(int slots) {
      manager =
          BlockManager.open(
              BlockManagerConfig.builder().slots(slots).policy(policy).whatIf(whatIf).build());
      table = manager.newTable();
    }

    /** One request from look-up to release; returns the blocks that hit. */
    int request(BlockKeys keys) {
      int count = keys.size();
      int hits = manager.match(table, keys, count);
      manager.allocate(table, count - hits);
      manager.commit(table, keys, count);
      manager.release(table);
      return hits;
    }
  }

  /** A full cache of unrelated prompts, and the order in which they come back. */
  @State(Scope.Thread)
  public static class Prompts extends Managed {
    private static final int SLOTS = 1 << 15;

    private final BlockKeys[] shorts = new BlockKeys[SLOTS / 2 / SHORT];
    private final BlockKeys[] longs = new BlockKeys[SLOTS / 2 / LONG];
    private final Random random = new Random(0);
    private final BlockKeys unknown = new BlockKeys(LONG);
    private long nextKey = 1;

    /** Called by JMH. */
    public Prompts() {}

    /** Fills the cache. */
    @Setup(Level.Trial)
    public void fill() {
      open(SLOTS);
      fill(shorts, SHORT);
      fill(longs, LONG);
    }

    private void fill(BlockKeys[] prompts, int blocks) {
      for (int i = 0; i < prompts.length; i++) {
        prompts[i] = new BlockKeys(blocks);
        fresh(prompts[i], blocks);
        request(prompts[i]);
      }
    }

    private void fresh(BlockKeys keys, int blocks) {
      keys.clear();
      for (int i = 0; i < blocks; i++) {
        keys.add(nextKey, EntryIndex.hash(0, nextKey++));
      }
    }

    BlockKeys knownShort() {
      return shorts[random.nextInt(shorts.length)];
    }

    BlockKeys knownLong() {
      return longs[random.nextInt(longs.length)];
    }

    BlockKeys unknown() {
      fresh(unknown, LONG);
      return unknown;
    }
  }

  /** A generated chat trace, request by request and over again, in a tenth of its footprint. */
  @State(Scope.Thread)
  public static class Chat extends Managed {
    private static final double SHARE = 0.1;

    private BlockKeys[] requests;
    private int next;

    /** Called by JMH. */
    @SuppressWarnings("NullAway.Init") // the set-up method is the constructor
    public Chat() {}

    /** Loads the trace and replays it once. */
    @Setup(Level.Trial)
    public void load() {
      BenchStream loaded = BenchStream.load("chat", 0);
      open(loaded.capacity(SHARE));
      requests = new BlockKeys[loaded.trace().requests()];
      int at = 0;
      for (int i = 0; i < requests.length; i++) {
        int count = loaded.trace().chainLength(i);
        requests[i] = new BlockKeys(count);
        for (int b = 0; b < count; b++) {
          int block = loaded.blocks()[at++];
          requests[i].add(block, EntryIndex.hash(0, block));
        }
        request(requests[i]);
      }
    }

    BlockKeys next() {
      next = next + 1 == requests.length ? 0 : next + 1;
      return requests[next];
    }
  }

  /** What was done, beside requests: with it {@code chat:blocks} is the time of a block. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Counts {
    /** Blocks. */
    public long blocks;

    /** Called by JMH. */
    public Counts() {}
  }

  /** All 32 blocks of a prompt hit. */
  @Benchmark
  @OperationsPerInvocation(SHORT)
  public int hit32(Prompts prompts) {
    return prompts.request(prompts.knownShort());
  }

  /** All 256 blocks of a prompt hit. */
  @Benchmark
  @OperationsPerInvocation(LONG)
  public int hit256(Prompts prompts) {
    return prompts.request(prompts.knownLong());
  }

  /** All 256 blocks of a prompt miss and each evicts another; making the keys up is counted too. */
  @Benchmark
  @OperationsPerInvocation(LONG)
  public int miss256(Prompts prompts) {
    return prompts.request(prompts.unknown());
  }

  /** One request of the chat trace; hits and misses as they come. */
  @Benchmark
  public int chat(Chat chat, Counts counts) {
    BlockKeys keys = chat.next();
    counts.blocks += keys.size();
    return chat.request(keys);
  }
}
