package org.kvcache.sim.serving;

/** A link, a disk, a processor: one job after the other, in the order in which they were given. */
final class Channel {
  private double free;
  private double busySeconds;

  /** Gives it a job that takes {@code seconds}; returns when it will be done. */
  double occupy(double now, double seconds) {
    free = Math.max(now, free) + seconds;
    busySeconds += seconds;
    return free;
  }

  double busySeconds() {
    return busySeconds;
  }
}
