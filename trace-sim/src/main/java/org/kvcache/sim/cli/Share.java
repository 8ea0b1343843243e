package org.kvcache.sim.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A share as users write it: {@code 5%} or {@code 0.05}. */
final class Share {
  private static final Pattern TEXT =
      Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?|\\.\\d{1,9})( ?%?)");

  private Share() {}

  /**
   * The number from 0 to 1 that the text stands for.
   *
   * @throws IllegalArgumentException naming the option, if it is none
   */
  static double parse(String option, String text) {
    Matcher match = TEXT.matcher(text.strip());
    double share = match.matches() ? Double.parseDouble(match.group(1)) : -1;
    if (match.matches() && match.group(2).endsWith("%")) {
      share /= 100;
    }
    if (share < 0 || share > 1) {
      throw new IllegalArgumentException(
          "%s '%s' is not a share from 0 to 100%%; write 5%% or 0.05".formatted(option, text));
    }
    return share;
  }
}
