package org.kvcache.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.BlockKeys;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerConfig;
import org.kvcache.BlockManagerStats;
import org.kvcache.BlockManagerStats.WhatIf;
import org.kvcache.BlockTable;
import org.kvcache.spi.PolicySpec;

class WhatIfTest {

  private static final int REQUESTS = 60_000;

  private static BlockManagerStats run(int slots, PolicySpec policy, int blocks) {
    return run(slots, policy, blocks, blocks);
  }

  private static BlockManagerStats run(int slots, PolicySpec policy, int blocks, int limit) {
    BlockManager manager =
        BlockManager.open(
            BlockManagerConfig.builder().slots(slots).policy(policy).whatIf(true).build());
    BlockTable table = manager.newTable();
    var random = new Random(7);
    var keys = new BlockKeys();
    for (int i = 0; i < REQUESTS / blocks; i++) {
      long document = (long) Math.exp(random.nextDouble() * Math.log(20_000.0 / blocks));
      keys.clear();
      for (int block = 0; block < blocks; block++) {
        keys.add(document, block);
      }
      manager.allocate(table, blocks - manager.match(table, keys, limit));
      manager.commit(table, keys, blocks);
      manager.release(table);
    }
    return manager.stats();
  }

  @ParameterizedTest
  @CsvSource({"300,1", "1500,1", "300,5", "1500,5"})
  void halfAndTwiceTheSlotsAreEstimatedWithinThreePoints(int slots, int blocks) {
    List<WhatIf> curve = run(slots, TestPolicies.LEAF_LRU, blocks).whatIf();
    assertThat(curve)
        .extracting(WhatIf::slots)
        .containsExactly(slots / 4, slots / 2, slots, 2 * slots, 4 * slots);
    for (WhatIf point : curve.subList(1, 4)) {
      double real = run(point.slots(), TestPolicies.LEAF_LRU, blocks).hitRate();
      assertThat(point.hitRate()).as("%d slots", point.slots()).isCloseTo(real, within(0.03));
    }
  }

  @Test
  void blocksBehindTheLimitAreNotTakenForMisses() {
    List<WhatIf> curve = run(600, TestPolicies.LEAF_LRU, 4, 3).whatIf();
    for (WhatIf point : curve.subList(1, 4)) {
      double real = run(point.slots(), TestPolicies.LEAF_LRU, 4, 3).hitRate();
      assertThat(point.hitRate()).as("%d slots", point.slots()).isCloseTo(real, within(0.03));
    }
  }

  @Test
  void moreSlotsNeverLookWorseUnderLru() {
    assertThat(run(700, TestPolicies.LRU, 3).whatIf()).extracting(WhatIf::hitRate).isSorted();
  }

  @Test
  void tinyManagerHasACurveToo() {
    List<WhatIf> curve = run(1, TestPolicies.LRU, 1).whatIf();
    assertThat(curve).extracting(WhatIf::slots).containsExactly(1, 1, 1, 2, 4);
    assertThat(curve).allSatisfy(point -> assertThat(point.hitRate()).isBetween(0.0, 1.0));
  }

  @Test
  void emptyBeforeTheFirstRequestAndAfterClear() {
    BlockManager manager = Serving.open(4, TestPolicies.LRU, builder -> builder.whatIf(true));
    assertThat(manager.stats().whatIf()).isEmpty();
    Serving.serve(manager, "abc");
    assertThat(manager.stats().whatIf()).hasSize(5);
    manager.clear();
    assertThat(manager.stats().whatIf()).isEmpty();
  }

  @Test
  void switchedOffItIsEmpty() {
    BlockManager manager = Serving.open(4, TestPolicies.LRU);
    Serving.serve(manager, "abc");
    assertThat(manager.stats().whatIf()).isEmpty();
  }
}
