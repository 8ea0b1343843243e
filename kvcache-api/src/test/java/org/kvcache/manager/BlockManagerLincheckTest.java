package org.kvcache.manager;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.kvcache.BlockKeys;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerConfig;
import org.kvcache.BlockManagerStats;
import org.kvcache.BlockTable;

/** Three slots, three sequences of two blocks, a table for each thread. */
@Tag("lincheck")
@Param(name = "thread", gen = ThreadIdGen.class)
@Param(name = "path", gen = IntGen.class, conf = "0:2")
public class BlockManagerLincheckTest {

  private static final int MOST_THREADS = 5;
  private static final BlockKeys[] SEQUENCES = {
    Chains.keys("ab"), Chains.keys("ac"), Chains.keys("d")
  };

  private final BlockManager manager =
      BlockManager.open(
          BlockManagerConfig.builder()
              .slots(3)
              .policy(TestPolicies.LEAF_LRU)
              .whatIf(false)
              .clockMillis(() -> 0)
              .build());
  private final BlockTable[] tables = new BlockTable[MOST_THREADS];
  private final int[] paths = new int[MOST_THREADS];

  public BlockManagerLincheckTest() {
    for (int i = 0; i < MOST_THREADS; i++) {
      tables[i] = manager.newTable();
    }
  }

  @Operation
  public int begin(@Param(name = "thread") int thread, @Param(name = "path") int path) {
    BlockTable table = tables[thread % MOST_THREADS];
    if (table.size() > 0) {
      return -1;
    }
    paths[thread % MOST_THREADS] = path;
    return manager.match(table, SEQUENCES[path], 2);
  }

  @Operation
  public boolean allocate(@Param(name = "thread") int thread) {
    BlockTable table = tables[thread % MOST_THREADS];
    return table.size() < 2 && manager.allocate(table, 1);
  }

  @Operation
  public int commit(@Param(name = "thread") int thread) {
    BlockTable table = tables[thread % MOST_THREADS];
    BlockKeys keys = SEQUENCES[paths[thread % MOST_THREADS]];
    manager.commit(table, keys, Math.min(keys.size(), table.size()));
    return table.committed();
  }

  @Operation
  public boolean reopen(@Param(name = "thread") int thread) {
    BlockTable table = tables[thread % MOST_THREADS];
    return table.size() > 0 && manager.reopen(table, table.size() - 1);
  }

  @Operation
  public void release(@Param(name = "thread") int thread) {
    manager.release(tables[thread % MOST_THREADS]);
  }

  @Operation
  public String stats() {
    BlockManagerStats stats = manager.stats();
    return "%d free, %d cached, %d pinned, %d open, %d stored, %d evicted"
        .formatted(
            stats.freeSlots(),
            stats.cachedBlocks(),
            stats.pinnedBlocks(),
            stats.openTables(),
            stats.storedBlocks(),
            stats.evictedDeleted());
  }

  @Test
  void stress() {
    new StressOptions()
        .iterations(10)
        .invocationsPerIteration(500)
        .threads(3)
        .actorsPerThread(4)
        .check(getClass());
  }

  @Test
  void modelChecking() {
    new ModelCheckingOptions()
        .iterations(3)
        .invocationsPerIteration(60)
        .threads(2)
        .actorsPerThread(4)
        .check(getClass());
  }
}
