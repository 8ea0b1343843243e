package org.kvcache.manager;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.kvcache.BlockManager;
import org.kvcache.BlockTable;

class LeakedTableTest {

  private static final int MOST_COLLECTIONS = 200;

  private final BlockManager manager = Serving.open(4, TestPolicies.LEAF_LRU);

  private boolean reclaimed(int tables) {
    for (int n = 0; n < MOST_COLLECTIONS; n++) {
      if (manager.stats().leakedTables() == tables) {
        return true;
      }
      System.gc();
      Thread.onSpinWait();
      Thread.yield();
    }
    return false;
  }

  @Test
  void pinsOfADroppedTableAreTakenBack() {
    Serving.run(manager, "ab");
    assertThat(reclaimed(1)).isTrue();
    assertThat(manager.stats().openTables()).isZero();
    assertThat(manager.available()).isEqualTo(4);
    assertThat(Serving.cached(manager, "ab")).isEqualTo(2);
  }

  @Test
  void unfinishedFillOfADroppedTableIsCancelled() {
    Serving.begin(manager, "ab");
    assertThat(reclaimed(1)).isTrue();
    assertThat(manager.stats().freeSlots()).isEqualTo(4);
    Serving.serve(manager, "ab");
    assertThat(manager.stats().cachedBlocks()).isEqualTo(2);
  }

  @Test
  void heldTableIsNotReclaimed() {
    BlockTable held = Serving.run(manager, "ab");
    Serving.run(manager, "x");
    assertThat(reclaimed(1)).isTrue();
    assertThat(held.size()).isEqualTo(2);
    assertThat(manager.stats().pinnedBlocks()).isEqualTo(2);
    held.close();
    assertThat(manager.stats().leakedTables()).isEqualTo(1);
  }

  @Test
  void droppedTableDoesNotStandInTheWayOfClear() {
    Serving.run(manager, "ab");
    assertThat(reclaimed(1)).isTrue();
    assertThat(manager.clear()).isTrue();
  }
}
