package org.kvcache.manager;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.BlockKeys;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerConfig;
import org.kvcache.BlockTable;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicySpec;

class MisbehavingPolicyTest {

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 99_999, -7})
  void victimThatMayNotGoIsRefused(int entry) {
    PolicySpec spec = PolicySpec.published("bad", "names one entry", 4, _ -> new Stubborn(entry));
    BlockManager manager =
        BlockManager.open(BlockManagerConfig.builder().slots(2).whatIf(false).policy(spec).build());
    BlockTable pinned = manager.newTable();
    serve(manager, pinned, 1);
    BlockTable other = manager.newTable();
    serve(manager, other, 2);
    manager.release(other);
    BlockTable third = manager.newTable();
    BlockKeys keys = keys(3);
    manager.match(third, keys, 1);
    assertThatIllegalStateException()
        .isThrownBy(() -> manager.allocate(third, 1))
        .withMessageContaining("'bad'");
  }

  private static void serve(BlockManager manager, BlockTable table, long id) {
    BlockKeys keys = keys(id);
    manager.match(table, keys, 1);
    manager.allocate(table, 1);
    manager.commit(table, keys, 1);
  }

  private static BlockKeys keys(long id) {
    var keys = new BlockKeys();
    keys.add(0, id);
    return keys;
  }

  private record Stubborn(int entry) implements EvictionPolicy {
    @Override
    public void miss(int missed) {}

    @Override
    public void insert(int inserted) {}

    @Override
    public void hit(int referred) {}

    @Override
    public void release(int released, boolean evictable) {}

    @Override
    public int victim() {
      return entry;
    }

    @Override
    public boolean evict(int evicted) {
      return false;
    }

    @Override
    public void remove(int removed) {}

    @Override
    public Map<String, Double> state() {
      return Map.of();
    }
  }
}
