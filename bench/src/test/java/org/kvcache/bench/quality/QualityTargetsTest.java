package org.kvcache.bench.quality;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.kvcache.sim.cli.Progress;
import org.kvcache.spi.CodecCatalog;

class QualityTargetsTest {

  private static final int SEEDS = 5;
  private static final int QUERIES = 32;
  private static List<QualityResult> results = List.of();

  @BeforeAll
  static void measure() {
    List<Subject> heads =
        Arrays.stream(KvDistribution.values())
            .flatMap(kind ->
                IntStream.range(0, SEEDS)
                    .<Subject>mapToObj(
                        seed -> new SyntheticHead(kind, 128, 8192, QUERIES, 2.5, seed)))
            .toList();
    var study =
        new QualityStudy(
            List.of(
                CodecCatalog.scheme("ultraquant"),
                CodecCatalog.scheme("mxfp4"),
                CodecCatalog.scheme("lm16"),
                CodecCatalog.scheme("k8v4")),
            true,
            heads);
    try (Progress progress = Progress.start("", study.steps(), true)) {
      results = study.run(progress);
    }
  }

  @ParameterizedTest
  @CsvSource({"mxfp4, 0.29, 4.25", "lm16, 0.21, 4.25", "k8v4, 0.18, 6.125"})
  void errorIsLowOnEveryDistribution(String scheme, double most, double bits) {
    for (KvDistribution kind : KvDistribution.values()) {
      QualityResult result = result(scheme, kind);
      assertThat(result.quality().outputError()).as(kind.label()).isLessThanOrEqualTo(most);
      assertThat(result.bits().mean()).isEqualTo(bits);
    }
  }

  @ParameterizedTest
  @EnumSource
  void sameBytesErrLessThanUltraQuant(KvDistribution kind) {
    Quality ours = result("mxfp4", kind).quality();
    Quality theirs = result("ultraquant", kind).quality();
    assertThat(ours.outputError()).isLessThan(theirs.outputError());
    assertThat(ours.logitError()).isLessThan(theirs.logitError());
    assertThat(ours.valueError()).isLessThan(theirs.valueError());
  }

  @ParameterizedTest
  @EnumSource(names = {"OUTL", "BIAS"})
  void ultraQuantFailsOnUnevenAndBiasedKeys(KvDistribution kind) {
    assertThat(result("ultraquant", kind).quality().outputError())
        .isGreaterThan(2 * result("mxfp4", kind).quality().outputError());
  }

  private static QualityResult result(String scheme, KvDistribution kind) {
    return results.stream()
        .filter(result -> result.scheme().equals(scheme))
        .filter(result -> result.distribution().equals(kind.label()))
        .findFirst()
        .orElseThrow();
  }
}
