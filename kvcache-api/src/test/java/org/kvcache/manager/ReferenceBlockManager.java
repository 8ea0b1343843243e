package org.kvcache.manager;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.kvcache.BlockKey;
import org.kvcache.BlockKeys;
import org.kvcache.BlockManagerConfig;
import org.kvcache.BlockManagerStats;
import org.kvcache.KvEvent;
import org.kvcache.RetentionPriority;
import org.kvcache.manager.ReferenceLease.Row;
import org.kvcache.manager.ReferencePool.Block;
import org.kvcache.manager.ReferencePool.Cell;
import org.kvcache.manager.ReferencePool.Eviction;
import org.kvcache.spi.ReuseHint;

/** The block manager written for the reader: objects, lists, no lock. */
final class ReferenceBlockManager {

  private final BlockManagerConfig config;
  private final Set<ReferenceLease> leases = new LinkedHashSet<>();
  final List<KvEvent> events = new ArrayList<>();
  private ReferencePool pool;
  private long queried;
  private long hits;
  private long refusals;

  ReferenceBlockManager(BlockManagerConfig config) {
    this.config = config;
    pool = new ReferencePool(config);
  }

  ReferenceLease newTable() {
    var lease = new ReferenceLease();
    leases.add(lease);
    return lease;
  }

  void close(ReferenceLease lease) {
    release(lease, ReuseHint.NONE);
    leases.remove(lease);
  }

  private static List<BlockKey> list(BlockKeys keys) {
    return IntStream.range(0, keys.size()).mapToObj(keys::get).toList();
  }

  private static void require(boolean condition) {
    if (!condition) {
      throw new IllegalArgumentException();
    }
  }

  int match(ReferenceLease lease, BlockKeys keys, int limit) {
    requireIdle(lease);
    lease.forgetEvictions();
    lease.expected = list(keys);
    int most = Math.max(0, Math.min(limit, keys.size()));
    for (BlockKey key : lease.expected.subList(0, most)) {
      Block block = pool.published(key);
      if (block == null) {
        break;
      }
      pool.pin(block);
      lease.rows.add(new Row(block.cell, block));
    }
    lease.matched = lease.rows.size();
    lease.committed = lease.matched;
    queried += most;
    hits += lease.matched;
    return lease.matched;
  }

  private static void requireIdle(ReferenceLease lease) {
    if (!lease.rows.isEmpty()) {
      throw new IllegalStateException();
    }
  }

  boolean allocate(ReferenceLease lease, int blocks) {
    lease.forgetEvictions();
    boolean begins = lease.rows.size() == lease.matched;
    int reserve = begins ? (int) (config.watermark() * config.slots()) : 0;
    if (pool.available() < blocks + reserve) {
      refusals++;
      return false;
    }
    for (int n = 0; n < blocks; n++) {
      int i = lease.rows.size();
      Block parent = i == 0 ? null : lease.rows.get(i - 1).block;
      boolean foretold = i < lease.expected.size() && (i == 0 || parent != null);
      Block block = foretold ? pool.place(lease.expected.get(i), parent) : null;
      lease.rows.add(new Row(block != null ? block.cell : pool.takeCell(), block));
    }
    tellEvictions(lease);
    return true;
  }

  private void tellEvictions(ReferenceLease lease) {
    if (!pool.evictions.isEmpty()) {
      List<BlockKey> removed = pool.evictions.stream().map(Eviction::key).toList();
      events.add(new KvEvent.BlockRemoved(events.size() + 1, removed, config.medium()));
      lease.evictions = pool.evictions.size();
      pool.evictions.stream().filter(Eviction::demoted).forEach(lease.demotions::add);
      pool.evictions.clear();
    }
  }

  void commit(ReferenceLease lease, BlockKeys keys, int blocks) {
    require(blocks <= keys.size() && blocks <= lease.rows.size());
    List<Integer> stored = new ArrayList<>();
    try {
      while (lease.committed < blocks) {
        int i = lease.committed;
        Row row = lease.rows.get(i);
        BlockKey key = keys.get(i);
        require(row.block == null || row.block.key.equals(key));
        if (row.block == null && pool.published(key) != null) {
          row.block = Objects.requireNonNull(pool.published(key));
          pool.pin(row.block);
        } else if (row.block == null) {
          row.block = pool.publish(row.cell, key, i == 0 ? null : lease.rows.get(i - 1).block);
          if (row.block == null) {
            return;
          }
          stored.add(i);
        } else if (!row.block.published) {
          pool.publish(row.block);
          stored.add(i);
        }
        lease.committed++;
      }
    } finally {
      tellStored(keys, stored);
    }
  }

  private void tellStored(BlockKeys keys, List<Integer> stored) {
    for (int i = 0; i < stored.size(); ) {
      int from = stored.get(i);
      List<BlockKey> run = new ArrayList<>();
      for (; i < stored.size() && stored.get(i) == from + run.size(); i++) {
        run.add(keys.get(stored.get(i)));
      }
      events.add(
          new KvEvent.BlockStored(
              events.size() + 1,
              run,
              from == 0 ? null : keys.get(from - 1),
              List.of(),
              config.blockTokens(),
              null,
              config.medium(),
              List.of(),
              0));
    }
  }

  void release(ReferenceLease lease, ReuseHint hint) {
    drop(lease, 0, hint);
    lease.expected = List.of();
  }

  private void drop(ReferenceLease lease, int from, ReuseHint hint) {
    boolean own = true;
    int usesOfNext = 0;
    while (lease.rows.size() > from) {
      Row row = lease.rows.removeLast();
      Block block = row.block;
      if (block == null || block.cell != row.cell) {
        pool.free(row.cell);
      }
      if (block == null) {
        continue;
      }
      if (!block.published) {
        pool.abandon(block);
        continue;
      }
      own &= block.pins == 1 && block.uses <= usesOfNext + 1;
      usesOfNext = block.uses;
      boolean tell = own || config.policy().readsHints() || hint != ReuseHint.ENDED;
      pool.unpin(block, tell ? hint : ReuseHint.NONE, row.priority, row.until);
    }
    lease.matched = Math.min(lease.matched, from);
    lease.committed = Math.min(lease.committed, from);
  }

  boolean fork(ReferenceLease from, ReferenceLease into) {
    if (from == into) {
      throw new IllegalStateException();
    }
    requireIdle(into);
    into.forgetEvictions();
    into.expected = List.of();
    if (pool.available() < from.rows.size() - from.committed) {
      refusals++;
      return false;
    }
    for (int i = 0; i < from.rows.size(); i++) {
      Row source = from.rows.get(i);
      if (i < from.committed) {
        source.block.pins++;
        into.rows.add(new Row(source.block.cell, source.block));
      } else {
        Row copy = new Row(pool.takeCell(), null);
        copy.copyOf = source.cell;
        into.rows.add(copy);
      }
    }
    into.matched = from.matched;
    into.committed = from.committed;
    tellEvictions(into);
    return true;
  }

  void truncate(ReferenceLease lease, int blocks) {
    require(blocks >= 0 && blocks <= lease.rows.size());
    drop(lease, blocks, ReuseHint.NONE);
    lease.expected = lease.expected.subList(0, Math.min(blocks, lease.expected.size()));
  }

  boolean reopen(ReferenceLease lease, int block) {
    require(block >= 0 && block < lease.rows.size());
    lease.forgetEvictions();
    Row row = lease.rows.get(block);
    boolean cached = row.isPublished();
    boolean moves = cached && row.block.cell == row.cell;
    if (moves && pool.available() == 0 && !endsWithRoom(lease, block + 1)) {
      refusals++;
      return false;
    }
    drop(lease, block + 1, ReuseHint.NONE);
    Cell cell = moves ? pool.takeCell() : row.cell;
    if (cached) {
      pool.unpin(row.block, ReuseHint.NONE, row.priority, row.until);
    } else if (row.block != null) {
      pool.disown(row.block);
    }
    lease.rows.set(block, new Row(cell, null));
    lease.matched = Math.min(lease.matched, block);
    lease.committed = Math.min(lease.committed, block);
    lease.expected = lease.expected.subList(0, Math.min(block, lease.expected.size()));
    tellEvictions(lease);
    return true;
  }

  private static boolean endsWithRoom(ReferenceLease lease, int from) {
    return lease.rows.stream()
        .skip(from)
        .anyMatch(row -> row.block == null || row.block.cell != row.cell || row.block.pins == 1);
  }

  void retain(ReferenceLease lease, int fromToken, int toToken, int priority, long millis) {
    RetentionPriority.check(priority);
    int tokens = lease.rows.size() * config.blockTokens();
    require(0 <= fromToken && fromToken <= toToken && toToken <= tokens && millis >= 0);
    for (int token = fromToken; token < toToken; token++) {
      Row row = lease.rows.get(token / config.blockTokens());
      row.priority = priority;
      row.until = millis == 0 ? Long.MAX_VALUE : config.clockMillis().getAsLong() + millis;
    }
  }

  boolean clear() {
    if (leases.stream().anyMatch(lease -> !lease.rows.isEmpty())) {
      return false;
    }
    var emptied = new ReferencePool(config);
    emptied.ghostHits = pool.ghostHits;
    emptied.stored = pool.stored;
    emptied.demoted = pool.demoted;
    emptied.deleted = pool.deleted;
    pool.published().forEach(block -> pool.free(block.cell));
    pool = emptied;
    events.add(new KvEvent.AllBlocksCleared(events.size() + 1));
    return true;
  }

  int available() {
    return pool.available();
  }

  List<BlockKey> publishedKeys() {
    return pool.published().stream().map(block -> block.key).toList();
  }

  BlockManagerStats stats() {
    List<Block> published = pool.published();
    return new BlockManagerStats(
        config.slots(),
        pool.free(),
        published.size(),
        (int) published.stream().filter(block -> block.pins > 0).count(),
        config.slots() - pool.free() - published.size(),
        pool.ghosts(),
        (int) leases.stream().filter(lease -> !lease.rows.isEmpty()).count(),
        queried,
        hits,
        pool.stored,
        pool.ghostHits,
        pool.demoted,
        pool.deleted,
        refusals,
        0,
        events.size(),
        config.policy().name(),
        pool.policyState(),
        List.of());
  }
}
