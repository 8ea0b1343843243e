package org.kvcache.bench.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.KvShape;

class DiffusionModelTest {

  @TempDir Path directory;

  private void copy(String name, String from, String to) throws IOException {
    try (var in = DiffusionModel.class.getResourceAsStream(name)) {
      assertThat(in).isNotNull();
      byte[] bytes = in.readAllBytes();
      Files.write(
          directory.resolve(name),
          from.isEmpty() ? bytes : new String(bytes).replace(from, to).getBytes());
    }
  }

  @Test
  void theBuiltInModelHasItsShape() {
    DiffusionConfig config = DiffusionModel.builtIn().config;
    assertThat(config.kvShape()).isEqualTo(KvShape.of(4, 2, 64, 8));
    assertThat(config.block()).isEqualTo(16);
    assertThat(config.steps()).isEqualTo(8);
    assertThat(config.frequencies()).hasSize(16).startsWith(Math.PI, Math.PI / 2);
  }

  @ParameterizedTest
  @CsvSource({
    "'\"d_ff\"', '\"ff\"', config.json: field 'd_ff' is not a whole number",
    "'\"rope_inv_freq\"', '\"freq\"', config.json: field 'rope_inv_freq' is not a list of 1 to 32",
    "'{', '[', config.json: not JSON",
    "'\"d_ff\": 384', '\"d_ff\": 400', model.safetensors: tensor 'layers.0.w1.weight' has 49152",
  })
  void filesThatDoNotFitAreNamed(String from, String to, String message) throws IOException {
    copy("config.json", from, to);
    copy("model.safetensors", "", "");
    assertThatThrownBy(() -> DiffusionModel.read(directory))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatThrownBy(() -> DiffusionModel.read(directory))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("config.json: cannot be read");
  }
}
