package org.kvcache.spi;

import java.util.Map;

/**
 * Decides which cached block goes when room is needed.
 *
 * <p>A policy sees <i>entries</i>: small dense ints in {@code [0, context.maxEntries())}, each the
 * name of one block key that the manager knows. An entry is <i>resident</i> (its bytes are in a
 * slot) or a <i>ghost</i> (the key is remembered, the bytes are gone). A policy therefore needs no
 * hash table: every list, counter and stamp is a primitive array indexed by entry.
 *
 * <p>The life of an entry, in the order of the calls:
 *
 * <pre>
 *   miss(e)                      a request wants e and it is not resident (unknown, or a ghost)
 *   victim() evict(v)            only when there is no free slot; repeated for the shortfall only
 *   insert(e)                    e is resident and pinned
 *   release(e, evictable)        the last pin went
 *   expose(e)                    e's last resident child went: e may be chosen from now on
 *   hit(e)                       a request refers to resident e, which is pinned from now on
 *   evict(e)                     e leaves its slot and stays behind as a ghost, or is forgotten
 *   remove(e)                    e is forgotten for a reason that is not the policy's
 * </pre>
 *
 * <p>Only entries that are unpinned, and for {@linkplain PolicySpec#leafFirst() leaf-first}
 * policies have no resident child, may be named by {@link #victim()}. A policy that keeps its lists
 * in the order of last use simply unlinks an entry in {@link #hit} and links it again in {@link
 * #release}, so that choosing a victim never searches. One whose order must survive a pin (FIFO,
 * SIEVE, S3-FIFO) leaves the entry in place and skips it.
 *
 * <p>Blocks of one sequence are released tail first. With one access at a time and no chains,
 * {@code hit; release} is a hit of the literature and {@code miss; [victim; evict]; insert;
 * release} a miss, and a policy named after a paper gives that paper's exact hit counts.
 *
 * <p>Not thread-safe: the manager calls it under its lock. No method allocates, apart from {@link
 * #state()}.
 */
public interface EvictionPolicy {

  /** No entry may be evicted now. */
  int NONE = -1;

  /**
   * A request refers to {@code entry}, which is not resident. Called before any victim is asked
   * for, so that a ghost hit can move the policy's target first.
   */
  void miss(int entry);

  /** The entry last announced by {@link #miss} now has a slot and is pinned. */
  void insert(int entry);

  /** A request refers to resident {@code entry}; it is pinned until {@link #release}. */
  void hit(int entry);

  /**
   * The last pin of {@code entry} went.
   *
   * @param evictable false while a leaf-first policy's entry has resident children; {@link #expose}
   *     follows when the last one has gone
   */
  void release(int entry, boolean evictable);

  /**
   * The last resident child of unpinned {@code entry} was evicted. Its place in the order is that
   * of its own last use, not of this moment.
   */
  default void expose(int entry) {}

  /**
   * What the application knows about {@code entry}'s future, told just before {@link #release}.
   * Only called when {@link PolicySpec#readsHints()}; a later {@link #hit} or {@link #miss} voids
   * it.
   */
  default void hint(int entry, ReuseHint hint) {}

  /**
   * The entry to evict next, or {@link #NONE}. The caller either evicts it or asks again later;
   * asking does not lose the place of any entry.
   */
  int victim();

  /**
   * {@code entry}, which is unpinned, leaves its slot.
   *
   * @return true if the policy keeps it as a ghost, until it is seen again in {@link #miss} or the
   *     policy passes it to {@link PolicyContext#forget}; false if it is forgotten at once
   */
  boolean evict(int entry);

  /** A resident or ghost {@code entry} is forgotten: the manager dropped it, not the policy. */
  void remove(int entry);

  /**
   * The policy's inner state for people and charts, by name as in its paper ({@code t1}, {@code
   * p}). A fresh map; the keys are the same in every call.
   */
  Map<String, Double> state();
}
