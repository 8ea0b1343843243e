package org.kvcache.sim.serving;

import org.kvcache.BlockKeys;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerConfig;
import org.kvcache.BlockTable;
import org.kvcache.sim.cost.Hardware;
import org.kvcache.spi.PolicySpec;

/** Which prefixes a lower tier holds, under the same manager and policy as above it. */
final class LowerTier implements AutoCloseable {
  private final TierSize.Place place;
  private final Hardware.Store store;
  private final BlockManager manager;
  private final BlockTable table;
  private final Channel channel = new Channel();
  private long writtenBlocks;

  LowerTier(TierSize size, ServingConfig config, int blockTokens, PolicySpec policy, long seed) {
    place = size.place();
    store = place == TierSize.Place.DISK ? config.device().disk() : config.device().network();
    double slots = Math.floor(size.bytes() / config.blockBytes(blockTokens));
    if (slots < 1) {
      throw new IllegalArgumentException(
          "the %s tier holds no block of %d tokens; give it more"
              .formatted(place.label(), blockTokens));
    }
    manager =
        BlockManager.open(
            BlockManagerConfig.builder()
                .slots((int) Math.min(slots, ServingConfig.MOST_SLOTS))
                .blockTokens(blockTokens)
                .policy(policy)
                .whatIf(false)
                .seed(seed)
                .clockMillis(() -> 0)
                .build());
    table = manager.newTable();
  }

  TierSize.Place place() {
    return place;
  }

  /** How many of the leading {@code limit} blocks it has; they count as used. */
  int lookUp(BlockKeys keys, int limit) {
    int found = manager.match(table, keys, limit);
    manager.release(table);
    return found;
  }

  /** Keeps the leading {@code count} blocks, as many as fit. */
  void keep(BlockKeys keys, int count) {
    int found = manager.match(table, keys, count);
    int room = Math.min(count - found, manager.available());
    if (room > 0 && manager.allocate(table, room)) {
      manager.commit(table, keys, table.size());
      writtenBlocks += room;
    }
    manager.release(table);
  }

  /** When {@code bytes} that are asked for now have been read, the link apart. */
  double read(double now, double bytes) {
    return place == TierSize.Place.HOST
        ? now
        : channel.occupy(now, bytes / store.bandwidth()) + store.seconds();
  }

  /** Blocks that were stored, again and again where they were evicted between. */
  long writtenBlocks() {
    return writtenBlocks;
  }

  @Override
  public void close() {
    manager.close();
  }
}
