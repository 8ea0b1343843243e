package org.kvcache.sim.serving;

import java.util.ArrayDeque;
import java.util.List;

/** First come, first served. */
final class ArrivalLine implements WaitingLine {
  private final ArrayDeque<Sequence> sequences = new ArrayDeque<>();

  @Override
  public void add(Sequence sequence) {
    sequences.add(sequence);
  }

  @Override
  public void putBack(Sequence sequence) {
    sequences.addFirst(sequence);
  }

  @Override
  public boolean isEmpty() {
    return sequences.isEmpty();
  }

  @Override
  public Sequence first() {
    return sequences.getFirst();
  }

  @Override
  public void removeFirst() {
    sequences.removeFirst();
  }

  @Override
  public List<Sequence> inOrder() {
    return List.copyOf(sequences);
  }
}
