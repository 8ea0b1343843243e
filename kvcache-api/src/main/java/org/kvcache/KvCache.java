package org.kvcache;

import org.kvcache.cache.BlockCache;

/**
 * The KV cache of one model in a serving engine: keys and values go in, attention comes out, equal
 * prefixes are stored once, in few bits, and are found again in memory, on disk or over the
 * network.
 *
 * <p>Thread-safe. Caches are independent of each other; a process may have one for each model.
 */
public interface KvCache extends AutoCloseable {

  /**
   * A cache with nothing in memory; its tiers may hold blocks from before.
   *
   * @throws IllegalArgumentException if policy, scheme, backend or a number does not fit
   * @throws java.io.UncheckedIOException if a tier's files cannot be opened
   */
  static KvCache open(KvCacheConfig config) {
    return BlockCache.open(config);
  }

  /** What it was opened with. */
  KvCacheConfig config();

  /** Begins a sequence for a prompt under the default options. */
  default KvSequence begin(int[] prompt) {
    return begin(prompt, SequenceOptions.DEFAULT);
  }

  /**
   * Begins a sequence: finds the longest stored prefix over all tiers, at most one token less than
   * the prompt, and pins it. What is in farther tiers is promoted as {@link
   * SequenceOptions#promotion} says.
   *
   * @param prompt copied; may be empty
   */
  KvSequence begin(int[] prompt, SequenceOptions options);

  /** Keeps what is cached of a prefix in memory until the lease is closed. */
  default KvLease pin(int[] prefix) {
    return pin(prefix, SequenceOptions.DEFAULT);
  }

  /** The same under the key space of these options. */
  KvLease pin(int[] prefix, SequenceOptions options);

  /** A snapshot of the counters. */
  KvCacheStats stats();

  /**
   * Calls {@code listener} after each change of what is in memory, in the order of the sequence
   * numbers.
   */
  BlockManager.Registration listen(KvEventListener listener);

  /**
   * Waits until what was handed to the tiers before this call is stored or dropped. For tests and
   * orderly shutdown.
   */
  void flush();

  /** Forgets every block in memory; false, with nothing changed, while a sequence is open. */
  boolean clear();

  /** Stores what is on its way to the tiers and releases everything. Open sequences are void. */
  @Override
  void close();
}
