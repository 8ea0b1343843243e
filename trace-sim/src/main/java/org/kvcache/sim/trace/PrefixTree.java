package org.kvcache.sim.trace;

import java.util.Arrays;

/**
 * Interns block ids by their whole prefix: a node is a (parent node, id) pair, numbered densely in
 * order of first appearance. Equal nodes mean equal prefixes, whatever the ids of the file mean.
 */
final class PrefixTree {
  /*
   * Almost every node has one child, so the first child hangs on its parent and only further
   * children go to a hash table. Walking a known chain is then one comparison per block in memory
   * order, since the blocks of a chain were numbered one after the other. The table is open
   * addressed with linear probing and at most half full.
   */
  /** The parent of first blocks. */
  static final int ROOT = -1;

  private static final int MAX_NODES = Integer.MAX_VALUE - 8;
  private static final int MAX_TABLE = 1 << 30;

  private final String trace;

  private int size;
  private int[] parent = new int[1024];
  private int[] depth = new int[1024];
  private long[] id = new long[1024];
  private int[] firstChildPlusOne = new int[1024];
  private int rootChildPlusOne;

  private int[] tablePlusOne = new int[1024];
  private int tableSize;

  PrefixTree(String trace) {
    this.trace = trace;
  }

  /** Number of nodes. */
  int size() {
    return size;
  }

  /** Parents by node; valid up to {@link #size}. */
  int[] parents() {
    return parent;
  }

  /** Depths by node, 0 for first blocks; valid up to {@link #size}. */
  int[] depths() {
    return depth;
  }

  /** The child of {@code node} under {@code blockId}, made if there is none. */
  int child(int node, long blockId) {
    int first = (node == ROOT ? rootChildPlusOne : firstChildPlusOne[node]) - 1;
    if (first >= 0 && id[first] == blockId) {
      return first;
    }
    return (first < 0) ? addFirst(node, blockId) : findOrAdd(node, blockId);
  }

  private int addFirst(int node, long blockId) {
    int child = add(node, blockId);
    if (node == ROOT) {
      rootChildPlusOne = child + 1;
    } else {
      firstChildPlusOne[node] = child + 1;
    }
    return child;
  }

  private int findOrAdd(int node, long blockId) {
    int[] table = tablePlusOne;
    int mask = table.length - 1;
    int at = hash(node, blockId) & mask;
    for (int entry; (entry = table[at]) != 0; at = (at + 1) & mask) {
      if (id[entry - 1] == blockId && parent[entry - 1] == node) {
        return entry - 1;
      }
    }
    int child = add(node, blockId);
    table[at] = child + 1;
    if (++tableSize > table.length / 2) {
      makeRoom();
    }
    return child;
  }

  private void makeRoom() {
    if (tablePlusOne.length < MAX_TABLE) {
      rehash(tablePlusOne.length * 2);
    } else if (tableSize > MAX_TABLE / 8 * 7) {
      throw full();
    }
  }

  private int add(int node, long blockId) {
    if (size == parent.length) {
      grow();
    }
    int added = size++;
    parent[added] = node;
    depth[added] = (node == ROOT) ? 0 : depth[node] + 1;
    id[added] = blockId;
    return added;
  }

  private void grow() {
    if (size == MAX_NODES) {
      throw full();
    }
    int capacity = (int) Math.min(2L * size, MAX_NODES);
    parent = Arrays.copyOf(parent, capacity);
    depth = Arrays.copyOf(depth, capacity);
    id = Arrays.copyOf(id, capacity);
    firstChildPlusOne = Arrays.copyOf(firstChildPlusOne, capacity);
  }

  private TraceException full() {
    return new TraceException(
        trace
            + ": too many unique blocks ("
            + size
            + "), no more can be told apart; load fewer requests");
  }

  private void rehash(int capacity) {
    int[] table = new int[capacity];
    int mask = capacity - 1;
    for (int entry : tablePlusOne) {
      if (entry != 0) {
        int at = hash(parent[entry - 1], id[entry - 1]) & mask;
        while (table[at] != 0) {
          at = (at + 1) & mask;
        }
        table[at] = entry;
      }
    }
    tablePlusOne = table;
  }

  private static int hash(int node, long blockId) {
    long mixed = (blockId + 0x9E3779B97F4A7C15L * node) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 32)) * 0x94D049BB133111EBL;
    return (int) (mixed >>> 32);
  }
}
