package org.kvcache;

/** A hash function with its working state; one thread at a time. */
sealed interface BlockDigest permits Sha256Digest, Xxh3Digest {

  /** Returns the length of a digest, at least 16. */
  int bytes();

  /**
   * Hashes the start of an array without allocating.
   *
   * @param length number of bytes to hash
   * @param into receives {@link #bytes} bytes at index 0
   */
  void digest(byte[] message, int length, byte[] into);

  /** Returns the same function with state of its own. */
  BlockDigest fresh();
}
