package org.kvcache.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;

/**
 * S3-FIFO, J. Yang, Y. Zhang, Z. Qiu, Y. Yue and K. V. Rashmi, "FIFO Queues are All You Need for
 * Cache Eviction", ACM SOSP 2023, algorithm 1, with the parameters of the authors' libCacheSim: the
 * small queue holds 10 % and the ghost queue 90 % of the capacity, and two hits while in the small
 * queue lead to the main queue.
 *
 * <p>Pinned blocks keep their places and are passed over: they are neither moved nor lose a use.
 */
public final class S3FifoPolicy implements EvictionPolicy {

  static final double SMALL = 0.1;
  static final double GHOSTS = 0.9;

  private static final int SMALL_QUEUE = 0;
  private static final int MAIN_QUEUE = 1;
  private static final int GHOST_QUEUE = 2;
  private static final int USES_TO_MOVE = 2;
  private static final int MAX_USES = 3;

  private final PolicyContext context;
  private final int maxMain;
  private final int maxGhosts;
  private final EntryQueues queues;
  private final byte[] uses;
  private boolean wasGhost; // the entry last missed
  private int named = NONE; // the victim, until something happens

  /** An empty policy. */
  public S3FifoPolicy(PolicyContext context) {
    this.context = context;
    maxMain = context.capacity() - (int) (SMALL * context.capacity());
    maxGhosts = (int) (GHOSTS * context.capacity());
    queues = new EntryQueues(context.maxEntries(), 3);
    uses = new byte[context.maxEntries()];
  }

  @Override
  public void miss(int entry) {
    wasGhost = queues.queueOf(entry) == GHOST_QUEUE;
    queues.remove(entry);
  }

  @Override
  public void insert(int entry) {
    named = NONE;
    uses[entry] = 0;
    queues.pin(entry);
    queues.append(wasGhost ? MAIN_QUEUE : SMALL_QUEUE, entry);
    wasGhost = false;
  }

  @Override
  public void hit(int entry) {
    named = NONE;
    queues.pin(entry);
    uses[entry] = (byte) Math.min(uses[entry] + 1, MAX_USES);
  }

  @Override
  public void release(int entry, boolean evictable) {
    named = NONE;
    if (evictable) {
      queues.unpin(entry);
    }
  }

  @Override
  public void expose(int entry) {
    named = NONE;
    queues.unpin(entry);
  }

  @Override
  public int victim() {
    if (named == NONE) {
      named = choose(); // moves blocks, so choosing again would not give the same
    }
    return named;
  }

  private int choose() {
    boolean mainFirst = queues.size(MAIN_QUEUE) > maxMain || queues.size(SMALL_QUEUE) == 0;
    int victim = mainFirst ? oldestOfMain() : oldestOfSmall();
    if (victim == NONE && mainFirst) {
      victim = oldestOfSmall();
    }
    // What the search has moved out of small may be all that main has to give.
    return victim != NONE ? victim : oldestOfMain();
  }

  private int oldestOfSmall() {
    int entry = queues.oldestUnpinned(SMALL_QUEUE);
    while (entry != NONE && uses[entry] >= USES_TO_MOVE) {
      uses[entry] = 0;
      queues.move(entry, MAIN_QUEUE);
      entry = queues.oldestUnpinned(SMALL_QUEUE);
    }
    return entry;
  }

  private int oldestOfMain() {
    int entry = queues.oldestUnpinned(MAIN_QUEUE);
    while (entry != NONE && uses[entry] > 0) {
      uses[entry]--;
      queues.move(entry, MAIN_QUEUE);
      entry = queues.oldestUnpinned(MAIN_QUEUE);
    }
    return entry;
  }

  @Override
  public boolean evict(int entry) {
    named = NONE;
    if (queues.queueOf(entry) == MAIN_QUEUE || maxGhosts == 0) {
      queues.remove(entry);
      return false;
    }
    queues.move(entry, GHOST_QUEUE);
    if (queues.size(GHOST_QUEUE) > maxGhosts) {
      int ghost = queues.oldest(GHOST_QUEUE);
      queues.remove(ghost);
      context.forget(ghost);
    }
    return true;
  }

  @Override
  public void remove(int entry) {
    named = NONE;
    queues.remove(entry);
  }

  @Override
  public Map<String, Double> state() {
    var state = new LinkedHashMap<String, Double>();
    state.put("small", (double) queues.size(SMALL_QUEUE));
    state.put("main", (double) queues.size(MAIN_QUEUE));
    state.put("ghost", (double) queues.size(GHOST_QUEUE));
    return state;
  }
}
