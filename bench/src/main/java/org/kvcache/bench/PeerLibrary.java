package org.kvcache.bench;

/**
 * Somebody else's eviction policies, found by {@link java.util.ServiceLoader}. The implementation
 * is test code, since the libraries are test dependencies.
 */
interface PeerLibrary {

  /**
   * A fresh cache.
   *
   * @param policy our name, one of {@link Pairing}
   * @param capacity entries it holds
   * @param uniqueKeys keys will be from 0 to below this
   */
  Cache open(String policy, int capacity, int uniqueKeys);

  /** A cache of keys. Used once. */
  interface Cache {

    /** One access to each key in order. */
    void replay(int[] keys);

    /** The hits, with the checks that the library makes at the end. */
    long hits();
  }
}
