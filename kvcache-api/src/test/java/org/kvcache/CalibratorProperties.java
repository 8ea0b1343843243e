package org.kvcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class CalibratorProperties {

  private static final int DIM = 6;

  /** Rows of channels with unlike means and spreads. */
  private static float[] rows(long seed, int count) {
    var random = new Random(seed);
    double[] mean = new double[DIM];
    double[] spread = new double[DIM];
    for (int c = 0; c < DIM; c++) {
      mean[c] = 30 * random.nextGaussian();
      spread[c] = Math.exp(2 * random.nextGaussian());
    }
    float[] rows = new float[count * DIM];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) (mean[i % DIM] + spread[i % DIM] * random.nextGaussian());
    }
    return rows;
  }

  private static Calibrator calibrator(float[] keys, float[] queries, float[] values) {
    var calibrator = new Calibrator(1, 1, DIM);
    calibrator.keys(0, 0, keys, 0, keys.length / DIM);
    calibrator.queries(0, 0, queries, 0, queries.length / DIM);
    calibrator.values(0, 0, values, 0, values.length / DIM);
    return calibrator;
  }

  private static void assertClose(HeadCalibration actual, HeadCalibration expected) {
    for (int c = 0; c < DIM; c++) {
      float mean = expected.mean()[c];
      float scale = expected.scale()[c];
      assertThat(actual.mean()[c]).isCloseTo(mean, within(1e-5f * (1 + Math.abs(mean))));
      assertThat(actual.scale()[c]).isCloseTo(scale, within(1e-5f * scale));
    }
    assertThat(actual.valueScale()).isEqualTo(expected.valueScale());
  }

  private static double rms(float[] rows, int channel, double about) {
    double sum = 0;
    for (int i = channel; i < rows.length; i += DIM) {
      sum += (rows[i] - about) * (rows[i] - about);
    }
    return Math.sqrt(sum / (rows.length / DIM));
  }

  private static double mean(float[] rows, int channel) {
    double sum = 0;
    for (int i = channel; i < rows.length; i += DIM) {
      sum += rows[i];
    }
    return sum / (rows.length / DIM);
  }

  @Property(tries = 200)
  void agreesWithTwoPasses(@ForAll long seed, @ForAll @IntRange(min = 20, max = 300) int count) {
    float[] keys = rows(seed, count);
    float[] queries = rows(seed + 1, count);
    double keyFloor = 0;
    double queryFloor = 0;
    for (int c = 0; c < DIM; c++) {
      keyFloor += 1e-3 * rms(keys, c, mean(keys, c)) / DIM;
      queryFloor += 1e-3 * rms(queries, c, 0) / DIM;
    }
    double[] wanted = new double[DIM];
    double energy = 0;
    for (int c = 0; c < DIM; c++) {
      double spread = rms(keys, c, mean(keys, c));
      double weight = Math.max(queryFloor, rms(queries, c, 0));
      wanted[c] = Math.sqrt(Math.max(keyFloor, spread) / weight);
      energy += spread * spread / (wanted[c] * wanted[c]);
    }
    HeadCalibration head = calibrator(keys, queries, new float[0]).finish().of(0, 0);
    for (int c = 0; c < DIM; c++) {
      double scale = wanted[c] * Math.sqrt(energy / DIM);
      assertThat((double) head.mean()[c]).isCloseTo(mean(keys, c), within(1e-5));
      assertThat((double) head.scale()[c]).isCloseTo(scale, within(1e-6 * scale));
    }
  }

  @Property(tries = 200)
  void mergedPartsEqualTheWhole(
      @ForAll long seed,
      @ForAll @IntRange(max = 50) int keysHere,
      @ForAll @IntRange(max = 50) int queriesHere) {
    float[] keys = rows(seed, 50);
    float[] queries = rows(seed + 1, 50);
    float[] values = rows(seed + 2, 50);
    Calibrator whole = calibrator(keys, queries, values);
    Calibrator here = new Calibrator(1, 1, DIM);
    here.keys(0, 0, keys, 0, keysHere);
    here.queries(0, 0, queries, 0, queriesHere);
    here.values(0, 0, values, 0, 50);
    Calibrator there = new Calibrator(1, 1, DIM);
    there.keys(0, 0, keys, keysHere * DIM, 50 - keysHere);
    there.queries(0, 0, queries, queriesHere * DIM, 50 - queriesHere);
    here.merge(there);
    assertClose(here.finish().of(0, 0), whole.finish().of(0, 0));
    assertThat(here.finish().origin()).isEqualTo(whole.finish().origin());
  }

  @Property(tries = 200)
  void orderDoesNotMatter(@ForAll long seed, @ForAll long shuffle) {
    float[] keys = rows(seed, 100);
    float[] queries = rows(seed + 1, 100);
    assertClose(
        calibrator(shuffled(keys, shuffle), shuffled(queries, shuffle), keys).finish().of(0, 0),
        calibrator(keys, queries, shuffled(keys, shuffle)).finish().of(0, 0));
  }

  private static float[] shuffled(float[] rows, long seed) {
    var random = new Random(seed);
    float[] shuffled = rows.clone();
    for (int last = rows.length / DIM - 1; last > 0; last--) {
      int other = random.nextInt(last + 1);
      for (int c = 0; c < DIM; c++) {
        float kept = shuffled[last * DIM + c];
        shuffled[last * DIM + c] = shuffled[other * DIM + c];
        shuffled[other * DIM + c] = kept;
      }
    }
    return shuffled;
  }

  @Property(tries = 200)
  void sampledKeysAreStoredWithUnitEnergy(
      @ForAll long seed, @ForAll boolean mean, @ForAll boolean channels, @ForAll boolean queries) {
    float[] keys = rows(seed, 100);
    HeadCalibration head =
        calibrator(keys, queries ? rows(seed + 1, 100) : new float[0], new float[0])
            .finish(new CalibrationOptions(mean, channels, null))
            .of(0, 0);
    double energy = 0;
    for (int i = 0; i < keys.length; i++) {
      double stored = (keys[i] - head.mean()[i % DIM]) / head.scale()[i % DIM];
      energy += stored * stored;
    }
    assertThat(energy / keys.length).isCloseTo(1, within(1e-3));
  }

  @Property(tries = 200)
  void scoresArePreservedUpToOneConstantPerQuery(@ForAll long seed, @ForAll long signs) {
    float[] keys = rows(seed, 30);
    float[] queries = rows(seed + 1, 30);
    HeadCalibration head =
        calibrator(keys, queries, new float[0])
            .finish(CalibrationOptions.DEFAULT.withSigns(signs))
            .of(0, 0);
    for (int row = 0; row < 30; row++) {
      double stored = 0;
      double expected = 0;
      double size = 0;
      for (int c = 0; c < DIM; c++) {
        double key = keys[row * DIM + c];
        double query = queries[row * DIM + c];
        double sign = head.signs()[c];
        double scale = head.scale()[c];
        stored += sign * query * scale * (sign * (key - head.mean()[c]) / scale);
        expected += query * key - query * head.mean()[c];
        size += Math.abs(query * key);
      }
      assertThat(stored).isCloseTo(expected, within(1e-9 * size));
    }
  }

  @Property(tries = 100)
  void largeMeansCostNoPrecision(@ForAll long seed) {
    float[] keys = rows(seed, 200);
    float[] far = keys.clone();
    for (int i = 0; i < far.length; i++) {
      keys[i] = Math.round(keys[i] * 16) / 16f;
      far[i] = keys[i] + 65536;
    }
    HeadCalibration near = calibrator(keys, new float[0], new float[0]).finish().of(0, 0);
    HeadCalibration moved = calibrator(far, new float[0], new float[0]).finish().of(0, 0);
    for (int c = 0; c < DIM; c++) {
      assertThat(moved.scale()[c]).isCloseTo(near.scale()[c], within(1e-5f * near.scale()[c]));
    }
  }
}
