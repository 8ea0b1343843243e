package org.kvcache.bench.quality;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.FormatSpec;
import org.kvcache.spi.SchemeSpec;

class ListCommandsTest {

  @Test
  void formatsListsEachWithItsRulesAndBits() {
    List<String> lines = Invocation.of("formats").out().lines().toList();
    List<FormatSpec> formats =
        CodecCatalog.all().stream().flatMap(catalog -> catalog.formats().stream()).toList();
    assertThat(formats).isNotEmpty();
    assertThat(lines).hasSize(1 + formats.size());
    for (int i = 0; i < formats.size(); i++) {
      FormatSpec format = formats.get(i);
      double bits = CodecCatalog.codec(format.name(), 128, 1).bitsPerElement();
      assertThat(lines.get(i + 1))
          .startsWith(format.name() + " ")
          .contains(String.join(", ", format.rules()), String.format(Locale.ROOT, " %.3f ", bits))
          .endsWith(format.summary());
    }
  }

  @Test
  void formatThatDoesNotTakeTheHeadDimIsListedWithoutBits() {
    Invocation listing = Invocation.of("formats", "--head-dim", "7");
    assertThat(listing.code()).isZero();
    assertThat(listing.out().lines().filter(line -> line.startsWith("mxfp4 ")))
        .allMatch(line -> line.matches("mxfp4 +t7, ocp, uq +- +- .*"))
        .hasSize(1);
  }

  @Test
  void schemesListsEachWithItsFormatsAndBits() {
    List<String> lines = Invocation.of("schemes").out().lines().toList();
    List<SchemeSpec> schemes = Schemes.all();
    assertThat(schemes).isNotEmpty();
    assertThat(lines).hasSize(1 + schemes.size());
    for (int i = 0; i < schemes.size(); i++) {
      SchemeSpec scheme = schemes.get(i);
      assertThat(lines.get(i + 1))
          .startsWith(scheme.name() + " ")
          .contains(scheme.keys(), scheme.values())
          .contains(String.format(Locale.ROOT, " %.3f ", SchemeBits.of(scheme, 128).mean()))
          .contains(scheme.calibrated() ? " yes " : " - ");
    }
  }

  @Test
  void badHeadDimIsOneSentence() {
    assertThat(Invocation.of("formats", "--head-dim", "0").errLines())
        .singleElement()
        .asString()
        .contains("head dim is 0");
  }
}
