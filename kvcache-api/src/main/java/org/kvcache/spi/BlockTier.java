package org.kvcache.spi;

import org.kvcache.BlockKeys;

/**
 * A place for encoded blocks behind memory. It fails soft: what it cannot give is a miss, and wrong
 * bytes are never given. Each record carries its key, its length and a checksum, so that a block
 * that was torn, swapped or flipped is found out when it is loaded.
 *
 * <p>One thread, the tier's own, calls {@link #load} and {@link #store}, one at a time. {@link
 * #probe}, {@link #status} and {@link #close} may come from any thread meanwhile. No method throws
 * for what can go wrong outside the process: it counts the failure, logs the first of a row, and
 * answers with less.
 */
public interface BlockTier extends AutoCloseable {

  /**
   * How many leading keys of {@code [from, to)} the tier holds, as far as it knows.
   *
   * @return 0 at once while the tier is unavailable
   */
  int probe(BlockKeys keys, int from, int to);

  /**
   * True if {@link #probe} answers from memory in well under a microsecond a key, so that any
   * thread may ask; false if it goes over a network, in which case the tier's own thread asks.
   */
  boolean probesMemory();

  /**
   * Reads leading blocks of {@code [from, to)} and checks them, in as few requests as it can.
   *
   * @param into where block {@code i} of the keys goes; a buffer that was not counted as loaded may
   *     hold anything afterwards
   * @return how many leading blocks are loaded and right
   */
  int load(BlockKeys keys, int from, int to, BlockBuffers into);

  /**
   * Stores the blocks {@code [from, to)} under their keys; those it holds already it need not write
   * again. Evicts by its own policy to stay within its limit.
   *
   * @return how many it holds afterwards, in any order
   */
  int store(BlockKeys keys, int from, int to, BlockBuffers blocks);

  /** Blocks, bytes and mishaps so far. */
  TierStatus status();

  /** Writes what it buffers and lets go of files and connections. */
  @Override
  void close();
}
