package org.kvcache.bench.engine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kvcache.safetensors.Safetensors;

/**
 * The tensors of a model under the names of Hugging Face's Llama, Qwen2 (biases) and Qwen3 (norms
 * of queries and keys).
 */
final class Weights {

  /** One layer. */
  record Layer(
      Norm attentionNorm,
      Linear q,
      Linear k,
      Linear v,
      Linear o,
      @Nullable Norm qNorm,
      @Nullable Norm kNorm,
      Norm feedForwardNorm,
      Linear gate,
      Linear up,
      Linear down) {}

  final float[] embedding;
  final List<Layer> layers = new ArrayList<>();
  final Norm norm;
  final Linear output;

  private Weights(ModelConfig config, Safetensors file) {
    int hidden = config.hidden();
    embedding = tensor(file, "model.embed_tokens.weight", config.vocabulary() * hidden);
    norm = norm(config, file, "model.norm.weight", hidden);
    output =
        file.has("lm_head.weight")
            ? linear(file, "lm_head", config.vocabulary(), hidden)
            : new Linear(embedding, null, config.vocabulary(), hidden);
    int queryDim = config.heads() * config.headDim();
    int kvDim = config.kvHeads() * config.headDim();
    for (int i = 0; i < config.layers(); i++) {
      String name = "model.layers." + i + ".";
      String attention = name + "self_attn.";
      layers.add(
          new Layer(
              norm(config, file, name + "input_layernorm.weight", hidden),
              linear(file, attention + "q_proj", queryDim, hidden),
              linear(file, attention + "k_proj", kvDim, hidden),
              linear(file, attention + "v_proj", kvDim, hidden),
              linear(file, attention + "o_proj", hidden, queryDim),
              headNorm(config, file, attention + "q_norm.weight"),
              headNorm(config, file, attention + "k_norm.weight"),
              norm(config, file, name + "post_attention_layernorm.weight", hidden),
              linear(file, name + "mlp.gate_proj", config.intermediate(), hidden),
              linear(file, name + "mlp.up_proj", config.intermediate(), hidden),
              linear(file, name + "mlp.down_proj", hidden, config.intermediate())));
    }
  }

  /**
   * Reads {@code model.safetensors}.
   *
   * @throws IllegalArgumentException if a tensor is missing or of another size, naming it
   */
  static Weights read(ModelConfig config, Path file) {
    try (Safetensors tensors = Safetensors.open(file)) {
      return new Weights(config, tensors);
    }
  }

  private static Norm norm(ModelConfig config, Safetensors file, String name, int length) {
    return new Norm(tensor(file, name, length), config.epsilon());
  }

  private static @Nullable Norm headNorm(ModelConfig config, Safetensors file, String name) {
    return file.has(name) ? norm(config, file, name, config.headDim()) : null;
  }

  private static Linear linear(Safetensors file, String name, int outputs, int inputs) {
    float[] rows = tensor(file, name + ".weight", outputs * inputs);
    return new Linear(rows, optional(file, name + ".bias", outputs), outputs, inputs);
  }

  private static float @Nullable [] optional(Safetensors file, String name, int length) {
    return file.has(name) ? tensor(file, name, length) : null;
  }

  private static float[] tensor(Safetensors file, String name, int length) {
    float[] values = file.floats(name);
    if (values.length != length) {
      throw new IllegalArgumentException(
          "%s: tensor '%s' has %d elements, config.json says %d"
              .formatted(file.file(), name, values.length, length));
    }
    return values;
  }
}
