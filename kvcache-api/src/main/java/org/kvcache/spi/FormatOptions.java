package org.kvcache.spi;

import java.util.Objects;

/**
 * What a codec of a format is made for.
 *
 * @param headDim elements of a row, 1 to 4,096
 * @param rule one of the format's rules, or empty for its default
 * @param tensorScale what every element is divided by before the format sees it and multiplied by
 *     after it; formats whose scales span all of binary32 do without and want 1
 */
public record FormatOptions(int headDim, String rule, float tensorScale) {

  /** Checks the fields. */
  public FormatOptions {
    Objects.requireNonNull(rule);
    if (headDim < 1 || headDim > 4096) {
      throw new IllegalArgumentException(
          "head dim is " + headDim + "; it must be within 1 and 4096");
    }
    if (!(tensorScale > 0) || tensorScale == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "tensor scale is " + tensorScale + "; it must be finite and above 0");
    }
  }

  /** The format's default rule and no tensor scale. */
  public static FormatOptions of(int headDim) {
    return new FormatOptions(headDim, "", 1);
  }

  /** The same with another rule. */
  public FormatOptions withRule(String newRule) {
    return new FormatOptions(headDim, newRule, tensorScale);
  }

  /** The same with another tensor scale. */
  public FormatOptions withTensorScale(float newScale) {
    return new FormatOptions(headDim, rule, newScale);
  }
}
