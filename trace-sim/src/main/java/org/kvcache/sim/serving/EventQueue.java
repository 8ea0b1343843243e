package org.kvcache.sim.serving;

import java.util.Arrays;

/**
 * What will happen, soonest first; of events at the same time, the one that was added first. A
 * binary heap on primitive arrays.
 */
final class EventQueue {

  /** What an event is; its subject is a request or a replica. */
  enum Kind {
    /** A request arrives. */
    ARRIVAL,
    /** All requests of a batch have arrived. */
    BATCH,
    /** A replica's pass ends. */
    PASS_END,
    /** A request's blocks have come from a lower tier. */
    RESTORED,
    /** A request's set has been chosen and moved. */
    SELECTED
  }

  private static final Kind[] KINDS = Kind.values();

  private double[] times = new double[64];
  private long[] orders = new long[64];
  private int[] subjects = new int[64];
  private byte[] kinds = new byte[64];
  private int size;
  private long added;
  private double now = Double.NEGATIVE_INFINITY;
  private int subject;
  private Kind kind = Kind.ARRIVAL;

  /**
   * Adds an event.
   *
   * @throws IllegalStateException if its time is over
   */
  void add(double time, Kind what, int about) {
    if (!(time >= now)) {
      throw new IllegalStateException("an event at " + time + " s; it is " + now + " s already");
    }
    if (size == times.length) {
      times = Arrays.copyOf(times, size * 2);
      orders = Arrays.copyOf(orders, size * 2);
      subjects = Arrays.copyOf(subjects, size * 2);
      kinds = Arrays.copyOf(kinds, size * 2);
    }
    int at = size++;
    long order = added++;
    while (at > 0) {
      int parent = (at - 1) >>> 1;
      if (!before(time, order, parent)) {
        break;
      }
      move(parent, at);
      at = parent;
    }
    put(at, time, order, about, (byte) what.ordinal());
  }

  /** Goes on to the next event; false if there is none. */
  boolean next() {
    if (size == 0) {
      return false;
    }
    now = times[0];
    subject = subjects[0];
    kind = KINDS[kinds[0]];
    size--;
    if (size > 0) {
      sink(size);
    }
    return true;
  }

  /** Moves the event at {@code last} from the root down to its place. */
  private void sink(int last) {
    double time = times[last];
    long order = orders[last];
    int at = 0;
    for (int child; (child = 2 * at + 1) < size; at = child) {
      if (child + 1 < size && before(times[child + 1], orders[child + 1], child)) {
        child++;
      }
      if (before(time, order, child)) {
        break;
      }
      move(child, at);
    }
    put(at, time, order, subjects[last], kinds[last]);
  }

  private boolean before(double time, long order, int other) {
    return time < times[other] || (time == times[other] && order < orders[other]);
  }

  private void move(int from, int to) {
    put(to, times[from], orders[from], subjects[from], kinds[from]);
  }

  private void put(int at, double time, long order, int about, byte what) {
    times[at] = time;
    orders[at] = order;
    subjects[at] = about;
    kinds[at] = what;
  }

  /** The time of the event that comes next; infinite if there is none. */
  double nextTime() {
    return size == 0 ? Double.POSITIVE_INFINITY : times[0];
  }

  /** The time of the event that {@link #next} went to. */
  double now() {
    return now;
  }

  Kind kind() {
    return kind;
  }

  int subject() {
    return subject;
  }
}
