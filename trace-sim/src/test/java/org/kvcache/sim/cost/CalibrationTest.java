package org.kvcache.sim.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.kvcache.sim.cost.PassSamples.H100;
import static org.kvcache.sim.cost.PassSamples.MODEL;

import java.util.Collections;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.sim.cost.FittedFactor.Verdict;
import org.kvcache.sim.cost.MeasuredPass.Phase;
import org.kvcache.sim.cost.MeasuredPass.Shape;

class CalibrationTest {
  private static final double SHARE = 0.2;

  private static Calibration calibrated(List<MeasuredPass> passes) {
    return Calibration.of(MODEL, H100, 1, PassSplit.of(passes, SHARE, 0));
  }

  private static FittedFactor factor(Calibration calibration, Factor factor) {
    return calibration.factors().get(factor.ordinal());
  }

  private static FitErrors errors(Calibration calibration, boolean heldBack) {
    return FitErrors.of(
        calibration.points().stream().filter(point -> point.heldBack() == heldBack).toList());
  }

  private static void assertNear(Hardware found, Hardware truth, double percent) {
    double[] expected = Factor.of(truth.gpu());
    double[] actual = Factor.of(found.gpu());
    for (Factor factor : Factor.values()) {
      assertThat(actual[factor.ordinal()])
          .as(factor.field())
          .isCloseTo(expected[factor.ordinal()], Percentage.withPercentage(percent));
    }
  }

  @Test
  void exactPointsGiveTheirFactorsBack() {
    Hardware truth = PassSamples.with(0.41, 0.66, 0.23, 8e-5);
    Calibration found = calibrated(PassSamples.measured(truth, PassSamples.both()));
    assertNear(found.device(), truth, 0.1);
    assertThat(found.factors()).allMatch(factor -> factor.verdict() == Verdict.FITTED);
    assertThat(found.factors()).allMatch(factor -> factor.remark().isEmpty());
    assertThat(errors(found, true).max()).isLessThan(1e-3);
    assertThat(errors(found, true).presetMedian()).isGreaterThan(0.1);
  }

  @Test
  void heldBackPointsAreNeverFitted() {
    Hardware truth = PassSamples.with(0.41, 0.66, 0.23, 8e-5);
    PassSplit split = PassSplit.of(PassSamples.measured(truth, PassSamples.both()), SHARE, 0);
    List<MeasuredPass> slower =
        split.heldBack().stream()
            .map(pass -> new MeasuredPass(pass.line(), pass.shape(), 2 * pass.seconds()))
            .toList();
    Calibration found = Calibration.of(MODEL, H100, 1, new PassSplit(split.fitted(), slower));
    assertNear(found.device(), truth, 0.1);
    assertThat(errors(found, false).max()).isLessThan(1e-3);
    assertThat(errors(found, true).median()).isCloseTo(0.5, within(1e-3));
  }

  @Test
  void whatIsNotAFactorStays() {
    Calibration found =
        calibrated(
            PassSamples.measured(PassSamples.with(0.41, 0.66, 0.23, 8e-5), PassSamples.both()));
    assertThat(Factor.applied(found.device(), Factor.of(H100.gpu()))).isEqualTo(H100);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void noiseIsAveragedOutAndReported(long seed) {
    Hardware truth = PassSamples.with(0.5, 0.7, 0.3, 1e-4);
    List<Shape> shapes =
        Collections.nCopies(6, PassSamples.both()).stream().flatMap(List::stream).toList();
    Calibration found = calibrated(PassSamples.measured(truth, shapes, 0.05, seed));
    assertNear(found.device(), truth, 5);
    FitErrors held = errors(found, true);
    assertThat(held.points()).isEqualTo(60);
    assertThat(held.median()).isCloseTo(0.6745 * 0.05, within(0.012));
    assertThat(held.p90()).isCloseTo(1.645 * 0.05, within(0.025));
    assertThat(errors(found, false).median()).isCloseTo(0.6745 * 0.05, within(0.006));
  }

  @Test
  void standardErrorsAreThoseOfManyRuns() {
    Hardware truth = PassSamples.with(0.5, 0.7, 0.3, 1e-4);
    int runs = 40;
    double[] deviations = new double[Factor.values().length];
    for (int run = 0; run < runs; run++) {
      Calibration found =
          calibrated(PassSamples.measured(truth, PassSamples.both(), 0.05, 100 + run));
      for (FittedFactor factor : found.factors()) {
        double off = factor.after() - Factor.of(truth.gpu())[factor.factor().ordinal()];
        deviations[factor.factor().ordinal()] += Math.pow(off / factor.standardError(), 2) / runs;
      }
    }
    for (double deviation : deviations) {
      assertThat(Math.sqrt(deviation)).isBetween(0.7, 1.4);
    }
  }

  @Test
  void decodeAloneLeavesWhatOnlyPrefillTells() {
    Hardware truth = PassSamples.with(0.41, 0.66, 0.23, 8e-5);
    Calibration found =
        calibrated(PassSamples.measured(truth, PassSamples.decode(1, 4, 16, 64), 0.01, 1));
    for (Factor unknown : List.of(Factor.GEMM, Factor.ATTENTION)) {
      FittedFactor kept = factor(found, unknown);
      assertThat(kept.verdict()).isEqualTo(Verdict.KEPT);
      assertThat(kept.after()).isEqualTo(kept.before());
      assertThat(kept.standardError()).isZero();
      assertThat(kept.remark()).isEqualTo("it decides less than 1 % of the time of every point");
    }
    assertThat(factor(found, Factor.BANDWIDTH).after()).isCloseTo(0.66, within(0.02));
    assertThat(factor(found, Factor.LAYER).after()).isCloseTo(8e-5, within(1e-5));
  }

  @Test
  void largeDecodeBatchesTellTheProductsToo() {
    Hardware truth = PassSamples.with(0.41, 0.66, 0.23, 8e-5);
    Calibration found =
        calibrated(PassSamples.measured(truth, PassSamples.decode(1, 16, 512, 800)));
    assertThat(factor(found, Factor.GEMM).after()).isCloseTo(0.41, within(1e-3));
    assertThat(factor(found, Factor.ATTENTION).verdict()).isEqualTo(Verdict.KEPT);
  }

  @Test
  void factorsThatOnlyActTogetherAreNamed() {
    List<Shape> shapes =
        List.of(
            new Shape(Phase.DECODE, 1, 1, 0),
            new Shape(Phase.DECODE, 1, 1, 20),
            new Shape(Phase.DECODE, 1, 1, 40),
            new Shape(Phase.DECODE, 2, 1, 10),
            new Shape(Phase.DECODE, 2, 1, 20),
            new Shape(Phase.DECODE, 3, 1, 20));
    Hardware truth = PassSamples.with(0.62, 0.60, 0.45, 5e-5);
    Calibration found =
        Calibration.of(
            MODEL, H100, 1, new PassSplit(PassSamples.measured(truth, shapes, 0.01, 3), List.of()));
    FittedFactor layer = factor(found, Factor.LAYER);
    assertThat(layer.verdict()).isEqualTo(Verdict.KEPT);
    assertThat(layer.remark()).isEqualTo("the points cannot tell it from bandwidthEfficiency");
    assertThat(factor(found, Factor.BANDWIDTH).after()).isCloseTo(0.60, within(0.02));
  }

  @Test
  void aFixedTimeFarBelowThePresetIsNotPutBack() {
    Hardware truth = PassSamples.with(0.5, 0.7, 0.3, 1e-9);
    Calibration found = calibrated(PassSamples.measured(truth, PassSamples.both(), 0.02, 5));
    FittedFactor layer = factor(found, Factor.LAYER);
    assertThat(layer.verdict()).isEqualTo(Verdict.BOUND);
    assertThat(layer.remark()).contains("rule the preset out");
    assertThat(layer.after()).isLessThan(1e-5);
  }

  @Test
  void efficienciesStopAtOneAndSaySo() {
    Hardware truth = PassSamples.with(1.3, 0.7, 0.3, 5e-5);
    Calibration found = calibrated(PassSamples.measured(truth, PassSamples.both()));
    FittedFactor gemm = factor(found, Factor.GEMM);
    assertThat(gemm.after()).isBetween(0.995, 1.0);
    assertThat(gemm.verdict()).isEqualTo(Verdict.BOUND);
    assertThat(gemm.remark()).contains("no more than 1");
  }

  @Test
  void sharedLayersAreFittedAsPassesRun() {
    ModelShape large = Presets.models(null).named(List.of("llama3-70b")).getFirst();
    Hardware truth = PassSamples.with(0.41, 0.66, 0.23, 8e-5);
    var four = new PassModel(large, truth, 4);
    List<MeasuredPass> passes =
        PassSamples.both().stream()
            .map(shape -> new MeasuredPass(1, shape, shape.seconds(four)))
            .toList();
    PassSplit split = PassSplit.of(passes, SHARE, 0);
    assertNear(Calibration.of(large, H100, 4, split).device(), truth, 0.1);
    assertThatThrownBy(() -> Calibration.of(large, H100, 1, split))
        .hasMessage(
            "the weights of llama3-70b take 141.2 GB and 1 of h100 have 80.0 GB, so the points are"
                + " not from there; name the model, the device or more GPUs");
  }

  @Test
  void oneFormulaHoldsForBothPhases() {
    var model = new PassModel(MODEL, H100, 1);
    assertThat(new Shape(Phase.PREFILL, 1, 300, 1000).seconds(model))
        .isEqualTo(model.prefillSeconds(1000, 300));
    assertThat(new Shape(Phase.DECODE, 8, 1, 999).seconds(model))
        .isEqualTo(model.decodeSeconds(8, 1000));
  }

  @Test
  void tooFewPointsAreRefused() {
    List<MeasuredPass> passes = PassSamples.measured(H100, PassSamples.decode(1, 4).subList(0, 6));
    assertThatThrownBy(() -> calibrated(passes.subList(0, 4)))
        .hasMessage(
            "the file has 4 measured passes, and 4 factors need at least 5; measure more shapes");
    PassSplit greedy = PassSplit.of(passes, 0.5, 0);
    assertThatThrownBy(() -> Calibration.of(MODEL, H100, 1, greedy))
        .hasMessage(
            "3 of 6 measured passes are held back, and 4 factors need at least 5 of the others;"
                + " hold back less or measure more");
  }

  @Test
  void pointsOfOneShapeAreRefused() {
    List<MeasuredPass> passes =
        PassSamples.measured(H100, Collections.nCopies(7, PassSamples.prefill().getFirst()));
    assertThatThrownBy(() -> calibrated(passes))
        .hasMessage(
            "all 7 measured passes are of one shape, which tells no factor from another; vary"
                + " batch, new_tokens and context");
  }
}
