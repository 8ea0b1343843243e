package org.kvcache.bench.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.kvcache.KvShape;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The shape of a decoder, as {@code config.json} has it.
 *
 * @param hidden channels of the residual stream
 * @param intermediate channels of the feed-forward part
 * @param layers layers
 * @param heads query heads
 * @param kvHeads KV heads
 * @param headDim channels of a head
 * @param vocabulary tokens
 * @param epsilon of RMSNorm
 * @param ropeTheta base of the rotary frequencies
 */
public record ModelConfig(
    int hidden,
    int intermediate,
    int layers,
    int heads,
    int kvHeads,
    int headDim,
    int vocabulary,
    double epsilon,
    double ropeTheta) {

  /**
   * Reads {@code config.json}.
   *
   * @throws IllegalArgumentException naming the file and the field that is missing
   */
  public static ModelConfig read(Path file) {
    JsonNode json;
    try {
      json = JsonMapper.builder().build().readTree(Files.readString(file));
    } catch (JacksonException e) {
      throw new IllegalArgumentException(file + ": not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
    int hidden = number(file, json, "hidden_size");
    int heads = number(file, json, "num_attention_heads");
    return new ModelConfig(
        hidden,
        number(file, json, "intermediate_size"),
        number(file, json, "num_hidden_layers"),
        heads,
        json.has("num_key_value_heads") ? number(file, json, "num_key_value_heads") : heads,
        json.has("head_dim") ? number(file, json, "head_dim") : hidden / heads,
        number(file, json, "vocab_size"),
        json.path("rms_norm_eps").asDouble(1e-6),
        json.path("rope_theta").asDouble(10_000));
  }

  private static int number(Path file, JsonNode json, String field) {
    if (!json.path(field).isIntegralNumber()) {
      throw new IllegalArgumentException(file + ": field '" + field + "' is not a whole number");
    }
    return json.path(field).asInt();
  }

  /** What a {@link org.kvcache.KvCache} for this model is opened with. */
  public KvShape kvShape() {
    return KvShape.of(layers, kvHeads, headDim, heads);
  }
}
