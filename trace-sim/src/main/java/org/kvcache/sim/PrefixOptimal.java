package org.kvcache.sim;

import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntUnaryOperator;
import org.kvcache.sim.trace.Trace;

/**
 * Belady for prefixes: evicts the block whose next request is farthest away, of several that wait
 * for the same request the deepest. A bound for policies that, like an engine, must hold all blocks
 * of a request while it runs. One request at a time.
 *
 * <p>The cached blocks that wait for request r all lie on r's chain, so each request keeps only
 * their number and where the deepest may be.
 */
final class PrefixOptimal implements Replay {

  private static final int NONE = -1;

  private final Trace trace;
  private final int capacity;
  private final IntUnaryOperator most;
  private final int never;

  /** By request: leading blocks found. */
  private final int[] hits;

  // By block: the next request that wants it, if it is resident.
  private final boolean[] resident;
  private final int[] nextRequest;

  // By request: how many resident blocks wait for it, and the deepest that may.
  private final int[] waiting;
  private final int[] deepest;
  private final BitSet awaited;
  private int farthest;

  /** Blocks to which nobody comes back for a hit; some may be held again or gone since. */
  private int[] dead;

  private int deadCount;
  private int cached;
  private long evictions;

  PrefixOptimal(Trace trace, int capacity) {
    this(trace, capacity, trace::chainLength);
  }

  /** Counts hits of {@code most} leading blocks of each request; the others it holds only. */
  PrefixOptimal(Trace trace, int capacity, IntUnaryOperator most) {
    this.trace = trace;
    this.capacity = capacity;
    this.most = most;
    hits = new int[trace.requests()];
    never = trace.requests();
    resident = new boolean[trace.uniqueBlocks()];
    nextRequest = new int[trace.uniqueBlocks()];
    waiting = new int[trace.requests()];
    deepest = new int[trace.requests()];
    Arrays.fill(deepest, NONE);
    awaited = new BitSet(trace.requests());
    dead = new int[capacity];
  }

  @Override
  public Counts run() {
    int[] next = nextRequests();
    int[] chain = new int[trace.maxChain()];
    long blockHits = 0;
    long tokenHits = 0;
    int at = 0;
    for (int request = 0; request < trace.requests(); request++) {
      int count = trace.chain(request, chain);
      awaited.clear(request);
      int run = 0;
      while (run < wanted(request, count) && resident[chain[run]]) {
        run++;
      }
      hits[request] = run;
      blockHits += run;
      tokenHits += Math.min((long) run * trace.blockTokens(), trace.inputTokens(request));
      hold(chain, count, request);
      int held = admit(chain, run, count);
      for (int i = 0; i < held; i++) {
        await(chain[i], next[at + i]);
      }
      at += count;
    }
    return Counts.of(blockHits, tokenHits, evictions);
  }

  int[] hits() {
    return hits;
  }

  private int wanted(int request, int count) {
    return Math.min(count, most.applyAsInt(request));
  }

  /** What is resident of the chain must stay. */
  private void hold(int[] chain, int count, int request) {
    for (int i = 0; i < count; i++) {
      nextRequest[chain[i]] = request;
    }
  }

  /** Makes the chain resident from {@code from} on as far as there is room; returns how far. */
  private int admit(int[] chain, int from, int count) {
    for (int i = from; i < count; i++) {
      if (resident[chain[i]]) {
        continue;
      }
      if (cached == capacity && !evictFarthest()) {
        return i;
      }
      resident[chain[i]] = true;
      cached++;
    }
    return count;
  }

  private boolean evictFarthest() {
    int victim = deadBlock();
    if (victim == NONE) {
      farthest = awaited.isEmpty() ? NONE : awaited.previousSetBit(farthest);
      if (farthest == NONE) {
        return false;
      }
      victim = deepest[farthest];
      while (!resident[victim] || nextRequest[victim] != farthest) {
        victim = trace.parent(victim);
      }
      deepest[farthest] = trace.parent(victim);
      if (--waiting[farthest] == 0) {
        awaited.clear(farthest);
        deepest[farthest] = NONE;
      }
    }
    resident[victim] = false;
    cached--;
    evictions++;
    return true;
  }

  private int deadBlock() {
    while (deadCount > 0) {
      int block = dead[--deadCount];
      if (resident[block] && nextRequest[block] == never) {
        return block;
      }
    }
    return NONE;
  }

  private void await(int block, int request) {
    nextRequest[block] = request;
    if (request == never) {
      if (deadCount == dead.length) {
        dead = Arrays.copyOf(dead, deadCount * 2);
      }
      dead[deadCount++] = block;
      return;
    }
    if (waiting[request]++ == 0) {
      awaited.set(request);
      farthest = Math.max(farthest, request);
    }
    if (deepest[request] == NONE || trace.depth(block) > trace.depth(deepest[request])) {
      deepest[request] = block;
    }
  }

  /** For each reference, the request that refers to the same block next, if it is for a hit. */
  private int[] nextRequests() {
    if (trace.blockRefs() > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "%s has %,d references; opt holds at most %,d"
              .formatted(trace.name(), trace.blockRefs(), Integer.MAX_VALUE - 8));
    }
    int[] next = new int[(int) trace.blockRefs()];
    int[] wantedBy = new int[trace.uniqueBlocks()];
    Arrays.fill(wantedBy, never);
    int[] chain = new int[trace.maxChain()];
    int at = next.length;
    for (int request = trace.requests() - 1; request >= 0; request--) {
      int count = trace.chain(request, chain);
      int wanted = wanted(request, count);
      at -= count;
      for (int i = 0; i < count; i++) {
        next[at + i] = wantedBy[chain[i]];
        wantedBy[chain[i]] = i < wanted ? request : never;
      }
    }
    return next;
  }
}
