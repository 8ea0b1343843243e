package org.kvcache.sim.serving;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.agrona.collections.IntArrayList;
import org.kvcache.BlockKey;
import org.kvcache.BlockManager;
import org.kvcache.KvEvent;
import org.kvcache.KvEventListener;
import org.kvcache.sim.trace.ChainKeys;
import org.kvcache.sim.trace.Trace;

/**
 * Who has the most tokens cached goes first, of equal ones who came first. Listens to the manager
 * for what is cached. All sequences must be in line before the first is taken out.
 *
 * <p>A sequence waits at the last block that it may find; below a block wait those of a range of
 * {@link DepthFirst} positions. So the next one waits below the deepest cached block below which
 * anyone waits, and only cached blocks are looked at.
 */
final class LongestPrefixLine implements WaitingLine, KvEventListener {
  private static final int NONE = EarliestTree.NONE;

  private final Trace trace;
  private final DepthFirst blocks;

  /** By position, and one more for those who can find nothing: who came first. */
  private final EarliestTree earliest;

  // By position: the line of those who wait there; by arrival: who follows.
  private final int[] first;
  private final int[] last;
  private final IntArrayList follower = new IntArrayList();

  private final List<Sequence> arrived = new ArrayList<>();
  private final ArrayDeque<Sequence> gaveWay = new ArrayDeque<>();
  private final BitSet cached;

  // Cached blocks by depth; some may be evicted or left by all since.
  private final List<IntArrayList> listed = new ArrayList<>();
  private final BitSet isListed;

  private int waiting;
  private int chosen = NONE;

  LongestPrefixLine(Trace trace) {
    this.trace = trace;
    blocks = new DepthFirst(trace);
    int positions = trace.uniqueBlocks() + 1;
    earliest = new EarliestTree(positions);
    first = new int[positions];
    last = new int[positions];
    Arrays.fill(first, NONE);
    cached = new BitSet(trace.uniqueBlocks());
    isListed = new BitSet(trace.uniqueBlocks());
    for (int depth = 0; depth < trace.maxChain(); depth++) {
      listed.add(new IntArrayList());
    }
  }

  @Override
  public void add(Sequence sequence) {
    int arrival = arrived.size();
    arrived.add(sequence);
    follower.addInt(NONE);
    int at = position(sequence);
    if (first[at] == NONE) {
      first[at] = arrival;
      earliest.set(at, arrival);
    } else {
      follower.setInt(last[at], arrival);
    }
    last[at] = arrival;
    waiting++;
  }

  private int position(Sequence sequence) {
    int limit =
        Math.min(
            sequence.keys.size(),
            BlockManager.matchLimit(sequence.inputTokens, trace.blockTokens()));
    return limit == 0
        ? trace.uniqueBlocks()
        : blocks.position(ChainKeys.block(sequence.keys.lo(limit - 1)));
  }

  @Override
  public void putBack(Sequence sequence) {
    gaveWay.addFirst(sequence);
  }

  @Override
  public boolean isEmpty() {
    return waiting == 0 && gaveWay.isEmpty();
  }

  @Override
  public Sequence first() {
    if (!gaveWay.isEmpty()) {
      return gaveWay.getFirst();
    }
    chosen = NONE;
    for (int depth = listed.size() - 1; depth >= 0 && chosen == NONE; depth--) {
      chosen = earliestBelow(listed.get(depth));
    }
    if (chosen == NONE) {
      chosen = earliest.least(0, first.length);
    }
    return arrived.get(chosen);
  }

  /** Who came first of those below blocks of one depth; forgets blocks that are of no more use. */
  private int earliestBelow(IntArrayList candidates) {
    int best = NONE;
    int kept = 0;
    for (int i = 0; i < candidates.size(); i++) {
      int block = candidates.getInt(i);
      int below =
          cached.get(block) ? earliest.least(blocks.position(block), blocks.end(block)) : NONE;
      if (below == NONE) {
        isListed.clear(block);
        continue;
      }
      candidates.setInt(kept++, block);
      if (below < best && prefixIsCached(block)) {
        best = below;
      }
    }
    while (candidates.size() > kept) {
      candidates.removeAt(candidates.size() - 1);
    }
    return best;
  }

  /** Policies that are not leaf-first may have evicted a block before it. */
  private boolean prefixIsCached(int block) {
    int at = block;
    while (at >= 0 && cached.get(at)) {
      at = trace.parent(at);
    }
    return at < 0;
  }

  @Override
  public void removeFirst() {
    if (!gaveWay.isEmpty()) {
      gaveWay.removeFirst();
      return;
    }
    int at = position(arrived.get(chosen));
    first[at] = follower.getInt(chosen);
    earliest.set(at, first[at]);
    waiting--;
  }

  @Override
  public List<Sequence> inOrder() {
    return List.of();
  }

  @Override
  public void onEvent(KvEvent event) {
    switch (event) {
      case KvEvent.BlockStored stored -> {
        for (BlockKey key : stored.blockKeys()) {
          int block = ChainKeys.block(key.lo());
          cached.set(block);
          if (!isListed.get(block)) {
            isListed.set(block);
            listed.get(trace.depth(block)).addInt(block);
          }
        }
      }
      case KvEvent.BlockRemoved removed ->
          removed.blockKeys().forEach(key -> cached.clear(ChainKeys.block(key.lo())));
      case KvEvent.AllBlocksCleared _ -> cached.clear();
    }
  }
}
