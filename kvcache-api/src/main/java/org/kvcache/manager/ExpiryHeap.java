package org.kvcache.manager;

import java.util.Arrays;

/**
 * Entries with a deadline, the earliest first and the one added first among equals: a binary heap
 * in which an entry can be found.
 */
final class ExpiryHeap {

  private static final int ABSENT = -1;

  private int[] heap = {};
  private long[] deadline = {};
  private long[] ticket = {};
  private long tickets;
  private int[] position = {};
  private int size;

  /** Makes room for entries up to {@code entries}. */
  void reserve(int entries) {
    heap = new int[entries];
    deadline = new long[entries];
    ticket = new long[entries];
    position = new int[entries];
    Arrays.fill(position, ABSENT);
  }

  boolean isEmpty() {
    return size == 0;
  }

  int first() {
    return heap[0];
  }

  long firstDeadline() {
    return deadline[heap[0]];
  }

  void add(int entry, long at) {
    deadline[entry] = at;
    ticket[entry] = tickets++;
    siftUp(size++, entry);
  }

  /** Removes {@code entry} if it is in the heap. */
  void remove(int entry) {
    int hole = position[entry];
    if (hole == ABSENT) {
      return;
    }
    position[entry] = ABSENT;
    int last = heap[--size];
    if (last != entry) {
      siftDown(hole, last);
      if (heap[hole] == last) {
        siftUp(hole, last);
      }
    }
  }

  private void siftUp(int from, int entry) {
    int at = from;
    while (at > 0) {
      int up = (at - 1) >>> 1;
      if (isBefore(heap[up], entry)) {
        break;
      }
      put(at, heap[up]);
      at = up;
    }
    put(at, entry);
  }

  private void siftDown(int from, int entry) {
    int at = from;
    while (2 * at + 1 < size) {
      int child = 2 * at + 1;
      if (child + 1 < size && isBefore(heap[child + 1], heap[child])) {
        child++;
      }
      if (isBefore(entry, heap[child])) {
        break;
      }
      put(at, heap[child]);
      at = child;
    }
    put(at, entry);
  }

  private boolean isBefore(int one, int other) {
    return deadline[one] != deadline[other]
        ? deadline[one] < deadline[other]
        : ticket[one] < ticket[other];
  }

  private void put(int at, int entry) {
    heap[at] = entry;
    position[entry] = at;
  }
}
