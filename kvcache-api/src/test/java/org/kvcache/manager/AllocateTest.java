package org.kvcache.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerStats;
import org.kvcache.BlockTable;

class AllocateTest {

  private final BlockManager manager = Serving.open(8, TestPolicies.LRU);

  @Test
  void slotsAreDistinct() {
    BlockTable table = Serving.begin(manager, "abcdefgh");
    assertThat(IntStream.range(0, 8).map(table::slot))
        .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7);
    assertThat(manager.available()).isZero();
  }

  @Test
  void partialBlocksAreFreeAfterRelease() {
    BlockTable table = Serving.run(manager, "ab");
    manager.allocate(table, 2);
    assertThat(manager.stats().privateBlocks()).isEqualTo(2);
    manager.release(table);
    BlockManagerStats stats = manager.stats();
    assertThat(stats.privateBlocks()).isZero();
    assertThat(stats.freeSlots()).isEqualTo(6);
    assertThat(stats.cachedBlocks()).isEqualTo(2);
  }

  @Test
  void freeSlotsGoBeforeCachedBlocks() {
    Serving.serve(manager, "abcd");
    Serving.serve(manager, "wxyz");
    assertThat(manager.stats().evictedDeleted()).isZero();
    assertThat(Serving.cached(manager, "abcd")).isEqualTo(4);
  }

  @Test
  void onlyTheShortfallIsEvicted() {
    Serving.serve(manager, "abcdef");
    Serving.serve(manager, "uvwx");
    BlockManagerStats stats = manager.stats();
    assertThat(stats.evictedDeleted()).isEqualTo(2);
    assertThat(stats.freeSlots()).isZero();
    assertThat(Serving.cached(manager, "abcdef")).isEqualTo(4);
  }

  @Test
  void refusalChangesNothing() {
    BlockTable running = Serving.run(manager, "abcde");
    Serving.serve(manager, "xy");
    BlockTable table = manager.newTable();
    manager.match(table, Chains.keys("xyzuv"), 1);
    BlockManagerStats before = manager.stats();
    assertThat(manager.allocate(table, 4)).isFalse();
    BlockManagerStats after = manager.stats();
    assertThat(after).usingRecursiveComparison().ignoringFields("refusals").isEqualTo(before);
    assertThat(after.refusals()).isEqualTo(1);
    assertThat(table.size()).isEqualTo(1);
    assertThat(table.demotions()).isZero();
    assertThat(running.size()).isEqualTo(5);
    assertThat(manager.allocate(table, 2)).isTrue();
  }

  @Test
  void absurdRequestIsRefused() {
    assertThat(manager.allocate(manager.newTable(), Integer.MAX_VALUE)).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> manager.allocate(manager.newTable(), -1))
        .withMessageContaining("-1");
  }

  @Test
  void zeroBlocksAreNoSequence() {
    assertThat(manager.allocate(manager.newTable(), 0)).isTrue();
    assertThat(manager.stats().openTables()).isZero();
  }

  @Test
  void blocksBehindTheLimitAreSharedWhenCached() {
    Serving.serve(manager, "abc");
    BlockTable table = manager.newTable();
    manager.match(table, Chains.keys("abc"), 1);
    assertThat(manager.allocate(table, 3)).isTrue();
    assertThat(table.isCommitted(1)).isTrue();
    assertThat(table.isCommitted(2)).isTrue();
    assertThat(table.isCommitted(3)).isFalse();
    manager.commit(table, Chains.keys("abc"), 3);
    assertThat(manager.stats().storedBlocks()).isEqualTo(3);
    manager.release(table);
    assertThat(manager.stats().cachedBlocks()).isEqualTo(3);
  }

  @Test
  void knownGhostIsCounted() {
    BlockManager small = Serving.open(2, TestPolicies.GHOST_FIFO);
    Serving.serve(small, "a");
    Serving.serve(small, "xy");
    assertThat(small.stats().ghosts()).isEqualTo(1);
    Serving.serve(small, "a");
    assertThat(small.stats().ghostHits()).isEqualTo(1);
    assertThat(small.stats().ghosts()).isEqualTo(1);
  }

  @Test
  void watermarkHoldsBackNewSequencesOnly() {
    BlockManager careful = Serving.open(10, TestPolicies.LRU, b -> b.watermark(0.2));
    BlockTable running = Serving.run(careful, "abcdefgh");
    BlockTable fresh = careful.newTable();
    assertThat(careful.allocate(fresh, 1)).isFalse();
    assertThat(careful.allocate(running, 1)).isTrue();
    careful.truncate(running, 7);
    assertThat(careful.allocate(fresh, 1)).isTrue();
    assertThat(careful.allocate(fresh, 2)).isTrue();
    assertThat(careful.available()).isZero();
    assertThat(careful.stats().refusals()).isEqualTo(1);
  }

  @Test
  void watermarkCountsEvictableBlocksAsRoom() {
    BlockManager careful = Serving.open(10, TestPolicies.LRU, b -> b.watermark(0.2));
    Serving.serve(careful, "abcdefgh");
    assertThat(careful.allocate(careful.newTable(), 9)).isFalse();
    assertThat(careful.allocate(careful.newTable(), 8)).isTrue();
  }

  @Test
  void tableGrowsBeyondItsFirstArrays() {
    BlockManager wide = Serving.open(300, TestPolicies.LEAF_LRU);
    BlockTable table = wide.newTable();
    for (int i = 0; i < 300; i++) {
      assertThat(wide.allocate(table, 1)).isTrue();
    }
    assertThat(IntStream.range(0, 300).map(table::slot).distinct()).hasSize(300);
    assertThatNoException().isThrownBy(table::close);
    assertThat(wide.stats().freeSlots()).isEqualTo(300);
  }
}
