package org.kvcache;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The block keys of one sequence in chain order: a growable list of 128-bit keys without an object
 * per key.
 *
 * <p>Once grown, no method but {@link #get} and {@link #toString} allocates. Not thread-safe: one
 * thread at a time, and a list that is shared for reading must not change meanwhile.
 */
public final class BlockKeys {

  private static final int DEFAULT_CAPACITY = 16;

  private long[] hi;
  private long[] lo;
  private int size;

  /** Creates an empty list. */
  public BlockKeys() {
    this(DEFAULT_CAPACITY);
  }

  /**
   * Creates an empty list with room for a number of keys.
   *
   * @throws IllegalArgumentException if {@code capacity} is negative
   */
  public BlockKeys(int capacity) {
    if (capacity < 0) {
      throw new IllegalArgumentException("capacity is negative: " + capacity);
    }
    hi = new long[capacity];
    lo = new long[capacity];
  }

  /** Returns the number of keys. */
  public int size() {
    return size;
  }

  /** Returns whether there is no key. */
  public boolean isEmpty() {
    return size == 0;
  }

  /**
   * Returns the upper half of a key.
   *
   * @throws IndexOutOfBoundsException if there is no such key
   */
  public long hi(int index) {
    return hi[checked(index)];
  }

  /**
   * Returns the lower half of a key.
   *
   * @throws IndexOutOfBoundsException if there is no such key
   */
  public long lo(int index) {
    return lo[checked(index)];
  }

  /**
   * Returns a key as an object; for logs and events, not for the hot path.
   *
   * @throws IndexOutOfBoundsException if there is no such key
   */
  public BlockKey get(int index) {
    checked(index);
    return new BlockKey(hi[index], lo[index]);
  }

  /** Appends a key. */
  public void add(long hi, long lo) {
    if (size == this.hi.length) {
      ensureCapacity(size + 1);
    }
    this.hi[size] = hi;
    this.lo[size] = lo;
    size++;
  }

  /** Removes all keys and keeps the room. */
  public void clear() {
    size = 0;
  }

  /**
   * Keeps the first keys and removes the rest.
   *
   * @param newSize number of keys to keep
   * @throws IndexOutOfBoundsException if {@code newSize} is negative or over {@link #size}
   */
  public void truncate(int newSize) {
    if (newSize < 0 || newSize > size) {
      throw new IndexOutOfBoundsException("Cannot keep " + newSize + " of " + size + " block keys");
    }
    size = newSize;
  }

  /** Makes this list equal to another. */
  public void copyFrom(BlockKeys other) {
    ensureCapacity(other.size);
    System.arraycopy(other.hi, 0, hi, 0, other.size);
    System.arraycopy(other.lo, 0, lo, 0, other.size);
    size = other.size;
  }

  /** Makes room so that the list holds {@code capacity} keys without growing again. */
  public void ensureCapacity(int capacity) {
    if (capacity > hi.length) {
      int grown = Math.max(capacity, Math.max(DEFAULT_CAPACITY, hi.length + (hi.length >> 1)));
      hi = Arrays.copyOf(hi, grown);
      lo = Arrays.copyOf(lo, grown);
    }
  }

  /** Returns whether the other object is a list of the same keys in the same order. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof BlockKeys that
        && Arrays.equals(hi, 0, size, that.hi, 0, that.size)
        && Arrays.equals(lo, 0, size, that.lo, 0, that.size);
  }

  @Override
  public int hashCode() {
    // The last key is chained over all the others, so it alone tells lists of one chain apart.
    return size == 0 ? 0 : Objects.hash(size, lo[size - 1]);
  }

  /** Returns the size and, if there is one, the last key. */
  @Override
  public String toString() {
    return size == 0 ? "BlockKeys[0]" : "BlockKeys[" + size + ", last " + get(size - 1) + "]";
  }

  private int checked(int index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException("No block key " + index + ", there are " + size);
    }
    return index;
  }
}
