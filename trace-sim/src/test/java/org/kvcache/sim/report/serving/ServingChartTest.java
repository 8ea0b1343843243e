package org.kvcache.sim.report.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.sim.report.PolicyStyle;
import org.kvcache.sim.report.ReportFile;
import tools.jackson.databind.json.JsonMapper;

final class ServingChartTest {
  @TempDir private Path folder;

  private Path draw(String name, ServingResults results) {
    ServingChart.write(results, ReportFile.of(folder.resolve(name).toString()));
    return folder.resolve(name);
  }

  @Test
  void pngHasFourPanelsInTheColoursOfTheConfigurations() throws IOException {
    BufferedImage image = ImageIO.read(draw("a.png", ServingSamples.simulated(1)).toFile());
    assertThat(image.getWidth()).isEqualTo(1280);
    assertThat(image.getHeight()).isEqualTo(4 * 420);
    for (int panel = 0; panel < 4; panel++) {
      var colors = new HashSet<Integer>();
      for (int x = 0; x < image.getWidth(); x++) {
        for (int y = panel * 420; y < (panel + 1) * 420; y++) {
          colors.add(image.getRGB(x, y));
        }
      }
      assertThat(colors)
          .contains(PolicyStyle.of(0).color().getRGB(), PolicyStyle.of(1).color().getRGB());
    }
  }

  @Test
  void otherConfigurationsGiveAnotherPicture() throws IOException {
    ServingResults both = ServingSamples.simulated(1);
    List<ConfigResults> one = both.configs().subList(0, 1);
    Path first = draw("1.png", new ServingResults(both.note(), both.trace(), one));
    assertThat(Files.mismatch(draw("2.png", both), first)).isNotEqualTo(-1);
  }

  @Test
  void warmUpIsShaded() throws IOException {
    ServingResults with =
        ServingSamples.of(new ConfigResults("lru", List.of(ServingSamples.run(1, 1, true, 3))));
    ServingResults without =
        ServingSamples.of(new ConfigResults("lru", List.of(ServingSamples.run(1, 1, true, 0))));
    assertThat(Files.mismatch(draw("with.png", with), draw("without.png", without)))
        .isNotEqualTo(-1);
  }

  @Test
  void svgNamesItsLinesAndSaysThatTheyAreMedians() throws IOException {
    String svg = Files.readString(draw("a.svg", ServingSamples.made()));
    assertThat(svg)
        .contains("time to first token of lru p50, lru p99, arc p50, arc p99")
        .contains("median of 2 seeds");
  }

  @Test
  void htmlHasChartTableAndData() throws IOException {
    String page = Files.readString(draw("a.html", ServingSamples.made()));
    assertThat(page)
        .startsWith("<!DOCTYPE html>")
        .contains("<svg", "TTFT p50", "0.504", "serve-sim --trace a &lt;b>", "2 requests/s")
        .doesNotContain("src=");
    String json = page.substring(page.indexOf("id=\"results\">") + 13, page.indexOf("</script>"));
    assertThat(JsonMapper.builder().build().readTree(json).get("schema").asString())
        .isEqualTo("kvcache-serving");
  }

  @ParameterizedTest
  @ValueSource(strings = {"svg", "html", "png"})
  void sameResultsGiveTheSameBytes(String kind) {
    assertThat(draw("a." + kind, ServingSamples.made()))
        .hasSameBinaryContentAs(draw("b." + kind, ServingSamples.made()));
  }

  @Test
  void nothingServedIsASentence() {
    var none = new ConfigResults("lru", List.of(ServingSamples.refused(1)));
    assertThatThrownBy(() -> draw("a.png", ServingSamples.of(none)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no request was served");
  }
}
