package org.kvcache.manager;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.kvcache.BlockKeys;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerConfig;
import org.kvcache.BlockTable;

class UnchainedKeysTest {

  @Test
  void keyCachedAfterAnotherBlockIsNotSharedUnderTheLeafGuard() {
    try (BlockManager manager =
        BlockManager.open(
            BlockManagerConfig.builder().slots(3).policy(TestPolicies.LEAF_LRU).build())) {
      BlockTable first = manager.newTable();
      manager.match(first, keys(1, 3), 2);
      assertThat(manager.allocate(first, 2)).isTrue();
      manager.commit(first, keys(1, 3), 2);
      manager.release(first);

      BlockTable second = manager.newTable();
      assertThat(manager.match(second, keys(2, 3), 2)).isZero();
      assertThat(manager.allocate(second, 2)).isTrue();
      manager.commit(second, keys(2, 3), 2);

      BlockTable third = manager.newTable();
      int room = manager.available();
      manager.match(third, keys(9), 1);
      assertThat(manager.allocate(third, 1)).isEqualTo(room >= 1);
      manager.release(third);
      manager.release(second);
      assertThat(manager.clear()).isTrue();
    }
  }

  private static BlockKeys keys(long... ids) {
    var keys = new BlockKeys();
    for (long id : ids) {
      keys.add(0, id);
    }
    return keys;
  }
}
