package org.kvcache.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerStats;
import org.kvcache.BlockTable;

class ForkTest {

  private final BlockManager manager = Serving.open(5, TestPolicies.LEAF_LRU);

  @Test
  void onlyTheOpenBlockIsCopied() {
    BlockTable one = Serving.run(manager, "ab");
    manager.allocate(one, 1);
    BlockTable other = manager.newTable();
    assertThat(manager.fork(one, other)).isTrue();
    assertThat(other.size()).isEqualTo(3);
    assertThat(other.slot(0)).isEqualTo(one.slot(0));
    assertThat(other.slot(1)).isEqualTo(one.slot(1));
    assertThat(other.slot(2)).isNotEqualTo(one.slot(2));
    assertThat(other.copySource(0)).isEqualTo(-1);
    assertThat(other.copySource(2)).isEqualTo(one.slot(2));
    assertThat(one.copySource(2)).isEqualTo(-1);
    assertThat(other.committed()).isEqualTo(2);
    assertThat(manager.available()).isEqualTo(1);
  }

  @Test
  void branchesGoTheirOwnWays() {
    BlockTable one = Serving.run(manager, "a");
    manager.allocate(one, 1);
    BlockTable other = manager.newTable();
    manager.fork(one, other);
    manager.commit(one, Chains.keys("ab"), 2);
    manager.commit(other, Chains.keys("ac"), 2);
    one.close();
    other.close();
    assertThat(Serving.cached(manager, "ab")).isEqualTo(2);
    assertThat(Serving.cached(manager, "ac")).isEqualTo(2);
    assertThat(manager.stats().storedBlocks()).isEqualTo(3);
  }

  @Test
  void branchesThatEndAlikeShareAgain() {
    BlockTable one = Serving.run(manager, "a");
    manager.allocate(one, 1);
    BlockTable other = manager.newTable();
    manager.fork(one, other);
    manager.commit(one, Chains.keys("ab"), 2);
    manager.commit(other, Chains.keys("ab"), 2);
    one.close();
    other.close();
    assertThat(manager.stats().cachedBlocks()).isEqualTo(2);
    assertThat(manager.stats().freeSlots()).isEqualTo(3);
  }

  @Test
  void sharedBlocksStayWhileEitherLives() {
    BlockTable one = Serving.run(manager, "ab");
    BlockTable other = manager.newTable();
    manager.fork(one, other);
    one.close();
    assertThat(manager.stats().pinnedBlocks()).isEqualTo(2);
    assertThat(manager.stats().openTables()).isEqualTo(1);
    other.close();
    assertThat(manager.stats().pinnedBlocks()).isZero();
  }

  @Test
  void noRoomForTheCopiesChangesNothing() {
    BlockTable one = Serving.begin(manager, "abc");
    BlockTable other = manager.newTable();
    BlockManagerStats before = manager.stats();
    assertThat(manager.fork(one, other)).isFalse();
    assertThat(other.size()).isZero();
    assertThat(manager.stats())
        .usingRecursiveComparison()
        .ignoringFields("refusals")
        .isEqualTo(before);
  }

  @Test
  void copiesMayEvict() {
    Serving.serve(manager, "xyz");
    BlockTable one = Serving.run(manager, "a");
    manager.allocate(one, 1);
    assertThat(manager.fork(one, manager.newTable())).isTrue();
    assertThat(manager.stats().evictedDeleted()).isEqualTo(1);
  }

  @Test
  void targetMustBeAnEmptyTableOfItsOwn() {
    BlockTable one = Serving.run(manager, "a");
    BlockTable other = Serving.run(manager, "x");
    assertThatIllegalStateException().isThrownBy(() -> manager.fork(one, other));
    assertThatIllegalStateException().isThrownBy(() -> manager.fork(one, one));
    BlockTable empty = manager.newTable();
    assertThat(manager.fork(empty, manager.newTable())).isTrue();
    assertThatIllegalStateException().isThrownBy(() -> manager.fork(empty, empty));
  }

  @Test
  void copySourcesAreForgottenWithTheSequence() {
    BlockTable one = Serving.begin(manager, "a");
    BlockTable other = manager.newTable();
    manager.fork(one, other);
    assertThat(other.copySource(0)).isEqualTo(one.slot(0));
    manager.release(other);
    manager.allocate(other, 1);
    assertThat(other.copySource(0)).isEqualTo(-1);
  }
}
