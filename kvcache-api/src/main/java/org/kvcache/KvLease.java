package org.kvcache;

/**
 * Keeps cached blocks from being evicted until it is closed. May be closed by any thread; closing
 * twice does nothing. A lease that is dropped unclosed is found by the garbage collector, its
 * blocks are unpinned, and {@link KvCacheStats} counts it as leaked.
 */
public interface KvLease extends AutoCloseable {

  /** Leading tokens that were cached, a multiple of the block size. */
  int matched();

  /** Unpins the blocks; full ones stay cached until they are evicted. */
  @Override
  void close();
}
