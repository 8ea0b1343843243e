package org.kvcache.sim;

import java.util.Arrays;
import java.util.BitSet;

/**
 * L. A. Belady, "A Study of Replacement Algorithms for a Virtual-Storage Computer", IBM Systems
 * Journal 1966: evicts the block whose next access is farthest away. The bound for plain keys when
 * every access must be cached.
 *
 * <p>Each cached block that is used again owns the position of that access, so the farthest is the
 * highest set bit.
 */
final class FlatOptimal implements Replay {

  private static final int NEVER = -1;

  private final FlatStream stream;
  private final int capacity;

  FlatOptimal(FlatStream stream, int capacity) {
    this.stream = stream;
    this.capacity = capacity;
  }

  @Override
  public Counts run() {
    int[] blocks = stream.blocks();
    int[] next = nextAccesses(blocks);
    var resident = new BitSet(stream.uniqueBlocks());
    var dueAt = new BitSet(blocks.length);
    int[] dead = new int[capacity];
    int deadCount = 0;
    int farthest = 0;
    int cached = 0;
    long hits = 0;
    long evictions = 0;
    for (int i = 0; i < blocks.length; i++) {
      int block = blocks[i];
      if (resident.get(block)) {
        hits++;
        dueAt.clear(i);
      } else if (cached < capacity) {
        cached++;
        resident.set(block);
      } else {
        evictions++;
        if (deadCount > 0) {
          resident.clear(dead[--deadCount]);
        } else {
          farthest = dueAt.previousSetBit(farthest);
          dueAt.clear(farthest);
          resident.clear(blocks[farthest]);
        }
        resident.set(block);
      }
      if (next[i] == NEVER) {
        dead[deadCount++] = block;
      } else {
        dueAt.set(next[i]);
        farthest = Math.max(farthest, next[i]);
      }
    }
    return Counts.of(hits, hits * stream.blockTokens(), evictions);
  }

  private int[] nextAccesses(int[] blocks) {
    int[] next = new int[blocks.length];
    int[] seenAt = new int[stream.uniqueBlocks()];
    Arrays.fill(seenAt, NEVER);
    for (int i = blocks.length - 1; i >= 0; i--) {
      next[i] = seenAt[blocks[i]];
      seenAt[blocks[i]] = i;
    }
    return next;
  }
}
