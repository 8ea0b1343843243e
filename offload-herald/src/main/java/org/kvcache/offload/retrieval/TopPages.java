package org.kvcache.offload.retrieval;

import java.util.Arrays;

/**
 * The pages with the highest scores, without a sort: the lowest score that is chosen is found digit
 * by digit from histograms. Of equal scores the lower index is chosen; NaN comes last.
 */
final class TopPages {

  private static final int DIGIT = 11;
  private static final int DIGITS = 1 << DIGIT;

  private final int[] histogram = new int[DIGITS];

  /**
   * Chooses among the pages {@code [from, to)}.
   *
   * @param count at most {@code to - from}
   * @param chosen receives the pages in rising order from {@code at} on
   */
  void choose(float[] scores, int from, int to, int count, int[] chosen, int at) {
    if (count == 0) {
      return;
    }
    int known = 0; // the digits of the lowest chosen score that are known
    int mask = 0;
    int missing = count; // pages to choose among those that begin with the known digits
    for (int shift = 32; shift > 0; ) {
      int bits = Math.min(DIGIT, shift);
      shift -= bits;
      int digit = (1 << bits) - 1;
      Arrays.fill(histogram, 0);
      for (int i = from; i < to; i++) {
        int key = key(scores[i]);
        if ((key & mask) == known) {
          histogram[(key >>> shift) & digit]++;
        }
      }
      int lowest = digit;
      while (histogram[lowest] < missing) {
        missing -= histogram[lowest--];
      }
      known |= lowest << shift;
      mask |= digit << shift;
      if (histogram[lowest] == missing) {
        break;
      }
    }
    int next = at;
    for (int i = from; i < to; i++) {
      int order = Integer.compareUnsigned(key(scores[i]) & mask, known);
      if (order > 0 || (order == 0 && missing-- > 0)) {
        chosen[next++] = i;
      }
    }
  }

  /** Unsigned integers in the order of the scores. */
  private static int key(float score) {
    if (Float.isNaN(score)) {
      return 0;
    }
    int bits = Float.floatToRawIntBits(score + 0f); // no negative zero
    return bits ^ ((bits >> 31) | Integer.MIN_VALUE);
  }
}
