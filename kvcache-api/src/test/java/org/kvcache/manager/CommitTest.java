package org.kvcache.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerStats;
import org.kvcache.BlockTable;

class CommitTest {

  private final BlockManager manager = Serving.open(8, TestPolicies.LEAF_LRU);
  private final EventReplay events = new EventReplay();

  CommitTest() {
    manager.listen(events);
  }

  @Test
  void nothingIsSharedBeforeCommit() {
    BlockTable table = Serving.begin(manager, "ab");
    assertThat(Serving.cached(manager, "ab")).isZero();
    assertThat(table.isCommitted(0)).isFalse();
    manager.commit(table, Chains.keys("ab"), 1);
    assertThat(Serving.cached(manager, "ab")).isEqualTo(1);
    assertThat(table.committed()).isEqualTo(1);
    manager.commit(table, Chains.keys("ab"), 2);
    assertThat(Serving.cached(manager, "ab")).isEqualTo(2);
  }

  @Test
  void committingAgainOrLessDoesNothing() {
    BlockTable table = Serving.run(manager, "abc");
    manager.commit(table, Chains.keys("abc"), 3);
    manager.commit(table, Chains.keys("abc"), 1);
    manager.commit(table, Chains.keys("abc"), 0);
    assertThat(table.committed()).isEqualTo(3);
    assertThat(events.takeNew()).hasSize(1);
  }

  @Test
  void unforetoldBlocksArePublishedAsTheyFill() {
    BlockTable table = manager.newTable();
    for (String path : new String[] {"a", "ab", "abc"}) {
      manager.allocate(table, 1);
      manager.commit(table, Chains.keys(path), path.length());
    }
    manager.release(table);
    assertThat(Serving.cached(manager, "abc")).isEqualTo(3);
    assertThat(manager.stats().pinnedBlocks()).isZero();
  }

  @Test
  void secondFillerOfAPrefixDropsItsDuplicatesAtRelease() {
    BlockTable first = Serving.begin(manager, "ab");
    BlockTable second = Serving.begin(manager, "ab");
    assertThat(second.slot(0)).isNotEqualTo(first.slot(0));
    manager.commit(first, Chains.keys("ab"), 2);
    int own = second.slot(1);
    manager.commit(second, Chains.keys("ab"), 2);
    assertThat(second.slot(1)).isEqualTo(own);
    assertThat(second.isCommitted(1)).isTrue();
    assertThat(second.committed()).isEqualTo(2);
    assertThat(manager.stats().privateBlocks()).isEqualTo(2);
    first.close();
    assertThat(manager.stats().pinnedBlocks()).isEqualTo(2);
    second.close();
    BlockManagerStats stats = manager.stats();
    assertThat(stats.cachedBlocks()).isEqualTo(2);
    assertThat(stats.freeSlots()).isEqualTo(6);
    assertThat(stats.storedBlocks()).isEqualTo(2);
    assertThat(events.takeNew()).hasSize(1);
  }

  @Test
  void secondFillerWaitsForTheFirst() {
    BlockTable first = Serving.begin(manager, "ab");
    BlockTable second = Serving.run(manager, "ab");
    assertThat(second.committed()).isZero();
    manager.commit(first, Chains.keys("ab"), 1);
    manager.commit(second, Chains.keys("ab"), 2);
    assertThat(second.committed()).isEqualTo(1);
    first.close();
    manager.commit(second, Chains.keys("ab"), 2);
    assertThat(second.committed()).isEqualTo(2);
    second.close();
    assertThat(events.keys()).containsExactly(Chains.key("a"), Chains.key("ab"));
  }

  @Test
  void secondFillerGoesOnWhereTheWinnerEnds() {
    BlockTable first = Serving.begin(manager, "ab");
    BlockTable second = Serving.begin(manager, "abc");
    manager.commit(first, Chains.keys("ab"), 2);
    first.close();
    manager.commit(second, Chains.keys("abc"), 3);
    second.close();
    assertThat(Serving.cached(manager, "abc")).isEqualTo(3);
    assertThat(manager.stats().freeSlots()).isEqualTo(5);
  }

  @Test
  void cancelledFillLeavesNothing() {
    BlockTable table = Serving.begin(manager, "abc");
    manager.release(table);
    BlockManagerStats stats = manager.stats();
    assertThat(stats.freeSlots()).isEqualTo(8);
    assertThat(stats.ghosts()).isZero();
    assertThat(Serving.cached(manager, "abc")).isZero();
    assertThat(events.takeNew()).isEmpty();
    Serving.serve(manager, "abc");
    assertThat(Serving.cached(manager, "abc")).isEqualTo(3);
  }

  @Test
  void wrongKeyNamesTheBlockAndLosesNothing() {
    BlockTable table = Serving.begin(manager, "abc");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> manager.commit(table, Chains.keys("axc"), 3))
        .withMessageContaining("block 1");
    assertThat(table.committed()).isEqualTo(1);
    assertThat(events.keys()).containsExactly(Chains.key("a"));
    manager.commit(table, Chains.keys("abc"), 3);
    table.close();
    assertThat(Serving.cached(manager, "abc")).isEqualTo(3);
    assertThat(manager.available()).isEqualTo(8);
  }

  @Test
  void moreBlocksThanKeysOrSlotsAreRefused() {
    BlockTable table = Serving.begin(manager, "ab");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> manager.commit(table, Chains.keys("abc"), 3))
        .withMessageContaining("the table has 2 and there are 3 keys");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> manager.commit(table, Chains.keys("a"), 2));
    assertThat(table.committed()).isZero();
  }
}
