package org.kvcache.sim.serving;

import org.kvcache.sim.trace.Trace;

/**
 * The blocks of a trace depth first: each block before those that continue it, continuations in
 * order of first appearance. So all blocks below one have positions in a row behind its own.
 */
final class DepthFirst {
  private final Trace trace;
  private final int[] position;

  /** By block: the first position that is not below it. */
  private final int[] end;

  /** Blocks are numbered after those that they continue, so that two scans do without a stack. */
  DepthFirst(Trace trace) {
    this.trace = trace;
    int blocks = trace.uniqueBlocks();
    int[] size = new int[blocks];
    for (int block = blocks - 1; block >= 0; block--) {
      size[block]++;
      int parent = trace.parent(block);
      if (parent >= 0) {
        size[parent] += size[block];
      }
    }
    position = new int[blocks];
    end = new int[blocks];
    int[] free = new int[blocks];
    int freeForFirst = 0;
    for (int block = 0; block < blocks; block++) {
      int parent = trace.parent(block);
      if (parent < 0) {
        position[block] = freeForFirst;
        freeForFirst += size[block];
      } else {
        position[block] = free[parent];
        free[parent] += size[block];
      }
      free[block] = position[block] + 1;
      end[block] = position[block] + size[block];
    }
  }

  int position(int block) {
    return position[block];
  }

  int end(int block) {
    return end[block];
  }

  /** All requests by their last block, those without blocks first, of equal ones by arrival. */
  int[] requests() {
    int requests = trace.requests();
    int[] chain = new int[trace.maxChain()];
    int[] key = new int[requests];
    int[] start = new int[position.length + 2];
    for (int request = 0; request < requests; request++) {
      int count = trace.chain(request, chain);
      key[request] = count == 0 ? 0 : position[chain[count - 1]] + 1;
      start[key[request] + 1]++;
    }
    for (int i = 1; i < start.length; i++) {
      start[i] += start[i - 1];
    }
    int[] ordered = new int[requests];
    for (int request = 0; request < requests; request++) {
      ordered[start[key[request]]++] = request;
    }
    return ordered;
  }
}
