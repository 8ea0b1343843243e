package org.kvcache.cache;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Tokens and keys of sequences that were closed lately. The next turn of a conversation repeats its
 * tokens, and comparing tokens is some fifty times faster than hashing them; the keys are the same.
 * Thread-safe without locks: what is in here does not change any more.
 */
final class KeyMemo {

  private static final int MOST_CANDIDATES = 8;

  private final AtomicReferenceArray<@Nullable SequenceKeys> recent;
  private final AtomicInteger added = new AtomicInteger();

  KeyMemo(int sequences) {
    recent = new AtomicReferenceArray<>(Integer.highestOneBit(sequences));
  }

  /** Remembers a sequence whose owner is done with it. */
  void add(SequenceKeys keys) {
    if (!keys.keys().isEmpty()) {
      recent.set(added.getAndIncrement() & (recent.length() - 1), keys);
    }
  }

  /** The one that knows most leading keys of {@code wanted}, among the youngest that know any. */
  @Nullable SequenceKeys longest(SequenceKeys wanted) {
    SequenceKeys best = null;
    int most = 0;
    int candidates = 0;
    int all = wanted.fullBlocks();
    int youngest = added.get() - 1;
    for (int i = 0; i < recent.length() && most < all && candidates < MOST_CANDIDATES; i++) {
      SequenceKeys known = recent.get((youngest - i) & (recent.length() - 1));
      if (known == null) {
        break;
      }
      int blocks = wanted.commonBlocks(known);
      if (blocks > 0) {
        candidates++;
        if (blocks > most) {
          most = blocks;
          best = known;
        }
      }
    }
    return best;
  }

  void clear() {
    for (int i = 0; i < recent.length(); i++) {
      recent.set(i, null);
    }
  }
}
