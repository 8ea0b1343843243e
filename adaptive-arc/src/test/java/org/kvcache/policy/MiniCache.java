package org.kvcache.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;
import org.kvcache.spi.PolicySpec;
import org.kvcache.spi.ReuseHint;

/** A slow block manager that checks every answer of its policy against the contract of the SPI. */
final class MiniCache implements PolicyContext {

  private static final int NONE = EvictionPolicy.NONE;

  /** A block: {@code parent} is its predecessor in the chain, or null. */
  private static final class Block {
    final long key;
    final Block parent;
    int pins;
    boolean resident;

    Block(long key, Block parent) {
      this.key = key;
      this.parent = parent;
    }
  }

  private final PolicySpec spec;
  private final int capacity;
  private final long seed;
  private final EvictionPolicy policy;
  private final ArrayDeque<Integer> freeEntries = new ArrayDeque<>();
  private final Map<Long, Integer> index = new HashMap<>();
  private final Map<Integer, Block> blocks = new TreeMap<>();
  private final List<Long> victims = new ArrayList<>();
  private int privateSlots;
  private boolean usedPrivateSlots;

  MiniCache(PolicySpec spec, int capacity, long seed) {
    this.spec = spec;
    this.capacity = capacity;
    this.seed = seed;
    for (int entry = 0; entry < spec.maxEntries(capacity); entry++) {
      freeEntries.add(entry);
    }
    policy = spec.factory().apply(this);
  }

  EvictionPolicy policy() {
    return policy;
  }

  /** The keys evicted so far. */
  List<Long> victims() {
    return victims;
  }

  /** Begins a request for a chain: its blocks stay pinned until {@link #close}. */
  List<Integer> open(long... chain) {
    var held = new ArrayList<Integer>();
    Block parent = null;
    boolean leading = true;
    for (int i = 0; i < chain.length && leading; i++) {
      leading = isResident(chain[i]);
      if (leading) {
        held.add(hit(index.get(chain[i])));
        parent = blocks.get(held.getLast());
      }
    }
    for (int i = held.size(); i < chain.length; i++) {
      int entry = isResident(chain[i]) ? hit(index.get(chain[i])) : place(chain[i], parent);
      if (entry == NONE) {
        break;
      }
      held.add(entry);
      parent = blocks.get(entry);
    }
    return held;
  }

  /** One access at a time, as in the literature. */
  boolean access(long key) {
    boolean hit = isResident(key);
    close(open(key), ReuseHint.NONE);
    return hit;
  }

  private boolean isResident(long key) {
    Integer entry = index.get(key);
    return entry != null && blocks.get(entry).resident;
  }

  private int hit(int entry) {
    blocks.get(entry).pins++;
    policy.hit(entry);
    return entry;
  }

  private int place(long key, Block parent) {
    if (slotsUsed() == capacity && evictable().isEmpty()) {
      return NONE;
    }
    Integer ghost = index.get(key);
    int entry = ghost != null ? ghost : freeEntries.remove();
    var block = new Block(key, parent);
    block.pins = 1;
    index.put(key, entry);
    blocks.put(entry, block);
    policy.miss(entry);
    if (slotsUsed() == capacity) {
      evict();
    }
    assertThat(index).containsEntry(key, entry);
    block.resident = true;
    policy.insert(entry);
    return entry;
  }

  /** Ends a request: tail first. */
  void close(List<Integer> held, ReuseHint hint) {
    for (int entry : held.reversed()) {
      if (--blocks.get(entry).pins == 0) {
        if (spec.readsHints() && hint != ReuseHint.NONE) {
          policy.hint(entry, hint);
        }
        policy.release(entry, isLeafEnough(entry));
      }
    }
  }

  /** A slot for bytes without a key, or none if all blocks are pinned. */
  void takePrivateSlot() {
    usedPrivateSlots = true;
    if (slotsUsed() < capacity) {
      privateSlots++;
    } else if (!evictable().isEmpty()) {
      evict();
      privateSlots++;
    }
  }

  void returnPrivateSlots() {
    privateSlots = 0;
  }

  private void evict() {
    int entry = policy.victim();
    assertThat(evictable()).as("victim of %s", spec.name()).contains(entry);
    assertThat(policy.victim()).as("asked again").isEqualTo(entry);
    Block block = blocks.get(entry);
    block.resident = false;
    victims.add(block.key);
    boolean ghost = policy.evict(entry);
    if (!ghost) {
      drop(entry);
    }
    assertThat(blocks.containsKey(entry)).as("ghost and forgotten").isEqualTo(ghost);
    exposeParent(block);
    checkGhosts();
  }

  /** Drops the {@code n}-th entry that is not pinned, if the chain stays whole. */
  void drop(int nth, boolean residents) {
    List<Integer> candidates =
        blocks.entrySet().stream()
            .filter(e -> e.getValue().pins == 0 && e.getValue().resident == residents)
            .filter(e -> !residents || isLeafEnough(e.getKey()))
            .map(Map.Entry::getKey)
            .toList();
    if (candidates.isEmpty()) {
      return;
    }
    int entry = candidates.get(Math.floorMod(nth, candidates.size()));
    Block block = blocks.get(entry);
    policy.remove(entry);
    block.resident = false;
    drop(entry);
    exposeParent(block);
  }

  private void drop(int entry) {
    index.remove(blocks.remove(entry).key);
    freeEntries.add(entry);
  }

  private void exposeParent(Block block) {
    Integer parent = block.parent == null ? null : index.get(block.parent.key);
    if (spec.leafFirst()
        && parent != null
        && blocks.get(parent) == block.parent
        && block.parent.resident
        && block.parent.pins == 0
        && isLeafEnough(parent)) {
      policy.expose(parent);
    }
  }

  private boolean isLeafEnough(int entry) {
    Block block = blocks.get(entry);
    return !spec.leafFirst()
        || blocks.values().stream().noneMatch(other -> other.resident && other.parent == block);
  }

  /** What may be evicted now, worked out from scratch. */
  TreeSet<Integer> evictable() {
    var entries = new TreeSet<Integer>();
    blocks.forEach((entry, block) -> {
      if (block.resident && block.pins == 0 && isLeafEnough(entry)) {
        entries.add(entry);
      }
    });
    return entries;
  }

  private int slotsUsed() {
    return privateSlots + (int) blocks.values().stream().filter(block -> block.resident).count();
  }

  private void checkGhosts() {
    long ghosts = blocks.values().stream().filter(b -> !b.resident && b.pins == 0).count();
    // A published ARC bounds its whole directory, so slots it does not see may be ghosts' gain.
    long unseen = usedPrivateSlots ? capacity : 0;
    assertThat(ghosts).isLessThanOrEqualTo((long) Math.ceil(spec.ghosts() * capacity) + unseen);
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public int maxEntries() {
    return spec.maxEntries(capacity);
  }

  @Override
  public long keyHash(int entry) {
    long h = (blocks.get(entry).key + 1) * 0x9E3779B97F4A7C15L;
    h = (h ^ h >>> 32) * 0xBF58476D1CE4E5B9L;
    return h ^ h >>> 29;
  }

  @Override
  public long seed() {
    return seed;
  }

  @Override
  public void forget(int ghost) {
    Block block = blocks.get(ghost);
    assertThat(block).as("forgotten ghost").isNotNull();
    assertThat(block.resident || block.pins > 0).as("forgets a live entry").isFalse();
    drop(ghost);
  }
}
