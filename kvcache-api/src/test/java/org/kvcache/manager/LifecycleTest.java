package org.kvcache.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerStats;
import org.kvcache.BlockTable;

class LifecycleTest {

  private static List<ThrowingCallable> uses(BlockManager manager, BlockTable table) {
    return List.of(
        () -> manager.match(table, Chains.keys("ab"), 2),
        () -> manager.allocate(table, 1),
        () -> manager.commit(table, Chains.keys("ab"), 1),
        () -> manager.commit(table, Chains.keys("ab"), 0),
        () -> manager.release(table),
        () -> manager.fork(table, manager.newTable()),
        () -> manager.fork(manager.newTable(), table),
        () -> manager.truncate(table, 1),
        () -> manager.truncate(table, 0),
        () -> manager.retain(table, 0, 2, 50, 0));
  }

  static Stream<Integer> uses() {
    return Stream.iterate(0, i -> i < 10, i -> i + 1);
  }

  @ParameterizedTest
  @MethodSource("uses")
  void closedTableIsRefused(int use) {
    BlockManager manager = Serving.open(4, TestPolicies.LEAF_LRU);
    BlockTable table = Serving.run(manager, "ab");
    table.close();
    assertThatIllegalStateException()
        .isThrownBy(uses(manager, table).get(use))
        .withMessageContaining("table is closed");
    assertThat(manager.available()).isEqualTo(4);
  }

  @ParameterizedTest
  @MethodSource("uses")
  void closedManagerIsRefused(int use) {
    BlockManager manager = Serving.open(4, TestPolicies.LEAF_LRU);
    BlockTable table = Serving.run(manager, "ab");
    manager.close();
    assertThatIllegalStateException()
        .isThrownBy(uses(manager, table).get(use))
        .withMessageContaining("manager is closed");
  }

  @ParameterizedTest
  @MethodSource("uses")
  void tableOfAnotherManagerIsRefused(int use) {
    BlockManager manager = Serving.open(4, TestPolicies.LEAF_LRU);
    BlockTable stranger = Serving.run(Serving.open(4, TestPolicies.LEAF_LRU), "ab");
    assertThatIllegalArgumentException()
        .isThrownBy(uses(manager, stranger).get(use))
        .withMessageContaining("another manager");
    assertThat(stranger.size()).isEqualTo(2);
  }

  @Test
  void closingTwiceDoesNothing() {
    BlockManager manager = Serving.open(4, TestPolicies.LEAF_LRU);
    BlockTable table = Serving.run(manager, "ab");
    BlockTable other = Serving.run(manager, "ab");
    table.close();
    table.close();
    assertThat(manager.stats().pinnedBlocks()).isEqualTo(2);
    assertThat(manager.stats().openTables()).isEqualTo(1);
    other.close();
    assertThat(manager.stats().leakedTables()).isZero();
  }

  @Test
  void releasingTwiceDoesNothing() {
    BlockManager manager = Serving.open(4, TestPolicies.LEAF_LRU);
    BlockTable table = Serving.begin(manager, "ab");
    manager.release(table);
    manager.release(table);
    assertThat(manager.stats().freeSlots()).isEqualTo(4);
    assertThat(manager.stats().openTables()).isZero();
  }

  @Test
  void tablesMayBeClosedAfterTheirManager() {
    BlockManager manager = Serving.open(4, TestPolicies.LEAF_LRU);
    BlockTable table = Serving.begin(manager, "ab");
    manager.close();
    manager.close();
    assertThatNoException().isThrownBy(table::close);
    assertThatIllegalStateException().isThrownBy(() -> manager.pin(Chains.keys("a")));
  }

  @Test
  void clearForgetsEverythingButTheCounters() {
    BlockManager manager = Serving.open(2, TestPolicies.GHOST_FIFO);
    Serving.serve(manager, "ab");
    Serving.serve(manager, "xy");
    assertThat(manager.clear()).isTrue();
    BlockManagerStats stats = manager.stats();
    assertThat(stats.freeSlots()).isEqualTo(2);
    assertThat(stats.cachedBlocks()).isZero();
    assertThat(stats.ghosts()).isZero();
    assertThat(stats.storedBlocks()).isEqualTo(4);
    assertThat(stats.evictedDeleted()).isEqualTo(2);
    assertThat(Serving.cached(manager, "xy")).isZero();
    Serving.serve(manager, "xy");
    assertThat(Serving.cached(manager, "xy")).isEqualTo(2);
  }

  @Test
  void clearWaitsForOpenTables() {
    BlockManager manager = Serving.open(4, TestPolicies.LEAF_LRU);
    Serving.serve(manager, "ab");
    BlockTable idle = manager.newTable();
    BlockTable pinned = manager.pin(Chains.keys("a"));
    assertThat(manager.clear()).isFalse();
    assertThat(Serving.cached(manager, "ab")).isEqualTo(2);
    pinned.close();
    assertThat(manager.clear()).isTrue();
    assertThat(manager.match(idle, Chains.keys("ab"), 2)).isZero();
  }

  @Test
  void tablesServeOneSequenceAfterAnother() {
    BlockManager manager = Serving.open(4, TestPolicies.LEAF_LRU);
    BlockTable table = manager.newTable();
    for (String path : new String[] {"ab", "abc", "x", "ab"}) {
      int matched = manager.match(table, Chains.keys(path), path.length());
      manager.allocate(table, path.length() - matched);
      manager.commit(table, Chains.keys(path), path.length());
      manager.release(table);
      assertThat(table.size()).isZero();
      assertThat(table.matched()).isZero();
      assertThat(table.committed()).isZero();
    }
    assertThat(manager.stats().hitBlocks()).isEqualTo(4);
  }
}
