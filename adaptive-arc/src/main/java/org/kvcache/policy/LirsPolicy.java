package org.kvcache.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;

/**
 * Low Inter-reference Recency Set, S. Jiang and X. Zhang, "LIRS: An Efficient Low Inter-reference
 * Recency Set Replacement Policy to Improve Buffer Cache Performance", ACM SIGMETRICS 2002, with 5
 * % of the capacity for HIR blocks.
 *
 * <p>Stack S holds, by recency, the LIR blocks and the HIR blocks, resident or not, that were used
 * since the LIR block used longest ago. Queue Q holds the resident HIR blocks; its front is the
 * victim. An HIR block used again while in S becomes LIR, and the LIR block at the bottom of S
 * becomes HIR. The paper does not bound the ghosts in S; here the oldest of them goes when they are
 * more than {@link #GHOSTS} times the capacity.
 *
 * <p>A block climbs to the top of S when it is referred to and, in the order in which a sequence
 * lets go of its blocks, once more when it is released. Pinned blocks are passed over; if all of Q
 * is pinned, the LIR block used longest ago that is not pinned gives way.
 */
public final class LirsPolicy implements EvictionPolicy {

  static final double HIR = 0.05;
  static final double GHOSTS = 2;

  private static final int STACK = 0;
  private static final int QUEUE = 0; // Q, resident HIR blocks
  private static final int OUT = 1; // ghosts, all of them in S
  private static final int LIR = 2;

  private final PolicyContext context;
  private final int maxLir;
  private final int maxGhosts;
  private final EntryLists stack;
  // By state: what is in Q, what is a ghost, and the LIR blocks by recency.
  private final EntryQueues states;

  /** An empty policy. */
  public LirsPolicy(PolicyContext context) {
    this.context = context;
    int c = context.capacity();
    maxLir = c - Math.max(1, (int) (HIR * c));
    maxGhosts = Math.min((int) (GHOSTS * c), context.maxEntries() - c - 1);
    stack = new EntryLists(context.maxEntries(), 1);
    states = new EntryQueues(context.maxEntries(), 3);
  }

  @Override
  public void miss(int entry) {
    if (states.queueOf(entry) == OUT) {
      states.remove(entry); // no ghost any more, but still in S unless pruned before its insert
    }
  }

  @Override
  public void insert(int entry) {
    states.pin(entry);
    if (stack.isLinked(entry)) {
      // Upon accessing an HIR non-resident block in S
      promote(entry);
    } else {
      stack.append(STACK, entry);
      states.move(entry, states.size(LIR) < maxLir ? LIR : QUEUE);
    }
  }

  @Override
  public void hit(int entry) {
    states.pin(entry);
    if (states.queueOf(entry) == QUEUE && stack.isLinked(entry)) {
      promote(entry);
    } else {
      use(entry);
    }
  }

  /** Moves a resident block to the top of S and to the young end of its queue. */
  private void use(int entry) {
    climb(entry);
    states.move(entry, states.queueOf(entry));
    prune();
  }

  private void climb(int entry) {
    stack.unlinkIfLinked(entry);
    stack.append(STACK, entry);
  }

  // An HIR block in S becomes LIR, and the LIR block at the bottom of S takes its place in Q.
  private void promote(int entry) {
    climb(entry);
    states.move(entry, LIR);
    if (states.size(LIR) > maxLir) {
      int bottom = states.oldest(LIR);
      stack.unlink(bottom);
      states.move(bottom, QUEUE);
    }
    prune();
  }

  /** Takes HIR blocks off the bottom of S, until a LIR block is there. */
  private void prune() {
    int bottom = stack.first(STACK);
    while (bottom != NONE && states.queueOf(bottom) != LIR) {
      stack.unlink(bottom);
      if (states.queueOf(bottom) == OUT) {
        states.remove(bottom);
        context.forget(bottom);
      }
      bottom = stack.first(STACK);
    }
  }

  @Override
  public void release(int entry, boolean evictable) {
    use(entry);
    if (evictable) {
      states.unpin(entry);
    }
  }

  @Override
  public void expose(int entry) {
    states.unpin(entry);
  }

  @Override
  public int victim() {
    int front = states.oldestUnpinned(QUEUE);
    return front != NONE ? front : states.oldestUnpinned(LIR);
  }

  @Override
  public boolean evict(int entry) {
    boolean ghost = stack.isLinked(entry) && states.queueOf(entry) != LIR && maxGhosts > 0;
    if (!ghost) {
      remove(entry);
      return false;
    }
    states.move(entry, OUT);
    if (states.size(OUT) > maxGhosts) {
      int oldest = states.oldest(OUT);
      remove(oldest);
      context.forget(oldest);
    }
    return true;
  }

  @Override
  public void remove(int entry) {
    stack.unlinkIfLinked(entry);
    states.remove(entry);
    prune();
  }

  @Override
  public Map<String, Double> state() {
    var state = new LinkedHashMap<String, Double>();
    state.put("lir", (double) states.size(LIR));
    state.put("hir_resident", (double) states.size(QUEUE));
    state.put("hir_non_resident", (double) states.size(OUT));
    return state;
  }
}
