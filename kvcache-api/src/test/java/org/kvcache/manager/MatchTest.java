package org.kvcache.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.BlockKeys;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerStats;
import org.kvcache.BlockTable;

class MatchTest {

  private final BlockManager manager = Serving.open(8, TestPolicies.LEAF_LRU);

  @ParameterizedTest
  @CsvSource({"0,16,0", "1,16,0", "16,16,0", "17,16,1", "32,16,1", "33,16,2", "5,1,4"})
  void lastTokenIsAlwaysComputed(int tokens, int blockTokens, int limit) {
    assertThat(BlockManager.matchLimit(tokens, blockTokens)).isEqualTo(limit);
  }

  @Test
  void matchesTheLeadingRunOnly() {
    Serving.serve(manager, "abcd");
    BlockTable table = manager.newTable();
    assertThat(manager.match(table, Chains.keys("abxd"), 4)).isEqualTo(2);
    assertThat(table.size()).isEqualTo(2);
    assertThat(table.matched()).isEqualTo(2);
    assertThat(table.committed()).isEqualTo(2);
    assertThat(table.isCommitted(1)).isTrue();
  }

  @Test
  void sharesSlots() {
    BlockTable first = Serving.run(manager, "ab");
    BlockTable second = Serving.run(manager, "abc");
    assertThat(second.slot(0)).isEqualTo(first.slot(0));
    assertThat(second.slot(1)).isEqualTo(first.slot(1));
    assertThat(manager.stats().pinnedBlocks()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"-1,0", "0,0", "2,2", "9,3"})
  void stopsAtTheLimit(int limit, int matched) {
    Serving.serve(manager, "abc");
    assertThat(manager.match(manager.newTable(), Chains.keys("abc"), limit)).isEqualTo(matched);
  }

  @Test
  void countsQueriesAndHits() {
    assertThat(manager.stats().hitRate()).isZero();
    Serving.serve(manager, "abc");
    manager.match(manager.newTable(), Chains.keys("abxx"), 3);
    BlockManagerStats stats = manager.stats();
    assertThat(stats.queriedBlocks()).isEqualTo(6);
    assertThat(stats.hitBlocks()).isEqualTo(2);
    assertThat(stats.hitRate()).isEqualTo(2.0 / 6);
  }

  @Test
  void keysMayChangeAfterTheCall() {
    BlockKeys keys = Chains.keys("ab");
    BlockTable table = manager.newTable();
    manager.match(table, keys, 2);
    keys.clear();
    manager.allocate(table, 2);
    manager.commit(table, Chains.keys("ab"), 2);
    assertThat(Serving.cached(manager, "ab")).isEqualTo(2);
  }

  @Test
  void tableInUseIsRefusedAndUnharmed() {
    BlockTable table = Serving.run(manager, "ab");
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> manager.match(table, Chains.keys("x"), 1))
        .withMessageContaining("2 blocks");
    assertThat(table.size()).isEqualTo(2);
  }

  @Test
  void matchedSlotsOutliveTheirPublisher() {
    BlockTable first = Serving.run(manager, "ab");
    int slot = first.slot(1);
    BlockTable second = Serving.run(manager, "ab");
    first.close();
    assertThat(manager.allocate(manager.newTable(), 6)).isTrue();
    assertThat(manager.allocate(manager.newTable(), 1)).isFalse();
    assertThat(second.slot(1)).isEqualTo(slot);
    assertThat(Serving.cached(manager, "ab")).isEqualTo(2);
  }

  @Test
  void pinHoldsAPrefixUntilClosed() {
    Serving.serve(manager, "abc");
    BlockTable pinned = manager.pin(Chains.keys("abx"));
    assertThat(pinned.matched()).isEqualTo(2);
    assertThat(manager.available()).isEqualTo(6);
    Serving.serve(manager, "uvwxyz");
    assertThat(Serving.cached(manager, "abc")).isEqualTo(2);
    pinned.close();
    assertThat(manager.available()).isEqualTo(8);
  }
}
