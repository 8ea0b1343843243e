package org.kvcache.sim.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PresetsTest {

  private static final String MODEL =
      "\"layers\": 4, \"queryHeads\": 8, \"kvHeads\": 2, \"headDim\": 64, \"parameters\": 1e9";

  @TempDir private Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("mine.json"), text);
  }

  @Test
  void builtInOnesAreThere() {
    assertThat(Presets.models(null).names())
        .contains("llama3-8b", "llama3-70b", "qwen3-8b", "qwen3-32b", "sdar-8b", "llada2-mini");
    assertThat(Presets.models(null).named(List.of(Presets.ALL)))
        .filteredOn(ModelShape::blockDiffusion)
        .extracting(ModelShape::name)
        .containsExactly("llada2-mini", "sdar-8b", "llada-8b", "fast-dllm-v2-7b");
    assertThat(Presets.devices(null).names())
        .containsExactly("h100-pcie4", "h100", "h200", "mi355x", "laptop");
  }

  @Test
  void ownModelsStandBesideTheBuiltInOnesAndWin() throws IOException {
    Path own = file("{\"Mine\": {" + MODEL + ", \"kvBits\": 8}, \"sdar-8b\": {" + MODEL + "}}");
    Presets<ModelShape> models = Presets.models(own);
    assertThat(models.names()).contains("llada2-mini", "mine");
    assertThat(models.named(List.of("MINE", "sdar-8b")))
        .containsExactly(
            new ModelShape("mine", 4, 8, 2, 64, 1e9, 1e9, 16, 8, 1, false),
            new ModelShape("sdar-8b", 4, 8, 2, 64, 1e9, 1e9, 16, 16, 1, false));
  }

  @Test
  void ownDeviceHasTheUsualEfficiencies() throws IOException {
    Path own =
        file(
            """
            {"box": {"gpu": {"memoryGB": 24, "bandwidthGBps": 1008, "tflops": 165},
                     "host": {"memoryGB": 128, "bandwidthGBps": 83.2, "tflops": 1.5},
                     "link": {"bandwidthGBps": 32, "efficiency": 0.9}}}
            """);
    assertThat(Presets.devices(own).named(List.of("box")))
        .containsExactly(
            new Hardware(
                "box",
                new Hardware.Gpu(24e9, 1008e9, 165e12, 5e-5, 0.62, 0.82, 0.88, 0.45, 0),
                new Hardware.Host(128e9, 83.2e9, 1.5e12, 0.45),
                new Hardware.Link(32e9, 0.9),
                new Hardware.Store(7e9, 1e-4),
                new Hardware.Store(12.5e9, 5e-4),
                new Hardware.Energy(100, 5e-13, 3.2e-11, 8e-11)));
  }

  @Test
  void unknownNameListsTheKnownOnes() {
    assertThatThrownBy(() -> Presets.devices(null).named(List.of("h200", "b200")))
        .hasMessage(
            "unknown device 'b200'; known: h100-pcie4, h100, h200, mi355x, laptop, or all; your"
                + " own by --devices FILE.json");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"m\": {               | mine.json: is not JSON (",
        "[]                      | mine.json: is not an object of models; write {\"my-model\": {",
        "{\"m\": 3}              | mine.json: model 'm': is not an object; write its fields in",
        "{\"all\": {}}           | mine.json: model 'all': is no name; use one without commas",
        "{\"m\": {}, \"m\": {}}  | mine.json: is not JSON (",
        "{\"m\": {\"layers\": 4}} | model 'm': field 'parameters' is missing; it must be a number",
        "{\"m\": {\"parameters\": \"8B\"}} | 'parameters' is \"8B\"; it must be a number above 0",
        "{\"m\": {\"parameters\": 0}} | 'parameters' is 0; it must be a number above 0",
        "{\"m\": {\"parameters\": 1, \"layers\": 1.5}} | 'layers' is 1.5; it must be a whole",
        "{\"m\": {\"parameters\": 1, \"layers\": 0}} | 'layers' is 0; it must be a whole number of",
      })
  void badFilesAreOneSentence(String text, String sentence) throws IOException {
    Path own = file(text);
    assertThatThrownBy(() -> Presets.models(own))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"layer\": 3             | model 'm': unknown field 'layer'; known: parameters, layers",
        "\"activeParameters\": 2e9 | model 'm': activeParameters is 2.0E9; it must be at most",
        "\"kvBits\": -4           | field 'kvBits' is -4; it must be a number above 0",
      })
  void badFieldsOfAModelAreNamed(String more, String sentence) throws IOException {
    Path own = file("{\"m\": {" + MODEL + ", " + more + "}}");
    assertThatThrownBy(() -> Presets.models(own)).hasMessageContaining(sentence);
  }

  @Test
  void headsThatDoNotDivideAreNamed() throws IOException {
    Path own = file("{\"m\": {" + MODEL.replace("\"kvHeads\": 2", "\"kvHeads\": 3") + "}}");
    assertThatThrownBy(() -> Presets.models(own))
        .hasMessage(own + ": model 'm': queryHeads is 8; it must be a multiple of kvHeads, 3");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                                    | device 'd': field 'gpu' is missing; it must be an",
        "{\"gpu\": 1}                          | device 'd': field 'gpu' is 1; it must be an"
            + " object",
        "{\"gpu\": {}, \"host\": {}, \"link\": {}} | field 'gpu.memoryGB' is missing",
      })
  void badDevicesAreNamed(String device, String sentence) throws IOException {
    Path own = file("{\"d\": " + device + "}");
    assertThatThrownBy(() -> Presets.devices(own)).hasMessageContaining(sentence);
  }

  @Test
  void sharesAboveOneAndUnknownFieldsInsideAreNamed() throws IOException {
    String text =
        """
        {"d": {"gpu": {"memoryGB": 1, "bandwidthGBps": 1, "tflops": 1},
               "host": {"memoryGB": 1, "bandwidthGBps": 1, "tflops": 1},
               "link": {"bandwidthGBps": 1, %s}}}
        """;
    Path share = file(text.formatted("\"efficiency\": 1.2"));
    assertThatThrownBy(() -> Presets.devices(share))
        .hasMessage(
            share
                + ": device 'd': field 'link.efficiency' is 1.2; it must be a number above 0 and"
                + " at most 1");
    Path unknown = file(text.formatted("\"lanes\": 16"));
    assertThatThrownBy(() -> Presets.devices(unknown))
        .hasMessage(
            unknown + ": device 'd': unknown field 'link.lanes'; known: bandwidthGBps, efficiency");
  }

  @Test
  void fileThatIsNotThereIsNamed() {
    Path none = folder.resolve("none.json");
    assertThatThrownBy(() -> Presets.models(none))
        .hasMessage(none + ": there is no such file; give the file of your presets");
  }
}
