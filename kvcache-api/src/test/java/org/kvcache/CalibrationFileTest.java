package org.kvcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.Calibration.Origin;
import org.kvcache.safetensors.Safetensors;
import org.kvcache.safetensors.SafetensorsWriter;

class CalibrationFileTest {

  private static final float[] ONES = {1, 1, 1, 1};

  @TempDir private Path folder;
  private Path json;
  private Path tensors;

  @BeforeEach
  void nameFiles() {
    json = folder.resolve("x.json");
    tensors = folder.resolve("x.safetensors");
  }

  private static Calibration sample() {
    var one =
        new HeadCalibration(
            new float[] {0.1f, -3}, new float[] {1e-30f, 7}, new float[] {1, -1}, 0.25f);
    var two = new HeadCalibration(new float[] {4, 5}, new float[] {2, 3}, new float[] {-1, -1}, 8);
    var origin = new Origin("tiny \"é\"", "sqrt(std K)", 5_000_000_000L, 2, 3, 4);
    return new Calibration(2, 1, List.of(one, two), origin);
  }

  private void replace(String from, String to) throws IOException {
    String text = Files.readString(json);
    assertThat(text).contains(from);
    Files.writeString(json, text.replace(from, to));
  }

  private void saveWith(SafetensorsWriter numbers) throws IOException {
    Calibration.identity(2, 1, 2).save(json);
    String before = sha256();
    numbers.write(tensors);
    replace(before, sha256());
  }

  private String sha256() {
    try (Safetensors file = Safetensors.open(tensors)) {
      return file.sha256();
    }
  }

  private void assertRefused(String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Calibration.load(json))
        .withMessageStartingWith(folder.toString())
        .withMessageContaining(message)
        .satisfies(thrown -> assertThat(thrown.getMessage().lines()).hasSize(1));
  }

  @Test
  void whatIsSavedIsLoaded() {
    sample().save(json);
    assertThat(Calibration.load(json)).isEqualTo(sample());
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void jsonIsForPeople() throws IOException {
    sample().save(json);
    assertThat(Files.readString(json))
        .startsWith("{\n")
        .endsWith("}\n")
        .contains("\"format\" : \"kvcache-calibration\"", "\"version\" : 1", "\"layers\" : 2")
        .contains("\"keys\" : 5000000000", "\"tensors\" : \"x.safetensors\"", "tiny \\\"é\\\"")
        .contains(sha256());
  }

  @Test
  void tensorsHaveTheDocumentedShapes() {
    sample().save(json);
    try (Safetensors file = Safetensors.open(tensors)) {
      assertThat(file.names()).containsExactly("mean", "scale", "signs", "value_scale");
      assertThat(file.info("scale").shape()).containsExactly(2L, 1L, 2L);
      assertThat(file.info("value_scale").shape()).containsExactly(2L, 1L);
      assertThat(file.floats("mean")).containsExactly(0.1f, -3, 4, 5);
      assertThat(file.floats("signs")).containsExactly(1, -1, -1, -1);
    }
  }

  @Test
  void savingKeepsTheOldNumbersUntilTheJsonNamesTheNew() throws IOException {
    sample().save(json);
    byte[] oldJson = Files.readAllBytes(json);
    byte[] oldTensors = Files.readAllBytes(tensors);
    Calibration other = Calibration.identity(2, 1, 2);
    other.save(json);
    assertThat(Calibration.load(json)).isEqualTo(other);
    assertThat(folder.resolve("x-2.safetensors")).exists();
    assertThat(tensors).doesNotExist();

    Files.write(tensors, oldTensors);
    Files.write(json, oldJson);
    assertThat(Calibration.load(json)).isEqualTo(sample());

    other.save(json);
    sample().save(json);
    assertThat(Calibration.load(json)).isEqualTo(sample());
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactlyInAnyOrder(json, tensors);
    }
  }

  @Test
  void jsonMayBeRenamedWithoutItsTensors() throws IOException {
    sample().save(json);
    Path renamed = Files.move(json, folder.resolve("y.json"));
    assertThat(Calibration.load(renamed)).isEqualTo(sample());
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "x.safetensors", ".json", "x.json.gz"})
  void otherNamesAreRefused(String name) {
    Path file = folder.resolve(name);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sample().save(file))
        .withMessage(file + ": a calibration is a file whose name ends in .json");
    assertThatIllegalArgumentException().isThrownBy(() -> Calibration.load(file));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      value = {
        "\"kvcache-calibration\", \"other\", field 'format' is 'other'",
        "\"format\", \"fromat\", field 'format' is not there",
        "\"version\" : 1, \"version\" : 2, field 'version' is 2; this release reads 1",
        "\"version\" : 1, \"version\" : \"1\", field 'version' is not there or no integer",
        "\"layers\" : 2, \"layers\" : 0, field 'layers' is 0; it is at least 1",
        "\"layers\" : 2, \"layers\" : -2, field 'layers' is not there or no integer",
        "\"layers\" : 2, \"layers\" : 2.5, field 'layers' is not there or no integer",
        "\"layers\" : 2, \"layers\" : 3000000000, field 'layers' is 3000000000",
        "\"layers\" : 2, \"layers\" : 1, ~tensor 'mean' is F32 [2, 1, 2]; by layers~",
        "\"headDim\" : 2, \"headDim\" : 4, ~it is F32 [2, 1, 4]~",
        "\"kvHeads\", \"heads\", field 'kvHeads' is not there",
        "\"keys\", \"rows\", field 'keys' is not there",
        "\"skippedRows\" : 4, \"skippedRows\" : null, field 'skippedRows' is not there",
        "\"model\", \"modell\", field 'model' is not there or no string",
        "x.safetensors, ../x.safetensors, field 'tensors' is '../x.safetensors'",
        "x.safetensors, .., field 'tensors' is '..'",
        "\"sha256\", \"sha\", field 'sha256' is not there",
        "\"sha256\" : \", \"sha256\" : \"0, field 'sha256' is not that of 'x.safetensors'",
      })
  void damagedJsonIsRefusedByField(String from, String to, String message) throws IOException {
    sample().save(json);
    replace(from, to);
    assertRefused(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "7"})
  void otherJsonIsRefused(String text) throws IOException {
    Files.writeString(json, text);
    assertRefused("holds no JSON object");
  }

  @Test
  void otherEncodingIsRefused() throws IOException {
    Files.write(json, new byte[] {'{', (byte) 0xff, '}'});
    assertRefused("is not UTF-8");
  }

  @Test
  void brokenJsonIsRefused() throws IOException {
    sample().save(json);
    replace("}", "");
    assertRefused("is refused as JSON");
  }

  @Test
  void tensorsOfAnotherCalibrationAreRefused() throws IOException {
    sample().save(json);
    new Calibration(2, 1, List.of(sample().of(1, 0), sample().of(0, 0)), Origin.NONE)
        .save(folder.resolve("other.json"));
    Files.copy(folder.resolve("other.safetensors"), tensors, StandardCopyOption.REPLACE_EXISTING);
    assertRefused("the two files do not belong together");
  }

  @Test
  void damagedTensorsAreRefused() throws IOException {
    sample().save(json);
    byte[] bytes = Files.readAllBytes(tensors);
    bytes[bytes.length - 1] ^= 1;
    Files.write(tensors, bytes);
    assertRefused("field 'sha256' is not that of 'x.safetensors'");
  }

  @Test
  void numbersThatMakeNoBasisAreNamedByPlace() throws IOException {
    saveWith(
        new SafetensorsWriter()
            .add("mean", new float[4], 2, 1, 2)
            .add("scale", new float[] {1, 1, 1, 0}, 2, 1, 2)
            .add("signs", ONES, 2, 1, 2)
            .add("value_scale", new float[] {1, 1}, 2, 1));
    assertRefused("x.safetensors: layer 1, KV head 0: scale[1] is 0.0");
  }

  @Test
  void missingTensorIsNamed() throws IOException {
    saveWith(new SafetensorsWriter().add("mean", new float[4], 2, 1, 2));
    assertRefused("x.safetensors: has no tensor 'scale' among its 1");
  }

  @Test
  void tensorOfAnotherTypeIsNamed() throws IOException {
    saveWith(new SafetensorsWriter().add("mean", new int[4], 2, 1, 2));
    assertRefused("x.safetensors: tensor 'mean' is I32 [2, 1, 2]");
  }

  @Test
  void missingFilesAreNamed() throws IOException {
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> Calibration.load(json))
        .withMessage(json + ": does not exist");
    sample().save(json);
    Files.delete(tensors);
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> Calibration.load(json))
        .withMessage(tensors + ": does not exist");
  }
}
