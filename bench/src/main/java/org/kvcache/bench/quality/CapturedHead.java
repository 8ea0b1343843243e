package org.kvcache.bench.quality;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kvcache.Calibration;
import org.kvcache.HeadCalibration;
import org.kvcache.safetensors.Safetensors;

/**
 * A KV head captured from a real model, with queries as they are. It is calibrated on the first
 * half of its tokens and every other query and measured on all tokens with the other queries, as a
 * calibration from the start of a text is used for the rest; or with a calibration from a file.
 *
 * @param file tensors {@code k} and {@code v} of shape {@code [layers, kvHeads, tokens, headDim]}
 *     and {@code q} of shape {@code [layers, kvHeads, queries, headDim]}, of any float type
 * @param number which head, counted through all layers
 * @param tokens of the head
 * @param queries of the head, of which at most {@code mostQueries} are taken, evenly
 * @param headDim elements of a row
 * @param mostQueries queries to take
 * @param given a calibration from a file
 */
record CapturedHead(
    Path file,
    int number,
    int tokens,
    int queries,
    int headDim,
    int mostQueries,
    @Nullable HeadCalibration given)
    implements Subject {

  static final String DISTRIBUTION = "captured";

  private static final int DIMENSIONS = 4;

  @Override
  public String distribution() {
    return DISTRIBUTION;
  }

  @Override
  public Data load() {
    float[] keys;
    float[] values;
    float[] asked;
    try (Safetensors tensors = Safetensors.open(file)) {
      keys = rows(tensors, "k", tokens);
      values = rows(tensors, "v", tokens);
      asked = rows(tensors, "q", queries);
    } catch (UncheckedIOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    // A single query has to do for both.
    float[] measured = queries < 2 ? asked : everyOther(asked, 1);
    var sample = new KvSample(headDim, keys, values, chosen(measured));
    if (given != null) {
      return new Data(sample, given);
    }
    int half = tokens / 2 * headDim;
    var seen =
        new KvSample(
            headDim,
            Arrays.copyOf(keys, half),
            Arrays.copyOf(values, half),
            queries < 2 ? asked : everyOther(asked, 0));
    return new Data(sample, SyntheticHead.calibration(seen));
  }

  private float[] rows(Safetensors tensors, String name, int count) {
    int elements = count * headDim;
    float[] rows = tensors.floats(name, (long) number * elements, elements);
    for (int i = 0; i < elements; i++) {
      if (!Float.isFinite(rows[i])) {
        throw new IllegalArgumentException(
            "%s: tensor '%s' has %s in row %d of head %d; leave such tokens out"
                .formatted(file, name, rows[i], i / headDim, number));
      }
    }
    return rows;
  }

  private float[] everyOther(float[] all, int first) {
    float[] half = new float[(queries - first + 1) / 2 * headDim];
    for (int i = 0; i < half.length / headDim; i++) {
      System.arraycopy(all, (2 * i + first) * headDim, half, i * headDim, headDim);
    }
    return half;
  }

  private float[] chosen(float[] all) {
    int rows = all.length / headDim;
    int count = Math.min(rows, mostQueries);
    float[] chosen = new float[count * headDim];
    for (int i = 0; i < count; i++) {
      int from = (int) ((long) i * rows / count);
      System.arraycopy(all, from * headDim, chosen, i * headDim, headDim);
    }
    return chosen;
  }

  /**
   * All heads of a file.
   *
   * @param calibrationFile calibration of all of them
   * @throws IllegalArgumentException if a file is not as it should be
   */
  static List<Subject> all(Path file, @Nullable Path calibrationFile, int mostQueries) {
    try (Safetensors tensors = Safetensors.open(file)) {
      int[] keys = shape(tensors, "k");
      int[] queries = shape(tensors, "q");
      check(file, keys, shape(tensors, "v"), queries);
      Calibration calibration = calibrationFile == null ? null : calibration(calibrationFile, keys);
      var heads = new ArrayList<Subject>();
      for (int layer = 0; layer < keys[0]; layer++) {
        for (int head = 0; head < keys[1]; head++) {
          heads.add(
              new CapturedHead(
                  file,
                  layer * keys[1] + head,
                  keys[2],
                  queries[2],
                  keys[3],
                  mostQueries,
                  calibration == null ? null : calibration.of(layer, head)));
        }
      }
      return heads;
    } catch (UncheckedIOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static int[] shape(Safetensors tensors, String name) {
    List<Long> shape = tensors.info(name).shape();
    if (shape.size() != DIMENSIONS
        || shape.stream().anyMatch(size -> size < 1 || size > Integer.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "%s: tensor '%s' is %s; it must be [layers, kvHeads, tokens, headDim], none of them 0"
              .formatted(tensors.file(), name, shape));
    }
    return shape.stream().mapToInt(Long::intValue).toArray();
  }

  private static void check(Path file, int[] keys, int[] values, int[] queries) {
    if (!Arrays.equals(keys, values)
        || queries[0] != keys[0]
        || queries[1] != keys[1]
        || queries[3] != keys[3]) {
      throw new IllegalArgumentException(
          "%s: k is %s, v %s and q %s; all must have the same layers, KV heads and head dim, and k and v the same tokens"
              .formatted(
                  file, Arrays.toString(keys), Arrays.toString(values), Arrays.toString(queries)));
    }
    if (keys[2] < SchemeTrial.BLOCK_TOKENS) {
      throw new IllegalArgumentException(
          "%s: holds %d tokens of a head; capture at least %d, one block"
              .formatted(file, keys[2], SchemeTrial.BLOCK_TOKENS));
    }
    QualitySettings.checkSize(keys[2], keys[3], queries[2]);
  }

  private static Calibration calibration(Path file, int[] keys) {
    Calibration calibration = Calibration.load(file);
    if (calibration.layers() != keys[0]
        || calibration.kvHeads() != keys[1]
        || calibration.headDim() != keys[3]) {
      throw new IllegalArgumentException(
          "%s: is for %d layers, %d KV heads and head dim %d, but --kv holds %d, %d and %d; calibrate on the same model"
              .formatted(
                  file,
                  calibration.layers(),
                  calibration.kvHeads(),
                  calibration.headDim(),
                  keys[0],
                  keys[1],
                  keys[3]));
    }
    return calibration;
  }
}
