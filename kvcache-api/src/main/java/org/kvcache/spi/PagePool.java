package org.kvcache.spi;

/**
 * Slots for pages on a device. A slot has room for one page of each layer and KV head, and each of
 * these may be of another part of the prefix. Who is in which slot is the caller's business.
 * Thread-safe.
 */
public interface PagePool extends AutoCloseable {

  /** How many slots there are. */
  int slots();

  /** Bytes of a page of one layer and KV head, as the codec of such pages lays it out. */
  long pageBytes();

  /** A queue of transfers and attentions of its own. */
  PageStream newStream();

  /** Gives the memory back. Streams are void. */
  @Override
  void close();
}
