package org.kvcache.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.kvcache.BlockKeys;
import org.kvcache.BlockManager;
import org.kvcache.BlockTable;

class DemotionTest {

  private final BlockManager manager =
      Serving.open(4, TestPolicies.LEAF_LRU, builder -> builder.demotionUses(2));

  @Test
  void onlyBlocksUsedOftenEnoughAreOffered() {
    Serving.serve(manager, "a");
    Serving.serve(manager, "a");
    Serving.serve(manager, "b");
    BlockTable table = manager.newTable();
    manager.allocate(table, 4);
    assertThat(table.demotions()).isEqualTo(1);
    assertThat(table.demotedKeys()).isEqualTo(Chains.keys("a"));
    assertThat(manager.stats().evictedDemoted()).isEqualTo(1);
    assertThat(manager.stats().evictedDeleted()).isEqualTo(1);
  }

  @Test
  void demotedSlotsStillHoldTheBytes() {
    BlockTable before = Serving.run(manager, "ab");
    int slotOfA = before.slot(0);
    int slotOfB = before.slot(1);
    before.close();
    Serving.serve(manager, "ab");
    BlockTable table = manager.newTable();
    manager.allocate(table, 4);
    assertThat(table.demotedKeys().get(0)).isEqualTo(Chains.key("ab"));
    assertThat(table.demotedSlot(0)).isEqualTo(slotOfB);
    assertThat(table.demotedSlot(1)).isEqualTo(slotOfA);
    Set<Integer> taken = IntStream.range(0, 4).mapToObj(table::slot).collect(Collectors.toSet());
    assertThat(taken).contains(slotOfA, slotOfB);
  }

  @Test
  void listIsOfTheLastCallThatTookSlots() {
    Serving.serve(manager, "a");
    Serving.serve(manager, "a");
    BlockTable table = manager.newTable();
    manager.allocate(table, 4);
    BlockKeys keys = table.demotedKeys();
    assertThat(keys.size()).isEqualTo(1);
    assertThat(manager.allocate(table, 1)).isFalse();
    assertThat(table.demotions()).isZero();
    assertThat(table.demotedKeys()).isSameAs(keys);
    assertThat(keys.isEmpty()).isTrue();
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> table.demotedSlot(0));
  }

  @Test
  void retainedBlocksAreWorthALowerTier() {
    BlockTable table = Serving.run(manager, "a");
    manager.retain(table, 0, 2, 80, 0);
    manager.release(table);
    manager.allocate(table, 4);
    assertThat(table.demotedKeys()).isEqualTo(Chains.keys("a"));
  }

  @Test
  void usesAreRememberedByTheGhost() {
    BlockManager ghosts =
        Serving.open(1, TestPolicies.GHOST_FIFO, builder -> builder.demotionUses(2));
    Serving.serve(ghosts, "a");
    Serving.serve(ghosts, "b");
    Serving.serve(ghosts, "a");
    BlockTable table = Serving.run(ghosts, "b");
    assertThat(table.demotedKeys()).isEqualTo(Chains.keys("a"));
  }

  @Test
  void forkReportsItsOwnDemotions() {
    Serving.serve(manager, "ab");
    Serving.serve(manager, "ab");
    BlockTable one = Serving.begin(manager, "xy");
    BlockTable other = manager.newTable();
    assertThat(manager.fork(one, other)).isTrue();
    assertThat(other.demotions()).isEqualTo(2);
    assertThat(one.demotions()).isZero();
  }

  @Test
  void zeroUsesSwitchesDemotionOff() {
    BlockManager plain = Serving.open(1, TestPolicies.LEAF_LRU);
    BlockTable table = Serving.run(plain, "a");
    plain.retain(table, 0, 2, 100, 0);
    plain.release(table);
    plain.allocate(table, 1);
    assertThat(table.demotions()).isZero();
    assertThat(plain.stats().evictedDeleted()).isEqualTo(1);
  }
}
