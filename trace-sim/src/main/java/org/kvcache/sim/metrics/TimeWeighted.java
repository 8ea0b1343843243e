package org.kvcache.sim.metrics;

/**
 * Mean over time and maximum of a quantity that stays the same between changes, such as blocks in
 * use. Times may be in any unit and never go back. Not safe for use by several threads at once.
 */
public final class TimeWeighted {
  private double start;
  private double changed;
  private double value;
  private double area;
  private double max;

  /** The quantity is {@code value} from {@code time} on. */
  public TimeWeighted(double time, double value) {
    changed = time;
    this.value = value;
    reset(time);
  }

  /**
   * The quantity is {@code value} from {@code time} on.
   *
   * @throws IllegalArgumentException if the time is before the last one given
   */
  public void set(double time, double value) {
    advance(time);
    this.value = value;
    max = Math.max(max, value);
  }

  /**
   * Forgets what was before {@code time}, and goes on from there with the value that holds.
   *
   * @throws IllegalArgumentException if the time is before the last one given
   */
  public void reset(double time) {
    advance(time);
    start = time;
    area = 0;
    max = value;
  }

  /**
   * Mean from the last reset, or from the beginning, to {@code time}; the value that holds if no
   * time lies between.
   *
   * @throws IllegalArgumentException if the time is before that of the last change
   */
  public double mean(double time) {
    return time == start ? value : areaTo(time) / (time - start);
  }

  /** Largest value since the last reset, or since the beginning; one held for no time counts. */
  public double max() {
    return max;
  }

  private void advance(double time) {
    area = areaTo(time);
    changed = time;
  }

  private double areaTo(double time) {
    if (!(time >= changed)) {
      throw new IllegalArgumentException(
          "time %s after %s; give times in order".formatted(time, changed));
    }
    return area + value * (time - changed);
  }
}
