package org.kvcache.bench.quality;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a quality study measures on.
 *
 * @param headDim elements of a row of the synthetic heads
 * @param context tokens of the synthetic heads
 * @param logitStd deviation of their exact logits
 * @param seeds how many of them
 * @param queries queries of each head
 * @param kv file of captured heads
 */
record QualitySettings(
    int headDim, int context, double logitStd, int seeds, int queries, @Nullable String kv) {

  private static final int LARGEST_ARRAY = 1 << 30;

  /** Checks the fields. */
  QualitySettings {
    atLeast("--head-dim", headDim, 1, "");
    atLeast("--context", context, SchemeTrial.BLOCK_TOKENS, " (a block)");
    atLeast("--seeds", seeds, 1, "");
    atLeast("--queries", queries, 1, "");
    if (!(logitStd > 0) || Double.isInfinite(logitStd)) {
      throw new IllegalArgumentException(
          "--logit-std is " + logitStd + "; it must be finite and above 0");
    }
    checkSize(context, headDim, queries);
  }

  /** Refuses heads whose numbers do not fit into arrays. */
  static void checkSize(int tokens, int headDim, int queries) {
    long largest = Math.max((long) tokens * headDim, (long) queries * Math.max(tokens, headDim));
    if (largest > LARGEST_ARRAY) {
      throw new IllegalArgumentException(
          "%d tokens of head dim %d with %d queries are too many for one head; measure on fewer"
              .formatted(tokens, headDim, queries));
    }
  }

  /** One line about what these results come from. */
  String title(List<QualityResult> results) {
    var parts = new ArrayList<String>();
    for (QualityResult result : results) {
      boolean captured = result.distribution().equals(CapturedHead.DISTRIBUTION);
      parts.add(
          captured
              ? "captured: medians of %d heads of dim %d"
                  .formatted(result.heads(), result.headDim())
              : String.format(
                  Locale.ROOT,
                  "head dim %d, %,d tokens, logit deviation %s: %s",
                  headDim,
                  context,
                  logitStd,
                  medians(seeds)));
    }
    return parts.stream().distinct().collect(Collectors.joining("; "));
  }

  private static String medians(int heads) {
    return heads == 1 ? "1 head" : "medians of " + heads + " heads";
  }

  private static void atLeast(String option, int value, int least, String what) {
    if (value < least) {
      throw new IllegalArgumentException(
          "%s is %d; %d%s is the least".formatted(option, value, least, what));
    }
  }
}
