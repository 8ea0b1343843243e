package org.kvcache.bench.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.kvcache.AtomicFile;
import org.kvcache.safetensors.SafetensorsWriter;
import tools.jackson.databind.json.JsonMapper;

/**
 * A Llama of two layers whose weights are computed, not trained, and which goes on with a text by
 * what followed when its last three characters stood before (an induction head, Olsson et al.
 * 2022). So {@code T + T[0:n]} is continued by the rest of {@code T} if no run of three characters
 * comes twice in {@code T}, and the right answer to a prompt is known.
 *
 * <p>Each token has a code of {@value #CODE} signs. In layer 0 three heads look exactly 1, 2 and 3
 * tokens back and copy the code they find there; their keys are constant, so the score is a sum of
 * cosines of rotary angles, greatest at the wanted distance. In layer 1 one head compares the codes
 * of the last three tokens with those before each position, in channels that rotate so slowly that
 * thousands of tokens do not matter, and copies the code it finds at the match. The output matrix
 * holds the codes.
 *
 * <p>Written as Hugging Face writes models: {@code config.json}, {@code model.safetensors}.
 */
public final class InductionModel {

  static final int HIDDEN = 512;
  static final int HEADS = 4;
  static final int KV_HEADS = 2;
  static final int HEAD_DIM = 128;
  static final int LAYERS = 2;
  static final int INTERMEDIATE = 64;
  static final double ROPE_THETA = 1e11;
  static final double EPSILON = 1e-6;

  private static final int CODE = 21;

  // Channels of the residual stream.
  private static final int CONSTANT = 0;
  private static final int CURRENT = 32;
  private static final int PREVIOUS = 64; // three codes, 32 channels each
  private static final int NEXT = 192;
  private static final double CONSTANT_SIZE = 8;

  // The first pair turns fastest and tells neighbours apart, the others tell its full turns apart.
  private static final int DISTANCE_PAIRS = 16;
  private static final double FIRST_PAIR = 0.5;
  private static final double DISTANCE_LOGIT = 120;

  // Pairs that turn by less than a fiftieth over thousands of tokens.
  private static final int SLOW_PAIRS = 32;
  private static final double MATCH_LOGIT = 110;

  private final double[][] codes;

  private InductionModel() {
    codes = codes();
  }

  /**
   * Writes the model into a directory, which must exist.
   *
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public static void write(Path directory) {
    new InductionModel().weights().write(directory.resolve("model.safetensors"));
    writeConfig(directory, HIDDEN, LAYERS, ROPE_THETA);
    TokenizerFiles.write(directory, Vocabulary.texts());
  }

  static void writeConfig(Path directory, int hidden, int layers, double theta) {
    Map<String, Object> config =
        Map.ofEntries(
            Map.entry("architectures", List.of("LlamaForCausalLM")),
            Map.entry("model_type", "llama"),
            Map.entry("hidden_size", hidden),
            Map.entry("intermediate_size", INTERMEDIATE),
            Map.entry("num_hidden_layers", layers),
            Map.entry("num_attention_heads", HEADS),
            Map.entry("num_key_value_heads", KV_HEADS),
            Map.entry("head_dim", HEAD_DIM),
            Map.entry("hidden_act", "silu"),
            Map.entry("rms_norm_eps", EPSILON),
            Map.entry("rope_theta", theta),
            Map.entry("max_position_embeddings", 8192),
            Map.entry("vocab_size", Vocabulary.size()),
            Map.entry("bos_token_id", Vocabulary.BEGIN),
            Map.entry("eos_token_id", Vocabulary.END),
            Map.entry("tie_word_embeddings", false),
            Map.entry("torch_dtype", "float32"));
    byte[] json =
        JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsBytes(config);
    AtomicFile.write(directory.resolve("config.json"), out -> out.write(json));
  }

  private SafetensorsWriter weights() {
    var writer = new SafetensorsWriter();
    writer.add("model.embed_tokens.weight", embedding(), Vocabulary.size(), HIDDEN);
    writer.add("lm_head.weight", output(), Vocabulary.size(), HIDDEN);
    writer.add("model.norm.weight", ones(), HIDDEN);
    for (int layer = 0; layer < LAYERS; layer++) {
      String name = "model.layers." + layer + ".";
      Matrix q = new Matrix(HEADS * HEAD_DIM, HIDDEN);
      Matrix k = new Matrix(KV_HEADS * HEAD_DIM, HIDDEN);
      Matrix v = new Matrix(KV_HEADS * HEAD_DIM, HIDDEN);
      Matrix o = new Matrix(HIDDEN, HEADS * HEAD_DIM);
      if (layer == 0) {
        lookBack(q, k, v, o);
      } else {
        lookForMatch(q, k, v, o);
      }
      q.addTo(writer, name + "self_attn.q_proj.weight");
      k.addTo(writer, name + "self_attn.k_proj.weight");
      v.addTo(writer, name + "self_attn.v_proj.weight");
      o.addTo(writer, name + "self_attn.o_proj.weight");
      writer.add(name + "input_layernorm.weight", ones(), HIDDEN);
      writer.add(name + "post_attention_layernorm.weight", ones(), HIDDEN);
      new Matrix(INTERMEDIATE, HIDDEN).addTo(writer, name + "mlp.gate_proj.weight");
      new Matrix(INTERMEDIATE, HIDDEN).addTo(writer, name + "mlp.up_proj.weight");
      new Matrix(HIDDEN, INTERMEDIATE).addTo(writer, name + "mlp.down_proj.weight");
    }
    return writer;
  }

  private static float[] ones() {
    float[] ones = new float[HIDDEN];
    Arrays.fill(ones, 1);
    return ones;
  }

  private float[] embedding() {
    var matrix = new Matrix(Vocabulary.size(), HIDDEN);
    for (int token = 0; token < Vocabulary.size(); token++) {
      matrix.set(token, CONSTANT, CONSTANT_SIZE);
      for (int c = 0; c < CODE; c++) {
        matrix.set(token, CURRENT + c, codes[token][c]);
      }
    }
    return matrix.elements;
  }

  private float[] output() {
    var matrix = new Matrix(Vocabulary.size(), HIDDEN);
    for (int token = 0; token < Vocabulary.size(); token++) {
      for (int c = 0; c < CODE; c++) {
        matrix.set(token, NEXT + c, codes[token][c]);
      }
    }
    return matrix.elements;
  }

  /** What RMSNorm divides by when so many codes stand beside the constant. */
  private static double norm(int codes) {
    return Math.sqrt((CONSTANT_SIZE * CONSTANT_SIZE + codes * CODE) / HIDDEN + EPSILON);
  }

  private static void lookBack(Matrix q, Matrix k, Matrix v, Matrix o) {
    double constant = CONSTANT_SIZE / norm(1);
    for (int pair = 0; pair < DISTANCE_PAIRS; pair++) {
      double share = pair == 0 ? FIRST_PAIR : (1 - FIRST_PAIR) / (DISTANCE_PAIRS - 1);
      double size = Math.sqrt(share * DISTANCE_LOGIT * Math.sqrt(HEAD_DIM));
      double turn = Math.pow(ROPE_THETA, -2.0 * pair / HEAD_DIM);
      for (int head = 0; head < KV_HEADS; head++) {
        k.set(head * HEAD_DIM + pair, CONSTANT, size / constant);
      }
      for (int head = 0; head < HEADS; head++) {
        int back = head + 1; // the fourth head's output goes nowhere
        int row = head * HEAD_DIM + pair;
        q.set(row, CONSTANT, size * Math.cos(turn * back) / constant);
        q.set(row + HEAD_DIM / 2, CONSTANT, -size * Math.sin(turn * back) / constant);
      }
    }
    for (int c = 0; c < CODE; c++) {
      for (int head = 0; head < KV_HEADS; head++) {
        v.set(head * HEAD_DIM + c, CURRENT + c, norm(1));
      }
      for (int head = 0; head < 3; head++) {
        o.set(PREVIOUS + 32 * head + c, head * HEAD_DIM + c, 1);
      }
    }
  }

  private static void lookForMatch(Matrix q, Matrix k, Matrix v, Matrix o) {
    double size = Math.sqrt(MATCH_LOGIT / (3 * CODE) * Math.sqrt(HEAD_DIM)) * norm(4);
    for (int code = 0; code < 3; code++) {
      int wanted = code == 0 ? CURRENT : PREVIOUS + 32 * (code - 1);
      int found = PREVIOUS + 32 * code;
      for (int c = 0; c < CODE; c++) {
        int channel = slowChannel(code * CODE + c);
        q.set(channel, wanted + c, size);
        k.set(channel, found + c, size);
      }
    }
    for (int c = 0; c < CODE; c++) {
      v.set(c, CURRENT + c, norm(4));
      o.set(NEXT + c, c, 1);
    }
  }

  /** The first and second halves of the slow pairs, one after the other. */
  private static int slowChannel(int index) {
    return index < SLOW_PAIRS
        ? HEAD_DIM / 2 - SLOW_PAIRS + index
        : HEAD_DIM - SLOW_PAIRS + index - SLOW_PAIRS;
  }

  /** Codes that differ from each other in many places. */
  private static double[][] codes() {
    var random = new Random(42);
    List<double[]> chosen = new ArrayList<>();
    while (chosen.size() < Vocabulary.size()) {
      double[] code = random.doubles(CODE).map(x -> x < 0.5 ? -1 : 1).toArray();
      if (chosen.stream().allMatch(other -> Math.abs(dot(code, other)) <= 9)) {
        chosen.add(code);
      }
    }
    return chosen.toArray(double[][]::new);
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** Rows of outputs, columns of inputs. */
  private static final class Matrix {
    final float[] elements;
    private final int rows;
    private final int columns;

    Matrix(int rows, int columns) {
      this.rows = rows;
      this.columns = columns;
      elements = new float[rows * columns];
    }

    void set(int row, int column, double value) {
      elements[row * columns + column] = (float) value;
    }

    void addTo(SafetensorsWriter writer, String name) {
      writer.add(name, elements, rows, columns);
    }
  }
}
