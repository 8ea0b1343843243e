package org.kvcache.bench.model;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/**
 * Makes text in which no run of three characters comes twice, in all that one instance makes: what
 * an {@link InductionModel} can repeat without doubt. One thread.
 */
public final class UniqueText {

  private static final String LETTERS =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;-_/()[]{}<>=+*#@!?";
  private static final int TRIES = 200;

  private final Random random;
  private final Set<String> runs = new HashSet<>();
  private final StringBuilder last = new StringBuilder();

  /** Makes the same texts for the same seed. */
  public UniqueText(long seed) {
    random = new Random(seed);
  }

  /**
   * The next {@code length} characters, which follow on those before.
   *
   * @throws IllegalStateException if there are no more runs to use
   */
  public String next(int length) {
    var text = new StringBuilder(length);
    while (text.length() < length) {
      char c = character();
      text.append(c);
    }
    return text.toString();
  }

  /** A line of that many characters and its end. */
  public String line(int length) {
    String line = next(length);
    append('\n');
    return line + "\n";
  }

  private char character() {
    for (int i = 0; i < TRIES; i++) {
      char c = LETTERS.charAt(random.nextInt(LETTERS.length()));
      if (append(c)) {
        return c;
      }
    }
    throw new IllegalStateException("all runs of three characters are used up");
  }

  private boolean append(char c) {
    int from = last.length() - 2;
    if (from >= 0 && !runs.add(last.substring(from) + c)) {
      return false;
    }
    last.append(c);
    if (last.length() > 64) {
      last.delete(0, last.length() - 2);
    }
    return true;
  }
}
