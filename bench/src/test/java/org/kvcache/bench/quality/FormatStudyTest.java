package org.kvcache.bench.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.bench.quality.FormatStudy.Result;

class FormatStudyTest {

  private static final Map<String, Result> RESULTS =
      FormatStudy.run(128, 0).stream()
          .collect(Collectors.toMap(Result::format, Function.identity()));

  @ParameterizedTest
  @CsvSource({
    "mxfp4:t7,   4.25,  0.0125, 0.0001",
    "mxfp4:ocp,  4.25,  0.0132, 0.0001",
    "mxfp4:uq,   4.25,  0.0178, 0.0002",
    "mxfp4m,     4.25,  0.0102, 0.0002",
    "nvfp4,      4.5,   0.0090, 0.0001",
    "q4_0,       4.5,   0.0074, 0.0001",
    "int4:sym,   4.125, 0.0138, 0.0002",
    "int4:asym,  4.25,  0.0100, 0.0002",
    "turbo4,     4.125, 0.0093, 0.0002",
    "lm16,       4.25,  0.0064, 0.0003",
    "kivi4,      4.25,  0.0100, 0.0001",
    "fp8:unit,   8,     0.0007, 0.0001",
    "fp8:tensor, 8,     0.0007, 0.0001",
  })
  void normalRowsErrAsTheLiteratureSays(
      String format, double bits, double relativeError, double tolerance) {
    assertThat(RESULTS).containsKey(format);
    assertThat(RESULTS.get(format).relativeError()).isCloseTo(relativeError, within(tolerance));
    assertThat(RESULTS.get(format).bits()).isEqualTo(bits);
  }

  @Test
  void formatsThatDoNotTakeTheHeadDimAreLeftOut() {
    assertThat(FormatStudy.run(7, 0))
        .extracting(Result::format)
        .doesNotContain("mxfp4:t7")
        .hasSizeLessThan(RESULTS.size());
  }

  @Test
  void cosineAndErrorAgree() {
    for (Result result : RESULTS.values()) {
      assertThat(1 - result.cosine())
          .as(result.format())
          .isCloseTo(result.relativeError() / 2, within(0.3 * result.relativeError() + 1e-7));
    }
  }
}
