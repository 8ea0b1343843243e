package org.kvcache;

import java.util.Arrays;
import java.util.Objects;

/**
 * The basis in which the keys of one layer and KV head are stored, and the unit of its values.
 *
 * <p>Keys are stored as {@code (k - mean) / scale} with the signs applied, then rotated; queries
 * are multiplied by {@code scale} and the signs and rotated the same. Scores are then the exact
 * ones up to {@code q · mean}, which is one constant for all keys of a query and which softmax does
 * not see. Nothing is undone when keys are read. All keys that one softmax sees need the same
 * calibration.
 *
 * <p>Immutable; the arrays are copied in and out.
 */
public final class HeadCalibration {

  private final float[] mean;
  private final float[] scale;
  private final float[] signs;
  private final float valueScale;

  /**
   * Copies and checks.
   *
   * @param mean mean of each key channel
   * @param scale what each key channel is divided by; finite and above 0
   * @param signs +1 or -1 for each channel
   * @param valueScale what values are divided by; finite and above 0
   * @throws IllegalArgumentException if the lengths differ or an element is not allowed
   */
  public HeadCalibration(float[] mean, float[] scale, float[] signs, float valueScale) {
    if (mean.length == 0 || mean.length != scale.length || mean.length != signs.length) {
      throw new IllegalArgumentException(
          "mean, scale and signs have %d, %d and %d channels; they must have the same, at least 1"
              .formatted(mean.length, scale.length, signs.length));
    }
    for (int c = 0; c < mean.length; c++) {
      if (!Float.isFinite(mean[c])) {
        throw new IllegalArgumentException("mean[" + c + "] is " + mean[c]);
      }
      if (!(scale[c] > 0) || !Float.isFinite(scale[c])) {
        throw new IllegalArgumentException(
            "scale[" + c + "] is " + scale[c] + "; it must be finite and above 0");
      }
      if (Math.abs(signs[c]) != 1) {
        throw new IllegalArgumentException(
            "signs[" + c + "] is " + signs[c] + "; it must be 1 or -1");
      }
    }
    if (!(valueScale > 0) || !Float.isFinite(valueScale)) {
      throw new IllegalArgumentException(
          "value scale is " + valueScale + "; it must be finite and above 0");
    }
    this.mean = mean.clone();
    this.scale = scale.clone();
    this.signs = signs.clone();
    this.valueScale = valueScale;
  }

  /** Keys and values as they come. */
  public static HeadCalibration identity(int headDim) {
    float[] ones = new float[headDim];
    Arrays.fill(ones, 1);
    return new HeadCalibration(new float[headDim], ones, ones, 1);
  }

  /** Channels of a key. */
  public int headDim() {
    return mean.length;
  }

  /** Mean of each key channel. */
  public float[] mean() {
    return mean.clone();
  }

  /** What each key channel is divided by. */
  public float[] scale() {
    return scale.clone();
  }

  /** +1 or -1 for each key channel. */
  public float[] signs() {
    return signs.clone();
  }

  /** What values are divided by. */
  public float valueScale() {
    return valueScale;
  }

  /** True if keys and values are stored as they come. */
  public boolean isIdentity() {
    return equals(identity(headDim()));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HeadCalibration that
        && Arrays.equals(mean, that.mean)
        && Arrays.equals(scale, that.scale)
        && Arrays.equals(signs, that.signs)
        && valueScale == that.valueScale;
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        Arrays.hashCode(mean), Arrays.hashCode(scale), Arrays.hashCode(signs), valueScale);
  }

  @Override
  public String toString() {
    return isIdentity()
        ? "identity[headDim=" + headDim() + "]"
        : "calibration[headDim=" + headDim() + "]";
  }
}
