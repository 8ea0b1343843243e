package org.kvcache.sim.cli;

/** A whole number as users write it. */
final class Count {
  private Count() {}

  /**
   * The number of an option.
   *
   * @throws IllegalArgumentException naming the option, if it is less than the least
   */
  static int atLeast(int least, String option, int value) {
    if (value < least) {
      throw new IllegalArgumentException(
          "%s is %d; %d is the least".formatted(option, value, least));
    }
    return value;
  }
}
