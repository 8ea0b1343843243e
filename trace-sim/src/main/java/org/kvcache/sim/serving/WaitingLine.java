package org.kvcache.sim.serving;

import java.util.List;

/** The sequences that wait for room on a replica, and which of them is next. */
interface WaitingLine {

  /** A sequence has arrived. */
  void add(Sequence sequence);

  /** A sequence gave way to others; it goes before all that have not begun. */
  void putBack(Sequence sequence);

  boolean isEmpty();

  /** The next one, which stays in line; there must be one. */
  Sequence first();

  /** Takes out the one that {@link #first} gave last. */
  void removeFirst();

  /** All in the order in which they will begin; none if that depends on what will be cached. */
  List<Sequence> inOrder();
}
