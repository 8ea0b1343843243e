package org.kvcache.spi;

/** The look-ahead of a {@link SparseBlock}. Belongs to one thread, which may be another one. */
public interface SparseAhead extends AutoCloseable {

  /**
   * As {@link org.kvcache.LookAhead#attend}.
   *
   * @return false if it was given up
   */
  boolean attend(int layer, float[] q, int qOffset, float[] out, int outOffset);

  /** No more layers follow. */
  @Override
  void close();
}
