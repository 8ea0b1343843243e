package org.kvcache;

import org.jspecify.annotations.Nullable;

/**
 * What a {@link Calibrator} puts into a calibration.
 *
 * @param mean whether the mean of each key channel is subtracted
 * @param channelScales whether each key channel has a scale of its own; otherwise a head has one
 * @param signSeed seed of random signs, or null for none. Signs keep a direction that happens to
 *     align with a row of the rotation from ending up in one channel; elsewhere they change nothing
 */
public record CalibrationOptions(boolean mean, boolean channelScales, @Nullable Long signSeed) {

  /** Means and channel scales, no signs. */
  public static final CalibrationOptions DEFAULT = new CalibrationOptions(true, true, null);

  /** These options with the means kept in the keys. */
  public CalibrationOptions withoutMean() {
    return new CalibrationOptions(false, channelScales, signSeed);
  }

  /** These options with one scale for all channels of a head. */
  public CalibrationOptions withoutChannelScales() {
    return new CalibrationOptions(mean, false, signSeed);
  }

  /** These options with random signs; the same seed gives the same signs. */
  public CalibrationOptions withSigns(long seed) {
    return new CalibrationOptions(mean, channelScales, seed);
  }
}
