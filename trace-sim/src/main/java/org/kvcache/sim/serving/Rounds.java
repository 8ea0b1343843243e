package org.kvcache.sim.serving;

import org.kvcache.sim.trace.Trace;

/** Which turn of its session each request is, in classes that double: 1, 2, 3-4, 5-8 and so on. */
public final class Rounds {
  /** Number of classes; the last has no end. */
  public static final int CLASSES = 8;

  private final byte[] classes;

  Rounds(Trace trace) {
    classes = new byte[trace.requests()];
    int[] turns = new int[trace.sessions()];
    for (int request = 0; request < classes.length; request++) {
      int session = trace.session(request);
      int turn = session < 0 ? 1 : ++turns[session];
      int log = turn == 1 ? 0 : Integer.SIZE - Integer.numberOfLeadingZeros(turn - 1);
      classes[request] = (byte) Math.min(CLASSES - 1, log);
    }
  }

  /** The class of a request, from 0. */
  public int of(int request) {
    return classes[request];
  }

  /** The turns of a class, as reports write them. */
  public static String label(int number) {
    int last = 1 << number;
    int first = last / 2 + 1;
    return number == 0
        ? "1"
        : number == CLASSES - 1 ? first + "+" : first == last ? "2" : first + "-" + last;
  }
}
