package org.kvcache.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TinyModelTest {

  private Path model;
  private JsonNode config;

  @BeforeEach
  void findModel() throws IOException {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve("shared/models/tiny-bd3"))) {
      folder = folder.getParent();
    }
    assumeTrue(folder != null, "no folder above has shared/models/tiny-bd3");
    model = folder.resolve("shared/models/tiny-bd3");
    config = JsonMapper.shared().readTree(Files.readString(model.resolve("config.json")));
  }

  private long size(String field) {
    return config.get(field).longValue();
  }

  @Test
  void weightsHaveTheShapesOfTheConfiguration() {
    long dim = size("d_model");
    long queries = size("n_q") * size("head_dim");
    long keys = size("n_kv") * size("head_dim");
    try (Safetensors weights = Safetensors.open(model.resolve("model.safetensors"))) {
      assertThat(weights.names()).hasSize((int) (2 + 11 * size("n_layers")));
      assertThat(weights.metadata()).containsEntry("format", "pt");
      assertThat(weights.info("emb.weight").shape()).containsExactly(size("vocab"), dim);
      for (int layer = 0; layer < size("n_layers"); layer++) {
        String prefix = "layers." + layer + ".";
        assertThat(weights.info(prefix + "wq.weight").shape()).containsExactly(queries, dim);
        assertThat(weights.info(prefix + "wk.weight").shape()).containsExactly(keys, dim);
        assertThat(weights.info(prefix + "wo.weight").shape()).containsExactly(dim, queries);
        assertThat(weights.info(prefix + "w1.weight").shape()).containsExactly(size("d_ff"), dim);
      }
      for (String name : weights.names()) {
        float[] values = weights.floats(name);
        assertThat(values).hasSize((int) weights.info(name).elements());
        double squares = 0;
        for (float value : values) {
          squares += value * (double) value;
        }
        assertThat(Math.sqrt(squares / values.length)).as(name).isBetween(1e-3, 100.0);
      }
    }
  }

  @Test
  void referenceHoldsPromptsAndKeys() {
    try (Safetensors reference = Safetensors.open(model.resolve("reference.safetensors"))) {
      List<Long> rows = List.of(size("n_layers"), size("n_kv"), size("block"), size("head_dim"));
      assertThat(reference.info("one.k_commit").shape()).isEqualTo(rows);
      assertThat(reference.info("two.v_last_prompt_block").shape()).isEqualTo(rows);
      int[] prompt = reference.ints("one.prompt");
      assertThat(prompt).hasSize(784);
      assertThat(Arrays.stream(prompt)).allMatch(token -> token >= 0 && token < size("mask_id"));
      float[] all = reference.floats("one.k_commit");
      assertThat(reference.floats("one.k_commit", 64, 64))
          .containsExactly(Arrays.copyOfRange(all, 64, 128));
    }
  }
}
