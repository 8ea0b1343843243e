package org.kvcache.sim.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.sim.RunResult;
import tools.jackson.databind.json.JsonMapper;

final class ChartsTest {
  @TempDir private Path folder;

  private ReportFile file(String name) {
    return ReportFile.of(folder.resolve(name).toString());
  }

  private String draw(String name, Results results) throws IOException {
    Charts.hitRates(results, file(name));
    return Files.readString(folder.resolve(name));
  }

  @Test
  void pngIsAPictureInAllColoursOfTheLines() throws IOException {
    Charts.hitRates(Samples.of(Samples.chat()), file("c.png"));
    BufferedImage image = ImageIO.read(folder.resolve("c.png").toFile());
    assertThat(image.getWidth()).isEqualTo(1280);
    assertThat(image.getHeight()).isEqualTo(720);
    var colors = new HashSet<Integer>();
    for (int x = 0; x < image.getWidth(); x++) {
      for (int y = 0; y < image.getHeight(); y++) {
        colors.add(image.getRGB(x, y) & 0xFFFFFF);
      }
    }
    List<String> names = org.kvcache.sim.Simulator.names();
    for (String policy : List.of("lru", "arc")) {
      int line = PolicyStyle.of(names.indexOf(policy)).color().getRGB() & 0xFFFFFF;
      assertThat(colors).contains(line);
    }
    assertThat(colors).contains(PolicyStyle.INFINITE.color().getRGB() & 0xFFFFFF);
  }

  @Test
  void svgIsXmlAndNamesItsLines() throws Exception {
    String svg = draw("c.svg", Samples.of(Samples.chat()));
    var factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    var document = factory.newDocumentBuilder().parse(folder.resolve("c.svg").toFile());
    assertThat(document.getDocumentElement().getTagName()).isEqualTo("svg");
    assertThat(document.getElementsByTagName("title").item(0).getTextContent())
        .contains("chat")
        .contains("infinite, opt, arc, lru");
    assertThat(svg.split("stroke-dasharray")).hasSizeGreaterThan(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"svg", "html", "png"})
  void sameResultsGiveTheSameBytes(String kind) throws IOException {
    Charts.hitRates(Samples.of(Samples.chat()), file("a." + kind));
    Charts.hitRates(Samples.of(Samples.chat()), file("b." + kind));
    assertThat(folder.resolve("a." + kind)).hasSameBinaryContentAs(folder.resolve("b." + kind));
  }

  @Test
  void htmlNeedsNothingFromElsewhere() throws IOException {
    String page = draw("c.html", Samples.of(Samples.chat(), Samples.chat()));
    assertThat(page)
        .startsWith("<!DOCTYPE html>")
        .contains("<svg", "<table>", "<th>arc</th>", "class=\"best\">20.00")
        .contains("simulate --trace a &lt;b>")
        .doesNotContain("src=")
        .doesNotContain("<link")
        .doesNotContain("<?xml");
    String json = page.substring(page.indexOf("id=\"results\">") + 13, page.indexOf("</script>"));
    assertThat(JsonMapper.builder().build().readTree(json).get("generatedBy").get(2).asString())
        .isEqualTo("a <b>");
    assertThat(page).contains("clip-0-0").contains("clip-1-0");
  }

  @Test
  void oneCapacityIsEnough() throws IOException {
    var results = List.of(Samples.result("lru", 4, 1));
    var bounds = List.of(Samples.result("opt", 4, 10));
    var trace = new TraceResults(Samples.trace("t"), results, bounds);
    assertThat(draw("one.svg", Samples.of(trace))).contains("lru, opt");
  }

  @Test
  void infiniteAloneIsAChartToo() throws IOException {
    var trace =
        new TraceResults(
            Samples.trace("t"), List.of(Samples.result("infinite", 400, 600)), List.of());
    assertThat(draw("infinite.svg", Samples.of(trace))).contains("infinite");
  }

  @Test
  void linesDifferInPrintToo() {
    List<PolicyStyle> styles = IntStream.range(0, 18).mapToObj(PolicyStyle::of).toList();
    assertThat(styles.stream().map(s -> s.color().getRGB() + s.marker().getClass().getName()))
        .doesNotHaveDuplicates();
    assertThat(
            styles.stream()
                .map(s ->
                    java.util.Arrays.toString(s.stroke().getDashArray())
                        + s.marker().getClass().getName()))
        .doesNotHaveDuplicates();
  }

  @Test
  void statesHaveAPanelPerKindOfNumber() throws IOException {
    RunResult result = Samples.result("chat", "adaptive", 4, 1, Samples.states());
    Results results =
        Samples.of(new TraceResults(Samples.trace("chat"), List.of(result), List.of()));
    Charts.states(results, file("s.png"));
    BufferedImage image = ImageIO.read(folder.resolve("s.png").toFile());
    assertThat(image.getHeight()).isEqualTo(5 * 360);
    Charts.states(results, file("s.svg"));
    assertThat(folder.resolve("s.svg")).content().contains("leader", "shadow.hazard", "t1");
  }

  @Test
  void withoutStatesThereIsASentence() {
    assertThatThrownBy(() -> Charts.states(Samples.of(Samples.chat()), file("s.png")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--policy arc,adaptive");
  }

  @Test
  void filesAreCheckedEarlyAndReplacedWhole() throws IOException {
    assertThatThrownBy(() -> ReportFile.of(folder.toString())).hasMessageContaining("directory");
    assertThatThrownBy(() -> ReportFile.of(folder.resolve("no/x.json").toString()))
        .hasMessageContaining("does not exist");
    assertThatThrownBy(() -> ReportFile.of("a\0b")).hasMessageContaining("not a file name");
    ReportFile target = file("X.JSON");
    assertThat(target.kind()).isEqualTo("json");
    target.write("one");
    target.write("two");
    assertThat(target.path()).hasContent("two");
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
  }
}
