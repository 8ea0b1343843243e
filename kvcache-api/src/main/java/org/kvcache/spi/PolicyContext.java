package org.kvcache.spi;

/**
 * What a policy may know of its manager. Called from the policy only, so under the manager's lock.
 */
public interface PolicyContext {

  /** Slots that cached blocks compete for, at least 1: the {@code c} of the papers. */
  int capacity();

  /** Entries are in {@code [0, maxEntries())}: {@link #capacity()} residents plus the ghosts. */
  int maxEntries();

  /** 64 well-mixed bits of the entry's key, the same in every run, for sampling and sketches. */
  long keyHash(int entry);

  /** The seed of everything random in the policy. */
  long seed();

  /** Gives a ghost back: the manager forgets its key and may name another one {@code ghost}. */
  void forget(int ghost);
}
