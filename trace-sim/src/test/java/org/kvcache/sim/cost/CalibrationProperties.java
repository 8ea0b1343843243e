package org.kvcache.sim.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.kvcache.sim.cost.PassSamples.H100;
import static org.kvcache.sim.cost.PassSamples.MODEL;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.assertj.core.data.Percentage;
import org.kvcache.sim.cost.FittedFactor.Verdict;
import org.kvcache.sim.cost.MeasuredPass.Shape;

class CalibrationProperties {

  @Property(tries = 60, seed = "1")
  void anyFactorsAreFoundOrSaidToBeUnknown(
      @ForAll @DoubleRange(min = 0.05, max = 0.95) double gemm,
      @ForAll @DoubleRange(min = 0.05, max = 0.95) double bandwidth,
      @ForAll @DoubleRange(min = 0.05, max = 0.95) double attention,
      @ForAll @DoubleRange(min = 2, max = 500) double layerMicros,
      @ForAll @LongRange(min = 0, max = 1000) long seed) {
    Hardware truth = PassSamples.with(gemm, bandwidth, attention, layerMicros * 1e-6);
    PassSplit split = PassSplit.of(PassSamples.measured(truth, PassSamples.both()), 0.2, seed);
    Calibration found = Calibration.of(MODEL, H100, 1, split);
    double[] values = Factor.of(truth.gpu());
    for (FittedFactor factor : found.factors()) {
      switch (factor.verdict()) {
        case FITTED ->
            assertThat(factor.after())
                .as(factor.factor().field())
                .isCloseTo(values[factor.factor().ordinal()], Percentage.withPercentage(0.1));
        case KEPT -> assertThat(factor.after()).isEqualTo(factor.before());
        case BOUND -> assertThat(factor.remark()).isNotEmpty();
      }
    }
    assertThat(FitErrors.of(found.points()).max()).isLessThan(0.01);
  }

  @Property(tries = 40, seed = "2")
  void decodeOfSmallBatchesNeverTellsTheRatesOfComputing(
      @ForAll @DoubleRange(min = 0.3, max = 0.95) double bandwidth,
      @ForAll @DoubleRange(min = 20, max = 200) double layerMicros,
      @ForAll @LongRange(min = 0, max = 1000) long seed) {
    Hardware truth = PassSamples.with(0.62, bandwidth, 0.45, layerMicros * 1e-6);
    List<MeasuredPass> passes =
        PassSamples.measured(truth, PassSamples.decode(1, 2, 4, 8), 0.02, seed);
    Calibration found = Calibration.of(MODEL, H100, 1, PassSplit.of(passes, 0.2, seed));
    assertThat(found.factors())
        .filteredOn(factor -> factor.verdict() == Verdict.KEPT)
        .extracting(FittedFactor::factor)
        .contains(Factor.GEMM, Factor.ATTENTION);
  }

  @Property(tries = 200, seed = "3")
  void aSplitPartsTheShapes(
      @ForAll @IntRange(min = 1, max = 50) int shapes,
      @ForAll @IntRange(min = 1, max = 3) int repeats,
      @ForAll @DoubleRange(min = 0, max = 0.99) double share,
      @ForAll long seed) {
    List<Shape> some =
        PassSamples.both().subList(0, shapes).stream()
            .flatMap(shape -> Collections.nCopies(repeats, shape).stream())
            .toList();
    List<MeasuredPass> passes = PassSamples.measured(H100, some);
    PassSplit split = PassSplit.of(passes, share, seed);
    assertThat(split).isEqualTo(PassSplit.of(passes, share, seed));
    var all = new ArrayList<>(split.fitted());
    all.addAll(split.heldBack());
    assertThat(all).containsExactlyInAnyOrderElementsOf(passes);
    Set<Shape> fitted = new HashSet<>(split.fitted().stream().map(MeasuredPass::shape).toList());
    assertThat(split.heldBack()).noneMatch(pass -> fitted.contains(pass.shape()));
    long held = share == 0 ? 0 : Math.max(1, Math.round(share * shapes));
    assertThat(split.heldBack()).hasSize((int) held * repeats);
  }
}
