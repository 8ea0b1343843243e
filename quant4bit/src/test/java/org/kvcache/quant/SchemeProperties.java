package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import org.kvcache.HeadCalibration;
import org.kvcache.spi.BlockReader;
import org.kvcache.spi.SchemeSpec;

@Tag("vector")
class SchemeProperties {

  private static final int ROWS = 128;

  @Provide
  Arbitrary<String> schemes() {
    return Arbitraries.of(
        "lm16",
        "mxfp4",
        "mxfp4m",
        "k8v4",
        "ultraquant",
        "turbo4",
        "kivi4",
        "fp8",
        "bf16",
        "f32",
        "fp8+lm16",
        "mxfp4:ocp+int4",
        "nvfp4+q4_0",
        "bf16+bf16",
        "fp8:row+kivi4");
  }

  @Provide
  Arbitrary<Integer> dims() {
    return Arbitraries.of(64, 128, 256);
  }

  private static Block block(String scheme, int dim, long seed) {
    return new Block(scheme, dim, ROWS, Block.calibrationFor(scheme, dim, seed), seed);
  }

  /** Squared error of the format, with room for chance. */
  private static double error(String format) {
    return switch (format) {
      case "bf16" -> 4e-6;
      case "f32" -> 1e-12;
      case "fp8", "fp8:row" -> 1e-3;
      case "mxfp4:uq" -> 0.021;
      default -> 0.016;
    };
  }

  private static double relativeError(float[] actual, float[] expected, float[] mean) {
    double error = 0;
    double size = 0;
    for (int i = 0; i < expected.length; i++) {
      double x = (double) expected[i] - mean[i % mean.length];
      error += Math.pow((double) actual[i] - expected[i], 2);
      size += x * x;
    }
    return error / size;
  }

  @Property(tries = 60, seed = "1")
  void blocksReadBackWithinTheErrorOfTheirFormats(
      @ForAll("schemes") String name, @ForAll("dims") int dim, @ForAll long seed) {
    Block block = block(name, dim, seed).write();
    SchemeSpec scheme = block.codec.scheme();
    assertThat(relativeError(block.readKeys(), block.keys, block.calibration.mean()))
        .isLessThan(1.25 * error(scheme.keys()));
    assertThat(relativeError(block.readValues(), block.values, new float[dim]))
        .isLessThan(error(scheme.values()));
  }

  @Property(tries = 60, seed = "2")
  void logitsAreThoseOfTheKeysWithoutTheirMean(
      @ForAll("schemes") String name, @ForAll("dims") int dim, @ForAll long seed) {
    Block block = block(name, dim, seed).write();
    float[] q = Rows.GAUSSIAN.of(dim, ~seed);
    float[] logits = block.score(q);
    float[] seen = q.clone();
    if (block.codec.scheme().fp8Queries()) {
      ScalarHadamard.INSTANCE.transform(seen, 0, dim);
      for (int i = 0; i < dim; i++) {
        seen[i] = (float) FloatFormat.E4M3.value(FloatFormat.E4M3.nearest(seen[i]));
      }
      ScalarHadamard.INSTANCE.transform(seen, 0, dim);
    }
    float[] keys = block.readKeys();
    float[] mean = block.calibration.mean();
    for (int row = 0; row < ROWS; row++) {
      double logit = 0;
      for (int i = 0; i < dim; i++) {
        logit += (double) seen[i] * ((double) keys[row * dim + i] - mean[i]);
      }
      assertThat((double) logits[row]).isCloseTo(logit, within(3e-4));
    }
  }

  @Property(tries = 60, seed = "3")
  void calibrationLeavesTheLogitsOfBf16(@ForAll("dims") int dim, @ForAll long seed) {
    Block block = block("bf16+bf16", dim, seed).write();
    float[] q = Rows.GAUSSIAN.of(dim, ~seed);
    float[] logits = block.score(q);
    HeadCalibration calibration = block.calibration;
    for (int row = 0; row < ROWS; row++) {
      double logit = 0;
      double queries = 0;
      double keys = 0;
      for (int i = 0; i < dim; i++) {
        double key = (double) block.keys[row * dim + i] - calibration.mean()[i];
        logit += q[i] * key;
        queries += Math.pow(q[i] * calibration.scale()[i], 2);
        keys += Math.pow(key / calibration.scale()[i], 2);
      }
      double bound = 0x1p-9 * 1.01 * Math.sqrt(queries * keys);
      assertThat((double) logits[row]).isCloseTo(logit, within(bound));
    }
  }

  @Property(tries = 60, seed = "4")
  void outputsAreTheWeightedSumsOfTheValues(
      @ForAll("schemes") String name, @ForAll("dims") int dim, @ForAll long seed) {
    Block block = block(name, dim, seed).write();
    float[] weights = Rows.GAUSSIAN.of(ROWS, ~seed);
    float[] out = block.output(weights);
    float[] values = block.readValues();
    double error = 0;
    double size = 0;
    for (int i = 0; i < dim; i++) {
      double stored = 0;
      double exact = 0;
      for (int row = 0; row < ROWS; row++) {
        stored += (double) weights[row] * values[row * dim + i];
        exact += (double) weights[row] * block.values[row * dim + i];
      }
      assertThat((double) out[i]).isCloseTo(stored, within(2e-4));
      error += Math.pow(out[i] - exact, 2);
      size += exact * exact;
    }
    assertThat(error / size).isLessThan(2 * error(block.codec.scheme().values()));
  }

  @Property(tries = 40, seed = "5")
  void rowsWrittenInPiecesAreTheWholeBlock(
      @ForAll("schemes") String name, @ForAll("dims") int dim, @ForAll long seed) {
    Block whole = block(name, dim, seed).write();
    int group = Math.max(whole.codec.keys().rowGroup(), whole.codec.values().rowGroup());
    for (int step : new int[] {1, 7, 50}) {
      byte[] pieces = block(name, dim, seed).write(group > 1 ? group : step).bytes();
      assertThat(pieces).isEqualTo(whole.bytes());
    }
  }

  @Property(tries = 40, seed = "6")
  void blocksAreReadInPieces(@ForAll("dims") int dim, @ForAll long seed) {
    Block block = block("lm16", dim, seed).write();
    BlockReader reader = block.codec.newReader(2);
    float[] q = Rows.GAUSSIAN.of(2 * dim, ~seed);
    reader.query(0, q, 0);
    reader.query(1, q, dim);
    float[] all = new float[2 * ROWS];
    reader.score(block.memory, Block.AT, 0, ROWS, all, 0, ROWS);
    float[] pieces = new float[2 * ROWS];
    for (int row = 0; row < ROWS; row += 30) {
      int count = Math.min(30, ROWS - row);
      reader.score(block.memory, Block.AT, row, count, pieces, row, ROWS);
    }
    assertThat(pieces).isEqualTo(all);
    float[] keys = block.readKeys();
    float[] some = new float[3 + 9 * dim];
    reader.keys(block.memory, Block.AT, 101, 9, some, 3);
    for (int i = 0; i < 9 * dim; i++) {
      assertThat(some[3 + i]).isEqualTo(keys[101 * dim + i]);
    }
  }

  @Property(tries = 40, seed = "7")
  void sumsAreRescaledOnTheWay(
      @ForAll("schemes") String name, @ForAll("dims") int dim, @ForAll long seed) {
    Block block = block(name, dim, seed).write();
    BlockReader reader = block.codec.newReader(2);
    float[] weights = Rows.GAUSSIAN.of(2 * ROWS, ~seed);
    reader.add(weights, 0, ROWS, block.memory, Block.AT, 0, ROWS);
    reader.clear();
    reader.add(weights, 0, ROWS, block.memory, Block.AT, 0, ROWS);
    reader.rescale(1, 0.25f);
    reader.add(weights, 0, ROWS, block.memory, Block.AT, 0, ROWS);
    float[] out = new float[1 + 2 * dim];
    reader.output(0, out, 1);
    reader.output(1, out, 1 + dim);
    for (int head = 0; head < 2; head++) {
      float[] one = new float[ROWS];
      System.arraycopy(weights, head * ROWS, one, 0, ROWS);
      float[] once = block.output(one);
      for (int i = 0; i < dim; i++) {
        float expected = once[i] * (head == 0 ? 2 : 1.25f);
        assertThat(out[1 + head * dim + i]).isCloseTo(expected, within(3e-4f));
      }
    }
  }
}
