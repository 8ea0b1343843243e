package org.kvcache.manager;

import java.util.Arrays;
import org.kvcache.BlockManagerConfig;
import org.kvcache.RetentionPriority;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;
import org.kvcache.spi.PolicySpec;
import org.kvcache.spi.ReuseHint;

/**
 * The slots of one tier and the keys known to it, as arrays. Single-threaded; its owner holds the
 * lock.
 *
 * <p>An <i>entry</i> is a known key. It is resident (has a slot) or a ghost. A resident entry is
 * <i>filling</i> until it is published; nobody else can match it till then. A slot without an entry
 * is free or private to one table.
 */
final class BlockPool {

  static final int NONE = -1;

  private static final byte UNKNOWN = 0;
  private static final byte GHOST = 1;
  private static final byte FILLING = 2;
  private static final byte PUBLISHED = 3;

  /** Told which blocks left, while the slot still holds their bytes. */
  interface EvictionSink {
    void evicted(int slot, long hi, long lo, boolean demote);
  }

  private final PolicySpec spec;
  private final EvictionPolicy policy;
  private final KeyDirectory directory;
  private final Retention retention;
  private final int demotionUses;
  private final EvictionSink sink;

  // By entry.
  private final byte[] state;
  private final int[] slotOf;
  private final int[] parent;
  private final int[] residentChildren;
  private final int[] pins;
  private final int[] uses;

  private final int[] freeSlots;
  private int freeSlotCount;

  private int pinned;
  private int filling;
  private int published;
  private int ghosts;
  private long ghostHits;
  private long stored;
  private long demoted;
  private long deleted;

  BlockPool(BlockManagerConfig config, EvictionSink sink) {
    this.spec = config.policy();
    this.sink = sink;
    this.demotionUses = config.demotionUses();
    int slots = config.slots();
    int entries = spec.maxEntries(slots);
    state = new byte[entries];
    slotOf = filled(entries);
    parent = filled(entries);
    residentChildren = new int[entries];
    pins = new int[entries];
    uses = new int[entries];
    freeSlots = descending(slots);
    freeSlotCount = slots;
    directory = new KeyDirectory(entries);
    retention = new Retention(entries, config.clockMillis());
    policy = spec.factory().apply(new Context(slots, entries, config.seed()));
  }

  private static int[] filled(int length) {
    int[] array = new int[length];
    Arrays.fill(array, NONE);
    return array;
  }

  private static int[] descending(int length) {
    int[] array = new int[length];
    Arrays.setAll(array, i -> length - 1 - i);
    return array;
  }

  // --- looking up

  KeyDirectory directory() {
    return directory;
  }

  /** The published entry with this key, or {@link #NONE}. */
  int findPublished(long hi, long lo, int parentEntry) {
    int entry = directory.find(hi, lo, parentEntry);
    return entry != NONE && state[entry] == PUBLISHED && continues(entry, parentEntry)
        ? entry
        : NONE;
  }

  // A key stands for its whole prefix, so it has one parent. Keys that are not chained would let a
  // pinned block hang below an unpinned one, which the leaf guard could then never evict.
  private boolean continues(int entry, int parentEntry) {
    return !spec.leafFirst() || parent[entry] == parentEntry;
  }

  int slotOf(int entry) {
    return slotOf[entry];
  }

  boolean isPublished(int entry) {
    return state[entry] == PUBLISHED;
  }

  /** Slots that are free or whose block nobody pins. */
  int available() {
    return freeSlotCount + published + filling - pinned;
  }

  // --- pinning

  /** One more sequence refers to a published entry. */
  void pin(int entry) {
    if (pins[entry]++ == 0) {
      pinned++;
      retention.withdraw(entry);
    }
    uses[entry]++;
    policy.hit(entry);
  }

  /** One more pin that is not a reference of a request: a fork. */
  void share(int entry) {
    if (pins[entry]++ == 0) {
      throw new IllegalStateException("entry " + entry + " is not pinned");
    }
  }

  /**
   * One reference less. The last one hands the block to the policy, or to the retention queues if
   * {@code priority} says so.
   */
  void unpin(int entry, ReuseHint hint, int priority, long untilMillis) {
    if (--pins[entry] > 0) {
      return;
    }
    pinned--;
    boolean evictable = isEvictable(entry);
    if (priority != RetentionPriority.DEFAULT) {
      retention.keep(entry, priority, untilMillis, evictable);
    } else if (hint == ReuseHint.ENDED && !spec.readsHints()) {
      retention.keep(entry, RetentionPriority.LOWEST, Retention.FOREVER, evictable);
    } else {
      if (hint != ReuseHint.NONE && spec.readsHints()) {
        policy.hint(entry, hint);
      }
      policy.release(entry, evictable);
    }
  }

  private boolean isEvictable(int entry) {
    return !spec.leafFirst() || residentChildren[entry] == 0;
  }

  /**
   * True if the entry seems to be used by one session only, given the uses of its continuation in
   * that session: walking up the chain of one conversation, each turn adds one use.
   */
  boolean isOwn(int entry, int continuationUses) {
    return pins[entry] == 1 && uses[entry] <= continuationUses + 1;
  }

  boolean isPinnedOnce(int entry) {
    return pins[entry] == 1;
  }

  int uses(int entry) {
    return uses[entry];
  }

  /** Whether hints go to the policy, which judges for itself how far to believe them. */
  boolean policyReadsHints() {
    return spec.readsHints();
  }

  // --- taking slots

  /** A slot for a block that has no key yet. The caller has checked {@link #available}. */
  int takeSlot() {
    if (freeSlotCount == 0) {
      evictOne();
    }
    return freeSlots[--freeSlotCount];
  }

  /** Gives back a slot that has no entry. */
  void freeSlot(int slot) {
    freeSlots[freeSlotCount++] = slot;
  }

  /**
   * A pinned entry for the block with this key after {@code parentEntry}: the cached one if there
   * is one, else a new one with a slot to be filled; {@link #NONE} if another table is filling it.
   */
  int place(long hi, long lo, int parentEntry) {
    int entry = directory.find(hi, lo, parentEntry);
    if (entry != NONE && state[entry] == PUBLISHED && continues(entry, parentEntry)) {
      pin(entry);
      return entry;
    }
    if (entry != NONE && state[entry] != GHOST) {
      return NONE;
    }
    entry = announce(entry, hi, lo);
    int slot = takeSlot();
    settle(entry, slot, parentEntry);
    return entry;
  }

  /**
   * Publishes a slot of a table under a key that is not resident.
   *
   * @return its entry, or {@link #NONE} if another table is filling the same key or it is cached
   *     after another block
   */
  int publishPrivate(int slot, long hi, long lo, int parentEntry) {
    int entry = directory.find(hi, lo, parentEntry);
    if (entry != NONE && state[entry] != GHOST) {
      return NONE;
    }
    entry = announce(entry, hi, lo);
    settle(entry, slot, parentEntry);
    publish(entry);
    return entry;
  }

  private int announce(int known, long hi, long lo) {
    int entry = known;
    if (entry == NONE) {
      entry = directory.add(hi, lo);
      if (entry == NONE) {
        throw new IllegalStateException(
            "policy '" + spec.name() + "' keeps more ghosts than its PolicySpec says");
      }
      uses[entry] = 0;
    } else {
      ghosts--;
      ghostHits++;
    }
    state[entry] = FILLING;
    filling++;
    pinned++;
    pins[entry] = 1;
    policy.miss(entry);
    return entry;
  }

  private void settle(int entry, int slot, int parentEntry) {
    slotOf[entry] = slot;
    uses[entry]++;
    parent[entry] = parentEntry;
    if (parentEntry != NONE) {
      residentChildren[parentEntry]++;
      directory.follows(parentEntry, entry);
    }
    policy.insert(entry);
  }

  /** A filling entry becomes shareable. */
  void publish(int entry) {
    state[entry] = PUBLISHED;
    filling--;
    published++;
    stored++;
  }

  /** Forgets a filling entry that its only owner gives up, and frees its slot. */
  void abandon(int entry) {
    freeSlot(slotOf[entry]);
    disown(entry);
  }

  /** Forgets a filling entry; its slot becomes private to its owner. */
  void disown(int entry) {
    policy.remove(entry);
    filling--;
    pinned--;
    pins[entry] = 0;
    leaveParent(entry);
    forget(entry);
  }

  // --- evicting

  private void evictOne() {
    for (int e = retention.nextExpired(); e != NONE; e = retention.nextExpired()) {
      policy.release(e, isEvictable(e));
    }
    int victim = retention.lowest();
    if (victim == NONE) {
      victim = policy.victim();
    }
    if (victim == NONE) {
      victim = retention.highest();
    }
    if (victim == NONE) {
      throw new IllegalStateException("policy '" + spec.name() + "' names no victim");
    }
    if (victim < 0
        || victim >= state.length
        || state[victim] != PUBLISHED
        || pins[victim] > 0
        || !isEvictable(victim)) {
      throw new IllegalStateException(
          "policy '%s' names entry %d, which may not be evicted".formatted(spec.name(), victim));
    }
    evict(victim);
  }

  private void evict(int entry) {
    boolean worthKeeping =
        demotionUses > 0
            && (uses[entry] >= demotionUses
                || retention.priority(entry) > RetentionPriority.DEFAULT);
    if (retention.withdraw(entry)) {
      policy.release(entry, true);
    }
    if (worthKeeping) {
      demoted++;
    } else {
      deleted++;
    }
    sink.evicted(slotOf[entry], directory.hi(entry), directory.lo(entry), worthKeeping);
    published--;
    freeSlot(slotOf[entry]);
    slotOf[entry] = NONE;
    state[entry] = GHOST;
    ghosts++;
    if (!policy.evict(entry)) {
      ghosts--;
      forget(entry);
    }
    leaveParent(entry);
  }

  private void leaveParent(int entry) {
    int above = parent[entry];
    parent[entry] = NONE;
    // Only the leaf guard needs the count, and under it the parent is still resident.
    if (above == NONE || !spec.leafFirst()) {
      return;
    }
    if (--residentChildren[above] == 0 && pins[above] == 0 && state[above] == PUBLISHED) {
      if (retention.holds(above)) {
        retention.expose(above);
      } else {
        policy.expose(above);
      }
    }
  }

  private void forget(int entry) {
    state[entry] = UNKNOWN;
    slotOf[entry] = NONE;
    residentChildren[entry] = 0;
    directory.forget(entry);
  }

  // --- numbers

  /** Goes on counting where an earlier pool left off. */
  void countOnFrom(BlockPool earlier) {
    ghostHits = earlier.ghostHits;
    stored = earlier.stored;
    demoted = earlier.demoted;
    deleted = earlier.deleted;
  }

  EvictionPolicy policy() {
    return policy;
  }

  int freeSlots() {
    return freeSlotCount;
  }

  int published() {
    return published;
  }

  int pinnedPublished() {
    return pinned - filling;
  }

  int ghosts() {
    return ghosts;
  }

  long ghostHits() {
    return ghostHits;
  }

  long stored() {
    return stored;
  }

  long demoted() {
    return demoted;
  }

  long deleted() {
    return deleted;
  }

  private final class Context implements PolicyContext {
    private final int capacity;
    private final int entries;
    private final long seed;

    Context(int capacity, int entries, long seed) {
      this.capacity = capacity;
      this.entries = entries;
      this.seed = seed;
    }

    @Override
    public int capacity() {
      return capacity;
    }

    @Override
    public int maxEntries() {
      return entries;
    }

    @Override
    public long keyHash(int entry) {
      return directory.hash(entry);
    }

    @Override
    public long seed() {
      return seed;
    }

    @Override
    public void forget(int ghost) {
      ghosts--;
      BlockPool.this.forget(ghost);
    }
  }
}
