package org.kvcache.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.kvcache.BlockKeys;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerStats;
import org.kvcache.BlockTable;
import org.kvcache.spi.PolicySpec;
import org.kvcache.spi.ReuseHint;

class BlockManagerStressTest {

  private static final int THREADS = 16;
  private static final int STEPS = 3_000;
  private static final int SLOTS = 120;

  static final List<PolicySpec> POLICIES = TestPolicies.ALL;

  private final AtomicReferenceArray<BlockTable> writers = new AtomicReferenceArray<>(SLOTS);

  @ParameterizedTest
  @FieldSource("POLICIES")
  void slotsHaveOneWriterAndNothingIsLost(PolicySpec policy) throws Exception {
    BlockManager manager =
        Serving.open(
            SLOTS, policy, builder -> builder.watermark(0.05).demotionUses(2).whatIf(true));
    var replay = new EventReplay();
    manager.listen(replay);
    try (var threads = Executors.newFixedThreadPool(THREADS)) {
      List<Callable<Integer>> workers = new ArrayList<>();
      for (int seed = 0; seed < THREADS; seed++) {
        workers.add(new Worker(manager, new Random(seed)));
      }
      int served = 0;
      for (Future<Integer> worker : threads.invokeAll(workers)) {
        served += worker.get();
      }
      assertThat(served).isGreaterThan(STEPS);
    }
    BlockManagerStats stats = manager.stats();
    assertThat(stats.openTables()).isZero();
    assertThat(stats.pinnedBlocks()).isZero();
    assertThat(stats.privateBlocks()).isZero();
    assertThat(stats.freeSlots() + stats.cachedBlocks()).isEqualTo(SLOTS);
    assertThat(manager.available()).isEqualTo(SLOTS);
    assertThat(replay.keys()).hasSize(stats.cachedBlocks());
    assertThat(replay.takeNew()).hasSize((int) stats.lastEvent());
  }

  private final class Worker implements Callable<Integer> {
    private final BlockManager manager;
    private final Random random;
    private final BlockTable table;
    private final BlockTable branch;
    private int served;

    Worker(BlockManager manager, Random random) {
      this.manager = manager;
      this.random = random;
      table = manager.newTable();
      branch = manager.newTable();
    }

    @Override
    public Integer call() {
      for (int step = 0; step < STEPS; step++) {
        serve();
      }
      table.close();
      branch.close();
      return served;
    }

    private void serve() {
      var path = new StringBuilder();
      for (int i = random.nextInt(9); i >= 0; i--) {
        path.append((char) ('a' + Math.min(random.nextInt(4), random.nextInt(4))));
      }
      BlockKeys keys = Chains.keys(path);
      int matched = manager.match(table, keys, random.nextInt(keys.size() + 1));
      for (int i = 0; i < matched; i++) {
        assertThat(writers.get(table.slot(i))).isNull();
      }
      if (manager.allocate(table, keys.size() - matched)) {
        served++;
        startWriting(table, matched);
        carryOn(keys);
      }
      stopWriting(table, 0);
      switch (random.nextInt(8)) {
        case 0 -> manager.release(table, ReuseHint.ENDED);
        case 1 -> manager.truncate(table, 0);
        case 2 -> {
          manager.retain(table, 0, 2 * table.size(), random.nextInt(101), random.nextInt(2));
          manager.release(table);
        }
        default -> manager.release(table);
      }
    }

    private void carryOn(BlockKeys keys) {
      switch (random.nextInt(10)) {
        case 0 -> manager.clear();
        case 1 -> {
          return;
        }
        case 2 -> {
          stopWriting(table, 1);
          manager.truncate(table, 1);
          if (manager.allocate(table, keys.size() - 1)) {
            startWriting(table, 1);
          } else {
            return;
          }
        }
        case 3 -> fork(keys);
        default -> manager.stats();
      }
      commit(table, keys);
    }

    private void fork(BlockKeys keys) {
      commit(table, keys, keys.size() / 2);
      if (manager.fork(table, branch)) {
        startWriting(branch, branch.committed());
        commit(branch, keys);
        stopWriting(branch, 0);
        manager.release(branch);
      }
    }

    private void commit(BlockTable of, BlockKeys keys) {
      commit(of, keys, keys.size());
    }

    private void commit(BlockTable of, BlockKeys keys, int blocks) {
      stopWriting(of, 0);
      manager.commit(of, keys, blocks);
      startWriting(of, of.committed());
    }

    private void startWriting(BlockTable of, int from) {
      for (int i = from; i < of.size(); i++) {
        if (!of.isCommitted(i)) {
          assertThat(writers.compareAndSet(of.slot(i), null, of)).isTrue();
        }
      }
    }

    private void stopWriting(BlockTable of, int from) {
      for (int i = from; i < of.size(); i++) {
        writers.compareAndSet(of.slot(i), of, null);
      }
    }
  }
}
