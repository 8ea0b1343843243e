package org.kvcache.spi;

import org.kvcache.RetrievalStats;

/** Attention to chosen parts of long prefixes, for all sequences of one cache. Thread-safe. */
public interface SparseKv extends AutoCloseable {

  /** For a sequence over these blocks. */
  SparseSequence begin(PrefixKv prefix);

  /** What was done so far. */
  RetrievalStats stats();

  /** Gives the device's memory back. Sequences are void. */
  @Override
  void close();
}
