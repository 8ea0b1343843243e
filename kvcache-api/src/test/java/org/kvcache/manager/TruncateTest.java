package org.kvcache.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.BlockManager;
import org.kvcache.BlockTable;

class TruncateTest {

  private final BlockManager manager = Serving.open(8, TestPolicies.LEAF_LRU);

  @Test
  void anotherContinuationMayFollow() {
    BlockTable table = Serving.begin(manager, "abc");
    manager.commit(table, Chains.keys("abc"), 1);
    manager.truncate(table, 1);
    assertThat(manager.stats().freeSlots()).isEqualTo(7);
    manager.allocate(table, 2);
    manager.commit(table, Chains.keys("axy"), 3);
    table.close();
    assertThat(Serving.cached(manager, "axy")).isEqualTo(3);
    assertThat(Serving.cached(manager, "abc")).isEqualTo(1);
  }

  @Test
  void theSameContinuationIsFoundAgain() {
    BlockTable table = Serving.run(manager, "abc");
    manager.truncate(table, 1);
    assertThat(table.committed()).isEqualTo(1);
    assertThat(manager.stats().pinnedBlocks()).isEqualTo(1);
    manager.allocate(table, 2);
    manager.commit(table, Chains.keys("abc"), 3);
    table.close();
    assertThat(manager.stats().cachedBlocks()).isEqualTo(3);
    assertThat(manager.stats().freeSlots()).isEqualTo(5);
  }

  @Test
  void matchedBlocksCanBeDropped() {
    Serving.serve(manager, "abc");
    BlockTable table = Serving.begin(manager, "abc");
    manager.truncate(table, 2);
    assertThat(table.matched()).isEqualTo(2);
    assertThat(Serving.cached(manager, "abc")).isEqualTo(3);
    assertThat(manager.available()).isEqualTo(6);
  }

  @Test
  void toNothingEndsTheSequence() {
    BlockTable table = Serving.begin(manager, "ab");
    manager.truncate(table, 0);
    assertThat(manager.stats().openTables()).isZero();
    assertThat(manager.match(table, Chains.keys("x"), 1)).isZero();
  }

  @Test
  void toTheWholeChangesNothing() {
    BlockTable table = Serving.begin(manager, "ab");
    manager.truncate(table, 2);
    manager.commit(table, Chains.keys("ab"), 2);
    assertThat(Serving.cached(manager, "ab")).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 3})
  void outOfRangeIsRefused(int blocks) {
    BlockTable table = Serving.begin(manager, "ab");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> manager.truncate(table, blocks))
        .withMessageContaining("cannot keep " + blocks);
    assertThat(table.size()).isEqualTo(2);
  }
}
