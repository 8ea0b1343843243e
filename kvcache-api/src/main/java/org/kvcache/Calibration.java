package org.kvcache;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * The {@link HeadCalibration} of every layer and KV head of a model, and where it comes from.
 *
 * <p>Found by a {@link Calibrator}, kept in two files: {@code name.json}, which a person can read,
 * and beside it {@code name.safetensors} with the numbers. Immutable.
 *
 * @param layers layers of the model, 1 or more
 * @param kvHeads KV heads of a layer, 1 or more
 * @param heads all heads, layer by layer; all of one head dimension
 * @param origin where the numbers come from
 */
public record Calibration(int layers, int kvHeads, List<HeadCalibration> heads, Origin origin) {

  /**
   * Where a calibration comes from; nothing here changes how keys and values are stored.
   *
   * @param model free text that says for which model it is; may be empty
   * @param scaleRule how the scales were found, for people
   * @param keys key rows that were sampled, over all heads
   * @param queries query rows that were sampled, over all heads
   * @param values value rows that were sampled, over all heads
   * @param skippedRows rows of any kind that were left out because an element was not finite
   */
  public record Origin(
      String model, String scaleRule, long keys, long queries, long values, long skippedRows) {

    /** Nothing was sampled. */
    public static final Origin NONE = new Origin("", "identity", 0, 0, 0, 0);

    /** Checks the counts. */
    public Origin {
      Objects.requireNonNull(model);
      Objects.requireNonNull(scaleRule);
      if (keys < 0 || queries < 0 || values < 0 || skippedRows < 0) {
        throw new IllegalArgumentException(
            "rows are counted from 0, not keys %d, queries %d, values %d, skipped %d"
                .formatted(keys, queries, values, skippedRows));
      }
    }
  }

  /**
   * Copies and checks.
   *
   * @throws IllegalArgumentException if there are not {@code layers x kvHeads} heads of one
   *     dimension
   */
  public Calibration {
    heads = List.copyOf(heads);
    Objects.requireNonNull(origin);
    checkShape(layers, kvHeads);
    if (heads.size() != (long) layers * kvHeads) {
      throw new IllegalArgumentException(
          "%d heads are given; %d layers of %d KV heads need %d"
              .formatted(heads.size(), layers, kvHeads, (long) layers * kvHeads));
    }
    int headDim = heads.getFirst().headDim();
    for (int i = 0; i < heads.size(); i++) {
      if (heads.get(i).headDim() != headDim) {
        throw new IllegalArgumentException(
            "layer %d, KV head %d has %d channels, the first has %d; all heads need the same"
                .formatted(i / kvHeads, i % kvHeads, heads.get(i).headDim(), headDim));
      }
    }
  }

  /**
   * Keys and values as they come.
   *
   * @throws IllegalArgumentException if a number is below 1
   */
  public static Calibration identity(int layers, int kvHeads, int headDim) {
    checkShape(layers, kvHeads);
    HeadCalibration head = HeadCalibration.identity(headDim);
    return new Calibration(
        layers,
        kvHeads,
        Collections.nCopies(Math.multiplyExact(layers, kvHeads), head),
        Origin.NONE);
  }

  /**
   * Reads what {@link #save} wrote and checks all of it.
   *
   * @param file the {@code .json} file
   * @throws IllegalArgumentException if a file is damaged, belongs to another or holds numbers that
   *     make no calibration, naming file and field
   * @throws java.io.UncheckedIOException if a file cannot be read
   */
  public static Calibration load(Path file) {
    return CalibrationFile.of(file).load();
  }

  /**
   * Writes this calibration to {@code file} and, beside it, to a file of the same name that ends in
   * {@code .safetensors}: F32 tensors {@code mean}, {@code scale} and {@code signs} of shape
   * [layers, kvHeads, headDim], and {@code value_scale} of [layers, kvHeads].
   *
   * <p>A calibration that was there stays whole until the new one is: its numbers are under {@code
   * name.safetensors} or {@code name-2.safetensors}, and the new ones take the other name.
   *
   * @param file name that ends in {@code .json}
   * @throws IllegalArgumentException if the name does not
   * @throws java.io.UncheckedIOException if a file cannot be written
   */
  public void save(Path file) {
    CalibrationFile.of(file).save(this);
  }

  /**
   * The basis of one layer and KV head.
   *
   * @throws IllegalArgumentException if there is no such layer or head
   */
  public HeadCalibration of(int layer, int head) {
    checkPlace(layer, head, layers, kvHeads);
    return heads.get(layer * kvHeads + head);
  }

  /** Channels of a key, the same in all heads. */
  public int headDim() {
    return heads.getFirst().headDim();
  }

  /** True if all keys and values are stored as they come. */
  public boolean isIdentity() {
    return heads.stream().allMatch(HeadCalibration::isIdentity);
  }

  /** The same numbers, said to be of this model. */
  public Calibration withModel(String model) {
    return new Calibration(
        layers,
        kvHeads,
        heads,
        new Origin(
            model,
            origin.scaleRule(),
            origin.keys(),
            origin.queries(),
            origin.values(),
            origin.skippedRows()));
  }

  @Override
  public String toString() {
    return "calibration[model=%s, layers=%d, kvHeads=%d, headDim=%d, %s]"
        .formatted(origin.model(), layers, kvHeads, headDim(), origin.scaleRule());
  }

  static void checkShape(int layers, int kvHeads) {
    if (layers < 1 || kvHeads < 1) {
      throw new IllegalArgumentException(
          "%d layers of %d KV heads; at least 1 of each is needed".formatted(layers, kvHeads));
    }
  }

  static void checkPlace(int layer, int head, int layers, int kvHeads) {
    if (layer < 0 || layer >= layers || head < 0 || head >= kvHeads) {
      throw new IllegalArgumentException(
          "no layer %d, KV head %d; layers are 0 to %d and KV heads 0 to %d"
              .formatted(layer, head, layers - 1, kvHeads - 1));
    }
  }
}
