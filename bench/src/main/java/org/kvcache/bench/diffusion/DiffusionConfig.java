package org.kvcache.bench.diffusion;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.kvcache.KvShape;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The shape of a block-diffusion model, as its {@code config.json} has it.
 *
 * @param vocabulary tokens, the mask and unused ones included
 * @param hidden channels of the residual stream
 * @param layers layers
 * @param heads query heads
 * @param kvHeads KV heads
 * @param headDim channels of a head
 * @param intermediate channels of the feed-forward part
 * @param block tokens of a block
 * @param mask the token that stands for "not known yet"; those before it can be generated
 * @param steps denoising steps of a block
 * @param epsilon of RMSNorm
 * @param frequencies radians per position of the rotated pairs of channels; the channels after them
 *     are not rotated
 */
public record DiffusionConfig(
    int vocabulary,
    int hidden,
    int layers,
    int heads,
    int kvHeads,
    int headDim,
    int intermediate,
    int block,
    int mask,
    int steps,
    double epsilon,
    List<Double> frequencies) {

  /** Copies the list. */
  public DiffusionConfig {
    frequencies = List.copyOf(frequencies);
  }

  /**
   * Reads {@code config.json}.
   *
   * @throws IllegalArgumentException naming the file and the field that is missing
   */
  static DiffusionConfig read(Path file) {
    JsonNode json;
    try {
      json = JsonMapper.shared().readTree(Files.readString(file));
    } catch (JacksonException e) {
      throw new IllegalArgumentException(file + ": not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
    int headDim = number(file, json, "head_dim");
    return new DiffusionConfig(
        number(file, json, "vocab"),
        number(file, json, "d_model"),
        number(file, json, "n_layers"),
        number(file, json, "n_q"),
        number(file, json, "n_kv"),
        headDim,
        number(file, json, "d_ff"),
        number(file, json, "block"),
        number(file, json, "mask_id"),
        number(file, json, "denoise_steps"),
        json.path("eps").asDouble(1e-6),
        frequencies(file, json, headDim / 2));
  }

  private static List<Double> frequencies(Path file, JsonNode json, int most) {
    var frequencies = new ArrayList<Double>();
    json.path("rope_inv_freq").forEach(frequency -> frequencies.add(frequency.asDouble()));
    if (frequencies.isEmpty() || frequencies.size() > most) {
      throw new IllegalArgumentException(
          file + ": field 'rope_inv_freq' is not a list of 1 to " + most + " numbers");
    }
    return frequencies;
  }

  private static int number(Path file, JsonNode json, String field) {
    if (!json.path(field).isIntegralNumber()) {
      throw new IllegalArgumentException(file + ": field '" + field + "' is not a whole number");
    }
    return json.path(field).asInt();
  }

  /** Channels of all query heads together. */
  public int queryDim() {
    return heads * headDim;
  }

  /** Channels of all KV heads together. */
  public int kvDim() {
    return kvHeads * headDim;
  }

  /** What a {@link org.kvcache.KvCache} for this model is opened with. */
  public KvShape kvShape() {
    return KvShape.of(layers, kvHeads, headDim, heads);
  }
}
