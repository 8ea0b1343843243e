package org.kvcache.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.UnaryOperator;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerConfig;
import org.kvcache.BlockTable;
import org.kvcache.spi.PolicySpec;
import org.kvcache.spi.ReuseHint;

/** The calls of an engine in one line each, on a manager with two tokens a block. */
final class Serving {

  private Serving() {}

  static BlockManager open(int slots, PolicySpec policy) {
    return open(slots, policy, builder -> builder);
  }

  static BlockManager open(
      int slots, PolicySpec policy, UnaryOperator<BlockManagerConfig.Builder> more) {
    return BlockManager.open(
        more.apply(
                BlockManagerConfig.builder()
                    .slots(slots)
                    .blockTokens(2)
                    .policy(StrictPolicy.of(policy))
                    .whatIf(false))
            .build());
  }

  /** A table with every block of {@code path}, matched or allocated. */
  static BlockTable begin(BlockManager manager, String path) {
    BlockTable table = manager.newTable();
    int matched = manager.match(table, Chains.keys(path), path.length());
    assertThat(manager.allocate(table, path.length() - matched)).isTrue();
    return table;
  }

  /** A table with every block of {@code path} published. */
  static BlockTable run(BlockManager manager, String path) {
    BlockTable table = begin(manager, path);
    manager.commit(table, Chains.keys(path), path.length());
    return table;
  }

  static void serve(BlockManager manager, String path) {
    run(manager, path).close();
  }

  static void serveAndEnd(BlockManager manager, String path) {
    BlockTable table = run(manager, path);
    manager.release(table, ReuseHint.ENDED);
    table.close();
  }

  /** How many leading blocks of {@code path} are cached. */
  static int cached(BlockManager manager, String path) {
    try (BlockTable probe = manager.pin(Chains.keys(path))) {
      return probe.matched();
    }
  }
}
