package org.kvcache.bench.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kvcache.HeadCalibration;
import org.kvcache.sim.cli.Progress;
import org.kvcache.spi.CodecCatalog;

class SchemeTrialTest {

  private static final int DIM = 64;
  private static final HeadCalibration IDENTITY = HeadCalibration.identity(DIM);

  @ParameterizedTest
  @EnumSource
  void nearlyExactStorageGivesNearlyExactAttention(KvDistribution distribution) {
    Quality quality = trial("bf16", data(distribution, 300), false);
    assertThat(quality.outputError()).isLessThan(0.1);
    assertThat(quality.logitError()).isLessThan(0.1);
    assertThat(quality.keyError()).isLessThan(1e-5);
    assertThat(quality.valueError()).isLessThan(1e-5);
    assertThat(quality.keyCosine()).isCloseTo(1, within(1e-5));
  }

  @Test
  void openBlockIsInTheSameSoftmaxAsKeysWithoutTheirMean() {
    Quality quality = trial("bf16+bf16", data(KvDistribution.BIAS, 200), true);
    assertThat(quality.outputError()).isLessThan(0.05);
    assertThat(quality.logitError()).isLessThan(0.05);
  }

  @Test
  void onlyWholeBlocksAreStored() {
    Subject.Data data = data(KvDistribution.GAUSS, 200);
    float[] keys = data.sample().keys().clone();
    float[] values = data.sample().values().clone();
    Arrays.fill(keys, 128 * DIM, keys.length, 0);
    Arrays.fill(values, 128 * DIM, values.length, 0);
    var open = new KvSample(DIM, keys, values, data.sample().queries());
    Quality whole = trial("kivi4", data, false);
    Quality other = trial("kivi4", new Subject.Data(open, IDENTITY), false);
    assertThat(other.keyError()).isEqualTo(whole.keyError());
    assertThat(other.valueError()).isEqualTo(whole.valueError());
    assertThat(other.outputError()).isNotEqualTo(whole.outputError());
  }

  @Test
  void queriesNeedNotFillABatch() {
    Subject.Data data = data(KvDistribution.GAUSS, 256);
    KvSample all = data.sample();
    var three = new KvSample(DIM, all.keys(), all.values(), Arrays.copyOf(all.queries(), 3 * DIM));
    var nine = new KvSample(DIM, all.keys(), all.values(), Arrays.copyOf(all.queries(), 9 * DIM));
    Quality ofThree = trial("mxfp4", new Subject.Data(three, IDENTITY), false);
    Quality ofNine = trial("mxfp4", new Subject.Data(nine, IDENTITY), false);
    assertThat(ofThree.keyError()).isEqualTo(ofNine.keyError());
    assertThat(ofThree.logitError()).isCloseTo(ofNine.logitError(), within(0.1)).isPositive();
    assertThat(ofThree.outputError()).isBetween(0.05, 0.6);
  }

  @Test
  void fewerBitsErrMore() {
    Subject.Data data = data(KvDistribution.GAUSS, 256);
    Quality four = trial("mxfp4", data, false);
    Quality eight = trial("fp8", data, false);
    assertThat(eight.outputError()).isLessThan(four.outputError() / 2);
    assertThat(eight.keyError()).isLessThan(four.keyError() / 4);
    assertThat(eight.keyCosine()).isGreaterThan(four.keyCosine());
  }

  @Test
  void studyGivesMediansOfEachDistributionWhateverTheOrderOfThreads() {
    List<Subject> heads =
        List.of(
            head(KvDistribution.BIAS, 256, 0),
            head(KvDistribution.GAUSS, 256, 0),
            head(KvDistribution.BIAS, 256, 1),
            head(KvDistribution.BIAS, 256, 2));
    var study =
        new QualityStudy(
            List.of(CodecCatalog.scheme("mxfp4"), CodecCatalog.scheme("bf16")), true, heads);
    try (Progress progress = Progress.start("", study.steps(), true)) {
      List<QualityResult> results = study.run(progress);
      assertThat(results)
          .extracting(result -> result.scheme() + " " + result.distribution())
          .containsExactly("mxfp4 bias", "mxfp4 gauss", "bf16 bias", "bf16 gauss");
      assertThat(results.getFirst().quality())
          .isEqualTo(
              Quality.median(
                  List.of(
                      trial("mxfp4", heads.get(0).load(), true),
                      trial("mxfp4", heads.get(2).load(), true),
                      trial("mxfp4", heads.get(3).load(), true))));
      assertThat(results.getFirst().heads()).isEqualTo(3);
      assertThat(results).isEqualTo(study.run(progress));
    }
  }

  @Test
  void calibrationComesFromOtherTokensOfTheSameHead() {
    Subject.Data data = data(KvDistribution.BIAS, 1024);
    float[] mean = data.calibration().mean();
    double[] measured = new double[DIM];
    for (int i = 0; i < data.sample().keys().length; i++) {
      measured[i % DIM] += data.sample().keys()[i] / 1024.0;
    }
    for (int c = 0; c < DIM; c++) {
      assertThat((double) mean[c]).isCloseTo(measured[c], within(0.4));
    }
    assertThat((double) mean[0]).isNotCloseTo(measured[0], within(1e-6));
  }

  private static Quality trial(String scheme, Subject.Data data, boolean calibrated) {
    return new SchemeTrial(
            data.sample(),
            new ExactAttention(data.sample()),
            CodecCatalog.scheme(scheme),
            calibrated ? data.calibration() : IDENTITY)
        .run();
  }

  private static Subject.Data data(KvDistribution distribution, int tokens) {
    return head(distribution, tokens, 0).load();
  }

  private static Subject head(KvDistribution distribution, int tokens, int seed) {
    return new SyntheticHead(distribution, DIM, tokens, 24, 2.5, seed);
  }
}
