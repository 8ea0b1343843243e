package org.kvcache.manager;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.kvcache.BlockKey;
import org.kvcache.BlockManagerConfig;
import org.kvcache.RetentionPriority;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicySpec;
import org.kvcache.spi.ReuseHint;

/** What is known of each key, found by searching. */
final class ReferencePool {

  /** A slot in use. */
  static final class Cell {
    boolean live = true;
  }

  static final class Block {
    final BlockKey key;
    final int id;
    @Nullable Cell cell;
    @Nullable Block parent;
    boolean published;
    int pins;
    int uses;
    @Nullable Integer retained;
    long until;
    long keptAt;
    long exposedAt;

    Block(BlockKey key, int id) {
      this.key = key;
      this.id = id;
    }

    boolean resident() {
      return cell != null;
    }

    boolean filling() {
      return resident() && !published;
    }
  }

  record Eviction(BlockKey key, Cell cell, boolean demoted) {}

  private final BlockManagerConfig config;
  private final PolicySpec spec;
  private final EvictionPolicy policy;
  private final Map<BlockKey, Block> known = new LinkedHashMap<>();
  private final TreeSet<Integer> freeIds = new TreeSet<>();
  private final List<Cell> cells = new ArrayList<>();
  final List<Eviction> evictions = new ArrayList<>();
  private long time;
  long ghostHits;
  long stored;
  long demoted;
  long deleted;

  ReferencePool(BlockManagerConfig config) {
    this.config = config;
    spec = config.policy();
    IntStream.range(0, spec.maxEntries(config.slots())).forEach(freeIds::add);
    policy = spec.factory().apply(new ReferenceContext(this, config));
  }

  @Nullable Block published(BlockKey key) {
    Block block = known.get(key);
    return block != null && block.published ? block : null;
  }

  List<Block> published() {
    return blocks(b -> b.published).toList();
  }

  int ghosts() {
    return (int) blocks(b -> !b.resident()).count();
  }

  int free() {
    return config.slots() - cells.size();
  }

  Map<String, Double> policyState() {
    return policy.state();
  }

  int available() {
    return free() + (int) blocks(b -> b.published && b.pins == 0).count();
  }

  private Stream<Block> blocks(Predicate<Block> which) {
    return known.values().stream().filter(which);
  }

  private boolean evictable(Block block) {
    return !spec.leafFirst() || blocks(b -> b.resident() && b.parent == block).findAny().isEmpty();
  }

  void pin(Block block) {
    block.pins++;
    block.uses++;
    block.retained = null;
    policy.hit(block.id);
  }

  void unpin(Block block, ReuseHint hint, int priority, long until) {
    if (--block.pins > 0) {
      return;
    }
    boolean endedForManager = hint == ReuseHint.ENDED && !spec.readsHints();
    if (priority != RetentionPriority.DEFAULT) {
      keep(block, priority, until);
    } else if (endedForManager) {
      keep(block, RetentionPriority.LOWEST, Long.MAX_VALUE);
    } else {
      if (hint != ReuseHint.NONE && spec.readsHints()) {
        policy.hint(block.id, hint);
      }
      policy.release(block.id, evictable(block));
    }
  }

  private void keep(Block block, int priority, long until) {
    block.retained = priority;
    block.until = until;
    block.keptAt = ++time;
    block.exposedAt = block.keptAt;
  }

  /** A pinned block that is cached or newly announced, or null if another table fills it. */
  @Nullable Block place(BlockKey key, @Nullable Block parent) {
    Block block = known.get(key);
    if (block != null && block.published) {
      pin(block);
      return block;
    }
    if (block != null && block.filling()) {
      return null;
    }
    block = announce(key);
    settle(block, takeCell(), parent);
    return block;
  }

  @Nullable Block publish(Cell cell, BlockKey key, @Nullable Block parent) {
    Block block = known.get(key);
    if (block != null && block.filling()) {
      return null;
    }
    block = announce(key);
    settle(block, cell, parent);
    publish(block);
    return block;
  }

  void publish(Block block) {
    block.published = true;
    stored++;
  }

  private Block announce(BlockKey key) {
    Block block = known.get(key);
    if (block == null) {
      block = new Block(key, freeIds.removeFirst());
      known.put(key, block);
    } else {
      ghostHits++;
    }
    policy.miss(block.id);
    return block;
  }

  private void settle(Block block, Cell cell, @Nullable Block parent) {
    block.cell = cell;
    block.parent = parent;
    block.pins = 1;
    block.uses++;
    policy.insert(block.id);
  }

  void abandon(Block block) {
    policy.remove(block.id);
    free(block.cell);
    forget(block);
    leaveParent(block);
  }

  /** Forgets a block being filled; its cell stays with its owner. */
  void disown(Block block) {
    policy.remove(block.id);
    forget(block);
    leaveParent(block);
  }

  void forget(Block block) {
    block.cell = null;
    known.remove(block.key);
    freeIds.add(block.id);
  }

  Cell takeCell() {
    if (free() == 0) {
      evictOne();
    }
    var cell = new Cell();
    cells.add(cell);
    return cell;
  }

  void free(Cell cell) {
    cell.live = false;
    cells.remove(cell);
  }

  private void evictOne() {
    long now = config.clockMillis().getAsLong();
    blocks(b -> b.retained != null && b.until != Long.MAX_VALUE && b.until <= now)
        .sorted(Comparator.<Block>comparingLong(b -> b.until).thenComparingLong(b -> b.keptAt))
        .toList()
        .forEach(expired -> {
          expired.retained = null;
          policy.release(expired.id, evictable(expired));
        });
    Block low = nextRetained(0, RetentionPriority.DEFAULT);
    int chosen = low != null ? low.id : policy.victim();
    Block victim =
        chosen != EvictionPolicy.NONE
            ? byId(chosen)
            : nextRetained(RetentionPriority.DEFAULT, RetentionPriority.HIGHEST + 1);
    if (victim == null) {
      throw new NoSuchElementException("nothing to evict");
    }
    evict(victim);
  }

  private @Nullable Block nextRetained(int from, int to) {
    return blocks(b -> b.retained != null && b.retained >= from && b.retained < to)
        .filter(this::evictable)
        .min(Comparator.<Block>comparingInt(b -> b.retained).thenComparingLong(b -> b.exposedAt))
        .orElse(null);
  }

  Block byId(int id) {
    return blocks(b -> b.id == id).findFirst().orElseThrow();
  }

  private void evict(Block victim) {
    boolean prized = victim.retained != null && victim.retained > RetentionPriority.DEFAULT;
    boolean demote = config.demotionUses() > 0 && (prized || victim.uses >= config.demotionUses());
    if (victim.retained != null) {
      victim.retained = null;
      policy.release(victim.id, true);
    }
    demoted += demote ? 1 : 0;
    deleted += demote ? 0 : 1;
    evictions.add(new Eviction(victim.key, victim.cell, demote));
    free(victim.cell);
    victim.cell = null;
    victim.published = false;
    if (!policy.evict(victim.id)) {
      forget(victim);
    }
    leaveParent(victim);
  }

  private void leaveParent(Block child) {
    Block parent = child.parent;
    child.parent = null;
    if (parent == null || !spec.leafFirst() || !parent.published || parent.pins > 0) {
      return;
    }
    if (evictable(parent)) {
      if (parent.retained != null) {
        parent.exposedAt = ++time;
      } else {
        policy.expose(parent.id);
      }
    }
  }
}
