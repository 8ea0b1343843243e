package org.kvcache.bench.model;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.kvcache.safetensors.SafetensorsWriter;

/** A Llama with normal random weights: for how far logits move, not for what it says. */
public final class RandomModel {

  private static final int HIDDEN = 256;
  private static final int LAYERS = 3;

  private RandomModel() {}

  /** Writes the model of a seed into a directory, which must exist. */
  public static void write(Path directory, long seed) {
    var random = new Random(seed);
    var writer = new SafetensorsWriter();
    int queryDim = InductionModel.HEADS * InductionModel.HEAD_DIM;
    int kvDim = InductionModel.KV_HEADS * InductionModel.HEAD_DIM;
    matrix(writer, random, "model.embed_tokens", Vocabulary.size(), HIDDEN, Math.sqrt(HIDDEN));
    matrix(writer, random, "lm_head", Vocabulary.size(), HIDDEN, 1);
    norm(writer, "model.norm");
    for (int layer = 0; layer < LAYERS; layer++) {
      String name = "model.layers." + layer + ".";
      norm(writer, name + "input_layernorm");
      norm(writer, name + "post_attention_layernorm");
      matrix(writer, random, name + "self_attn.q_proj", queryDim, HIDDEN, 1);
      matrix(writer, random, name + "self_attn.k_proj", kvDim, HIDDEN, 1);
      matrix(writer, random, name + "self_attn.v_proj", kvDim, HIDDEN, 1);
      matrix(writer, random, name + "self_attn.o_proj", HIDDEN, queryDim, 1);
      matrix(writer, random, name + "mlp.gate_proj", InductionModel.INTERMEDIATE, HIDDEN, 1);
      matrix(writer, random, name + "mlp.up_proj", InductionModel.INTERMEDIATE, HIDDEN, 1);
      matrix(writer, random, name + "mlp.down_proj", HIDDEN, InductionModel.INTERMEDIATE, 1);
    }
    writer.write(directory.resolve("model.safetensors"));
    InductionModel.writeConfig(directory, HIDDEN, LAYERS, 10_000);
  }

  private static void matrix(
      SafetensorsWriter writer, Random random, String name, int rows, int columns, double gain) {
    float[] elements = new float[rows * columns];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = (float) (random.nextGaussian() * gain / Math.sqrt(columns));
    }
    writer.add(name + ".weight", elements, rows, columns);
  }

  private static void norm(SafetensorsWriter writer, String name) {
    float[] ones = new float[HIDDEN];
    Arrays.fill(ones, 1);
    writer.add(name + ".weight", ones, HIDDEN);
  }
}
