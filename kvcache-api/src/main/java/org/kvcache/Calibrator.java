package org.kvcache;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.kvcache.Calibration.Origin;

/**
 * Finds a {@link Calibration} from sampled keys, queries and values.
 *
 * <p>Give rows as attention sees them, so keys and queries after the position embedding, from text
 * like that which will be served. Some thousand keys of each head are plenty. Queries are optional
 * and make the scales better; a query row belongs to the KV head that its query head reads.
 *
 * <p>Channel {@code c} is divided by {@code sqrt(std K_c / rms Q_c)}, or {@code sqrt(std K_c)} if
 * no queries were given. Rotation spreads the coding noise evenly over the channels, in proportion
 * to the energy {@code sum (std K_c / s_c)^2} of the stored key; a score then carries the noise
 * {@code q_c s_c} from each channel. The product of that energy and {@code sum (q_c s_c)^2} is
 * least for this scale. What counts is the plain root mean square of a query channel, not its
 * deviation from the mean, because a constant query weighs the noise of its channel as much as a
 * changing one.
 *
 * <p>A row with an element that is not finite is left out and counted. Statistics are kept in
 * double precision by the updates of Welford and of Chan, Golub and LeVeque, so their order matters
 * only by rounding; the same calls give the same result.
 *
 * <p>For one thread. To sample with several, give each its own and {@link #merge} them.
 */
public final class Calibrator {

  private final int layers;
  private final int kvHeads;
  private final int headDim;
  private final HeadStatistics[] heads;
  private long skippedRows;

  /**
   * Has seen nothing yet.
   *
   * @throws IllegalArgumentException if a number is below 1
   */
  public Calibrator(int layers, int kvHeads, int headDim) {
    Calibration.checkShape(layers, kvHeads);
    if (headDim < 1) {
      throw new IllegalArgumentException("headDim is " + headDim + "; at least 1 is needed");
    }
    this.layers = layers;
    this.kvHeads = kvHeads;
    this.headDim = headDim;
    heads = new HeadStatistics[Math.multiplyExact(layers, kvHeads)];
    Arrays.setAll(heads, _ -> new HeadStatistics(headDim));
  }

  /**
   * Samples keys.
   *
   * @param layer from 0
   * @param head KV head, from 0
   * @param rows {@code count} rows of {@code headDim} floats, one after the other
   * @param offset where the first row begins, in floats
   * @param count rows
   * @throws IllegalArgumentException if there is no such layer or head, or rows are missing
   */
  public void keys(int layer, int head, float[] rows, int offset, int count) {
    sample(HeadStatistics::addKey, layer, head, rows, offset, count);
  }

  /**
   * Samples queries of any query head that reads this KV head.
   *
   * @param layer from 0
   * @param head KV head, from 0
   * @param rows {@code count} rows of {@code headDim} floats, one after the other
   * @param offset where the first row begins, in floats
   * @param count rows
   * @throws IllegalArgumentException if there is no such layer or head, or rows are missing
   */
  public void queries(int layer, int head, float[] rows, int offset, int count) {
    sample(HeadStatistics::addQuery, layer, head, rows, offset, count);
  }

  /**
   * Samples values.
   *
   * @param layer from 0
   * @param head KV head, from 0
   * @param rows {@code count} rows of {@code headDim} floats, one after the other
   * @param offset where the first row begins, in floats
   * @param count rows
   * @throws IllegalArgumentException if there is no such layer or head, or rows are missing
   */
  public void values(int layer, int head, float[] rows, int offset, int count) {
    sample(HeadStatistics::addValue, layer, head, rows, offset, count);
  }

  /**
   * Adds what another has seen, as if all its rows had been given here; the other is not changed.
   *
   * @throws IllegalArgumentException if it is of another shape
   */
  public void merge(Calibrator other) {
    if (layers != other.layers || kvHeads != other.kvHeads || headDim != other.headDim) {
      throw new IllegalArgumentException(
          "calibrators of layers x KV heads x headDim %dx%dx%d and %dx%dx%d cannot be merged"
              .formatted(layers, kvHeads, headDim, other.layers, other.kvHeads, other.headDim));
    }
    for (int i = 0; i < heads.length; i++) {
      heads[i].merge(other.heads[i]);
    }
    skippedRows += other.skippedRows;
  }

  /** Rows left out so far because an element was not finite. */
  public long skippedRows() {
    return skippedRows;
  }

  /** The calibration of what was sampled so far, with {@link CalibrationOptions#DEFAULT}. */
  public Calibration finish() {
    return finish(CalibrationOptions.DEFAULT);
  }

  /**
   * The calibration of what was sampled so far. Changes nothing, so that other options may be tried
   * and sampling may go on.
   *
   * <p>The scales of a head are set so that its sampled keys, as stored, have a root mean square of
   * 1 over all channels. The value scale is the root mean square of the values, rounded to a power
   * of two, and 1 without values. With fewer than 2 keys a head stores its keys as they come.
   */
  public Calibration finish(CalibrationOptions options) {
    Long seed = options.signSeed();
    SplittableRandom random = seed == null ? null : new SplittableRandom(seed);
    List<HeadCalibration> found = new ArrayList<>();
    Map<String, Integer> headsByRule = new TreeMap<>();
    for (HeadStatistics head : heads) {
      float[] signs = new float[headDim];
      for (int c = 0; c < headDim; c++) {
        signs[c] = random != null && random.nextBoolean() ? -1 : 1;
      }
      found.add(head.calibration(options, signs));
      headsByRule.merge(head.scaleRule(options), 1, Integer::sum);
    }
    return new Calibration(layers, kvHeads, found, origin(headsByRule));
  }

  private Origin origin(Map<String, Integer> headsByRule) {
    List<String> rules =
        headsByRule.entrySet().stream()
            .map(
                rule -> rule.getKey() + " in " + rule.getValue() + " of " + heads.length + " heads")
            .toList();
    return new Origin(
        "",
        rules.size() == 1 ? headsByRule.keySet().iterator().next() : String.join(", ", rules),
        Arrays.stream(heads).mapToLong(HeadStatistics::keys).sum(),
        Arrays.stream(heads).mapToLong(HeadStatistics::queries).sum(),
        Arrays.stream(heads).mapToLong(HeadStatistics::values).sum(),
        skippedRows);
  }

  private interface Sampler {
    void add(HeadStatistics head, float[] rows, int offset);
  }

  private void sample(Sampler sampler, int layer, int head, float[] rows, int offset, int count) {
    Calibration.checkPlace(layer, head, layers, kvHeads);
    if (offset < 0 || count < 0 || offset + (long) count * headDim > rows.length) {
      throw new IllegalArgumentException(
          "%d rows of %d floats from %d on are not in an array of %d"
              .formatted(count, headDim, offset, rows.length));
    }
    HeadStatistics statistics = heads[layer * kvHeads + head];
    for (int row = 0; row < count; row++) {
      int from = offset + row * headDim;
      if (isFinite(rows, from)) {
        sampler.add(statistics, rows, from);
      } else {
        skippedRows++;
      }
    }
  }

  private boolean isFinite(float[] rows, int from) {
    for (int c = 0; c < headDim; c++) {
      if (!Float.isFinite(rows[from + c])) {
        return false;
      }
    }
    return true;
  }
}
