package org.kvcache.manager;

import org.kvcache.BlockKey;
import org.kvcache.BlockKeys;

/** Keys of sequences written as strings: a letter is a block, a prefix is a key. */
final class Chains {

  private Chains() {}

  static BlockKeys keys(CharSequence path) {
    var keys = new BlockKeys();
    long hash = 1;
    for (int i = 0; i < path.length(); i++) {
      hash = (hash ^ path.charAt(i)) * 0x9E3779B97F4A7C15L;
      hash ^= hash >>> 29;
      keys.add(Long.reverse(hash), hash);
    }
    return keys;
  }

  static BlockKey key(CharSequence path) {
    return keys(path).get(path.length() - 1);
  }
}
