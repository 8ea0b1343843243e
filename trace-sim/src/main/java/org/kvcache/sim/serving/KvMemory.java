package org.kvcache.sim.serving;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerConfig;
import org.kvcache.BlockTable;
import org.kvcache.KvEventListener;
import org.kvcache.sim.cost.Hardware;
import org.kvcache.spi.PolicySpec;

/** The blocks of a replica: the manager that serves, and the tiers below it. */
final class KvMemory implements AutoCloseable {
  private final BlockManager manager;
  private final Reuse reuse;
  private final List<LowerTier> tiers;
  private final int slots;
  private final int blockTokens;
  private final double tokenBytes;
  private final int roomSlots;
  private final boolean onHost;
  private final Channel link;
  private final Hardware.Link linkRates;
  private final Outcomes outcomes;
  private double restoredBytes;

  KvMemory(
      ServingConfig config,
      int blockTokens,
      PolicySpec policy,
      long seed,
      List<LowerTier> tiers,
      Channel link,
      Outcomes outcomes) {
    this.blockTokens = blockTokens;
    this.tiers = new ArrayList<>(tiers);
    this.link = link;
    this.outcomes = outcomes;
    slots = config.slots(blockTokens);
    tokenBytes = config.model().kvBytesPerToken();
    onHost = config.decoding() instanceof Decoding.Herald;
    linkRates = config.device().link();
    reuse = Reuse.of(config.policy(), slots, blockTokens);
    double watermark = config.batching().watermark();
    roomSlots = slots - (int) (watermark * slots);
    manager =
        BlockManager.open(
            BlockManagerConfig.builder()
                .slots(slots)
                .blockTokens(blockTokens)
                .policy(policy)
                .watermark(watermark)
                .whatIf(false)
                .seed(seed)
                .clockMillis(() -> 0)
                .build());
  }

  /** Tells the listener what the manager stores and evicts. */
  void listen(KvEventListener listener) {
    manager.listen(listener);
  }

  /** All sequences of a batch, in the order in which they will begin. */
  void foresee(List<Sequence> sequences) {
    reuse.foresee(sequences);
  }

  BlockTable newTable() {
    return manager.newTable();
  }

  int slots() {
    return slots;
  }

  /** Tokens for which a running sequence has blocks. */
  int roomTokens(Sequence sequence) {
    return sequence.table.size() * blockTokens;
  }

  /** Share of the slots that running sequences hold. */
  double occupancy() {
    return 1 - (double) manager.available() / slots;
  }

  /** Whether a sequence of so many tokens can run to its end if it is alone. */
  boolean holds(long tokens) {
    return Math.ceilDiv(tokens, blockTokens) <= roomSlots;
  }

  /**
   * Gives a sequence the blocks of its target, with what the cache has of them.
   *
   * @return when they are there, {@code now} if nothing has to be moved; NaN if there is no room
   */
  double begin(Sequence sequence, double now) {
    int limit =
        Math.min(sequence.keys.size(), BlockManager.matchLimit(sequence.target, blockTokens));
    int found = manager.match(sequence.table, sequence.keys, limit);
    int blocks = Math.ceilDiv(sequence.target, blockTokens);
    if (!manager.allocate(sequence.table, blocks - found)) {
      manager.release(sequence.table);
      return Double.NaN;
    }
    boolean first = Double.isNaN(outcomes.admitted[sequence.request]);
    double there = now;
    int reused = first ? reuse.blocks(sequence, found, limit) : found;
    int have = reused;
    if (onHost) {
      there = transfer(now, now, (double) reused * blockTokens);
    }
    for (LowerTier tier : tiers) {
      int reach = have < limit ? tier.lookUp(sequence.keys, limit) : have;
      if (reach > have) {
        double tokens = (double) (reach - have) * blockTokens;
        there = Math.max(there, transfer(now, tier.read(now, tokens * tokenBytes), tokens));
        if (first) {
          outcomes.restored[tier.place().ordinal()][sequence.request] = (int) tokens;
        }
        have = reach;
      }
    }
    int tokens = have * blockTokens;
    if (sequence.swapped > tokens) {
      there = Math.max(there, transfer(now, now, (double) sequence.swapped - tokens));
      tokens = sequence.swapped;
    }
    if (first) {
      int[] where = onHost ? outcomes.restored[TierSize.Place.HOST.ordinal()] : outcomes.cached;
      where[sequence.request] = reused * blockTokens;
    }
    sequence.computed = tokens;
    return there;
  }

  /** Over the link as well, whatever comes before it. */
  private double transfer(double now, double read, double tokens) {
    double bytes = tokens * tokenBytes;
    restoredBytes += bytes;
    return Math.max(read, link.occupy(now, bytes / linkRates.reachedBandwidth()));
  }

  /** Makes room for so many tokens of a running sequence; false, and nothing changed, if none. */
  boolean grow(Sequence sequence, int tokens) {
    int more = Math.ceilDiv(tokens, blockTokens) - sequence.table.size();
    return more <= 0 || manager.allocate(sequence.table, more);
  }

  /**
   * Lets others find the full blocks of what is computed, as far as they have keys.
   *
   * @return whether {@code waiting} is one that finds more now
   */
  boolean publish(Sequence sequence, @Nullable Sequence waiting) {
    int full = Math.min(sequence.keys.size(), sequence.computed / blockTokens);
    int before = sequence.table.committed();
    if (full <= before) {
      return false;
    }
    manager.commit(sequence.table, sequence.keys, full);
    // A key stands for its whole prefix.
    return waiting != null
        && sequence.table.committed() > before
        && waiting.keys.size() > before
        && waiting.keys.hi(before) == sequence.keys.hi(before)
        && waiting.keys.lo(before) == sequence.keys.lo(before);
  }

  /** Copies what is published to the lower tiers. */
  void keep(Sequence sequence) {
    int full = Math.min(sequence.keys.size(), sequence.computed / blockTokens);
    for (LowerTier tier : tiers) {
      tier.keep(sequence.keys, full);
    }
  }

  void release(Sequence sequence) {
    manager.release(sequence.table);
  }

  double restoredBytes() {
    return restoredBytes;
  }

  double tokenBytes() {
    return tokenBytes;
  }

  @Override
  public void close() {
    manager.close();
  }
}
