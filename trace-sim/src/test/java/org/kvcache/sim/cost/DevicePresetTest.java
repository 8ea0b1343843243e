package org.kvcache.sim.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevicePresetTest {
  @TempDir private Path folder;

  private Hardware readBack(Hardware machine) throws IOException {
    Path file =
        Files.writeString(folder.resolve("mine.json"), DevicePreset.json(machine, "a test"));
    return Presets.devices(file).named(List.of(machine.name())).getFirst();
  }

  @Test
  void everyDeviceIsReadBackToTheLastDigit() throws IOException {
    for (Hardware device : Presets.devices(null).named(List.of(Presets.ALL))) {
      Hardware mine = device.withName("mine");
      assertThat(readBack(mine)).isEqualTo(mine);
    }
  }

  @Test
  void oddFactorsAreReadBackToo() throws IOException {
    Hardware mine =
        PassSamples.with(1 / 3.0, 0.7000000000000001, 1, Math.PI * 1e-5).withName("mine");
    assertThat(readBack(mine)).isEqualTo(mine);
    Hardware tiny = PassSamples.with(1e-9, 0.1, 0.2, 1.3888e-11).withName("mine");
    assertThat(readBack(tiny)).isEqualTo(tiny);
  }
}
