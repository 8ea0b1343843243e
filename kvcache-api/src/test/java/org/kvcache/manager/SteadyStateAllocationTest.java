package org.kvcache.manager;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.BlockKeys;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerConfig;
import org.kvcache.BlockTable;
import org.kvcache.spi.PolicySpec;
import org.kvcache.spi.ReuseHint;

class SteadyStateAllocationTest {

  private static final int CYCLES = 10_000;
  private static final int ROUNDS = 8;
  private static final int BLOCKS = 8;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static BlockManager open(int slots) {
    PolicySpec policy = TestPolicies.LEAF_LRU;
    return BlockManager.open(
        BlockManagerConfig.builder()
            .slots(slots)
            .policy(policy)
            .whatIf(true)
            .demotionUses(1)
            .clockMillis(() -> 1)
            .build());
  }

  private static List<BlockKeys> sequences(int count) {
    return IntStream.range(0, count).mapToObj(i -> Chains.keys(i + "-........")).toList();
  }

  private static long leastAllocated(Runnable round) {
    long least = Long.MAX_VALUE;
    for (int n = 0; n < ROUNDS; n++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      round.run();
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }

  private static void cycle(BlockManager manager, BlockTable table, BlockKeys keys) {
    int matched = manager.match(table, keys, BLOCKS);
    manager.allocate(table, BLOCKS + 1 - matched);
    manager.commit(table, keys, BLOCKS);
    manager.release(table);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 400})
  void requestsAllocateNothing(int distinct) {
    BlockManager manager = open(100);
    BlockTable table = manager.newTable();
    List<BlockKeys> sequences = sequences(distinct);
    long least =
        leastAllocated(() -> {
          for (int i = 0; i < CYCLES; i++) {
            cycle(manager, table, sequences.get(i % distinct));
          }
        });
    assertThat(least).isZero();
    assertThat(manager.stats().evictedDemoted() > 0).isEqualTo(distinct == 400);
  }

  @Test
  void forksRollbacksRetentionAndHintsAllocateNothing() {
    BlockManager manager = open(60);
    BlockTable table = manager.newTable();
    BlockTable fork = manager.newTable();
    List<BlockKeys> sequences = sequences(40);
    long least =
        leastAllocated(() -> {
          for (int i = 0; i < CYCLES; i++) {
            BlockKeys keys = sequences.get(i % sequences.size());
            manager.allocate(table, BLOCKS - manager.match(table, keys, BLOCKS));
            manager.commit(table, keys, BLOCKS - 2);
            manager.fork(table, fork);
            manager.truncate(table, BLOCKS - 1);
            manager.retain(table, 0, 32, i % 101, i % 3);
            manager.release(table, ReuseHint.ENDED);
            manager.release(fork);
          }
        });
    assertThat(least).isZero();
  }
}
