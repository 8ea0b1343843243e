package org.kvcache;

/**
 * Every block is pinned by an open sequence, so there is no room for another. Nothing has changed.
 * {@link KvSequence#tryReserve} says the same as a value.
 */
public final class KvCacheFullException extends IllegalStateException {

  private static final long serialVersionUID = 1;

  /** Says what was wanted and what there is. */
  public KvCacheFullException(String message) {
    super(message);
  }
}
