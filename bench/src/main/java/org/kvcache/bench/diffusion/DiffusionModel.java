package org.kvcache.bench.diffusion;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.kvcache.bench.engine.Norm;
import org.kvcache.safetensors.Safetensors;

/** The weights of a block-diffusion model. Immutable, for any number of threads. */
public final class DiffusionModel {

  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "model.safetensors";

  /** One layer. */
  record Layer(
      Norm attentionNorm,
      Matrix q,
      Matrix k,
      Matrix v,
      Matrix o,
      Norm qNorm,
      Norm kNorm,
      Norm feedForwardNorm,
      Matrix gate,
      Matrix up,
      Matrix down) {}

  final DiffusionConfig config;
  final float[] embedding;
  final List<Layer> layers = new ArrayList<>();
  final Norm norm;
  final Matrix output;

  private DiffusionModel(DiffusionConfig config, Safetensors file) {
    this.config = config;
    int hidden = config.hidden();
    embedding = tensor(file, "emb", config.vocabulary() * hidden);
    norm = norm(file, "norm", hidden);
    output = new Matrix(embedding, config.vocabulary(), hidden);
    for (int i = 0; i < config.layers(); i++) {
      String name = "layers." + i + ".";
      layers.add(
          new Layer(
              norm(file, name + "ln1", hidden),
              matrix(file, name + "wq", config.queryDim(), hidden),
              matrix(file, name + "wk", config.kvDim(), hidden),
              matrix(file, name + "wv", config.kvDim(), hidden),
              matrix(file, name + "wo", hidden, config.queryDim()),
              norm(file, name + "qn", config.headDim()),
              norm(file, name + "kn", config.headDim()),
              norm(file, name + "ln2", hidden),
              matrix(file, name + "w1", config.intermediate(), hidden),
              matrix(file, name + "w3", config.intermediate(), hidden),
              matrix(file, name + "w2", hidden, config.intermediate())));
    }
  }

  /** The model that comes with this project. */
  public static DiffusionModel builtIn() {
    try {
      Path directory = Files.createTempDirectory("kvcache-model");
      try {
        copy(CONFIG, directory);
        copy(WEIGHTS, directory);
        return read(directory);
      } finally {
        Files.deleteIfExists(directory.resolve(CONFIG));
        Files.deleteIfExists(directory.resolve(WEIGHTS));
        Files.delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the built-in model cannot be unpacked: " + e.getMessage(), e);
    }
  }

  /** Its shape. */
  public DiffusionConfig config() {
    return config;
  }

  /**
   * Reads {@code config.json} and {@code model.safetensors} of a directory.
   *
   * @throws IllegalArgumentException if they are not of such a model, naming file and field
   */
  static DiffusionModel read(Path directory) {
    DiffusionConfig config = DiffusionConfig.read(directory.resolve(CONFIG));
    try (Safetensors file = Safetensors.open(directory.resolve(WEIGHTS))) {
      return new DiffusionModel(config, file);
    }
  }

  private static void copy(String resource, Path directory) throws IOException {
    try (InputStream in = DiffusionModel.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("resource " + resource + " is missing");
      }
      Files.copy(in, directory.resolve(resource));
    }
  }

  private Norm norm(Safetensors file, String name, int length) {
    return new Norm(tensor(file, name, length), config.epsilon());
  }

  private static Matrix matrix(Safetensors file, String name, int outputs, int inputs) {
    return new Matrix(tensor(file, name, outputs * inputs), outputs, inputs);
  }

  private static float[] tensor(Safetensors file, String name, int length) {
    float[] values = file.floats(name + ".weight");
    if (values.length != length) {
      throw new IllegalArgumentException(
          "%s: tensor '%s.weight' has %d elements, config.json says %d"
              .formatted(file.file(), name, values.length, length));
    }
    return values;
  }
}
