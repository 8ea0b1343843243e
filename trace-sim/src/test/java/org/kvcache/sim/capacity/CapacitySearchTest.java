package org.kvcache.sim.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Locale;
import java.util.function.DoubleFunction;
import org.junit.jupiter.api.Test;

class CapacitySearchTest {
  private static final SearchSpace RATES = new SearchSpace(Goal.HIGHEST, 0.01, 100, false);
  private static final SearchSpace SIZES = new SearchSpace(Goal.LOWEST, 1, 1000, false);
  private static final SearchSpace DEVICES = new SearchSpace(Goal.LOWEST, 1, 64, true);

  @Test
  void theHighestRateIsFound() {
    Finding finding = search(RATES, 5, Curve.queue(0.3).trial(Goal.HIGHEST, 8));
    assertThat(finding.stop()).isEqualTo(Stop.CONVERGED);
    assertThat(finding.answer().orElseThrow().level()).isBetween(8 / 1.02, 8.0);
    assertThat(finding.limit().orElseThrow().level()).isBetween(8.0, 8 * 1.02);
  }

  @Test
  void theLowestSizeIsFound() {
    Finding finding = search(SIZES, 20, Curve.saturating(3, 2).trial(Goal.LOWEST, 100));
    assertThat(finding.stop()).isEqualTo(Stop.CONVERGED);
    assertThat(finding.answer().orElseThrow().level()).isBetween(100.0, 102.0);
    assertThat(finding.limit().orElseThrow().level()).isBetween(100 / 1.02, 100.0);
  }

  @Test
  void theFewestDevicesAreExact() {
    Finding finding = search(DEVICES, 2, Curve.queue(0.4).trial(Goal.LOWEST, 10.5));
    assertThat(finding.stop()).isEqualTo(Stop.CONVERGED);
    assertThat(finding.answer().orElseThrow().level()).isEqualTo(11);
    assertThat(finding.limit().orElseThrow().level()).isEqualTo(10);
    assertThat(finding.probes()).extracting(Probe::level).allMatch(level -> level % 1 == 0);
    assertThat(why(finding)).isEqualTo("converged: 11.00 holds and 10.00 does not (10.0 % apart)");
  }

  @Test
  void aStrainThatFollowsThePowerOfTheLevelTakesFewProbes() {
    Finding finding = search(RATES, 1, Curve.power(3).trial(Goal.HIGHEST, 8));
    assertThat(finding.stop()).isEqualTo(Stop.CONVERGED);
    assertThat(finding.probes()).hasSizeLessThanOrEqualTo(6);
  }

  @Test
  void everyProbeIsKeptAndTold() {
    var told = new ArrayList<Probe>();
    Finding finding =
        new CapacitySearch(RATES).from(1, Curve.queue(0.5).trial(Goal.HIGHEST, 3), told::add);
    assertThat(told).isEqualTo(finding.probes()).doesNotHaveDuplicates();
    assertThat(told.getFirst().level()).isEqualTo(1);
    assertThat(finding.probes()).contains(finding.answer().orElseThrow());
  }

  @Test
  void probesAreNotWastedOnWhatIsKnown() {
    Finding finding = search(RATES, 0.5, Curve.step(0.9, 2).trial(Goal.HIGHEST, 4));
    double holds = 0;
    double fails = Double.POSITIVE_INFINITY;
    for (Probe probe : finding.probes()) {
      assertThat(probe.level()).isGreaterThan(holds).isLessThan(fails);
      holds = probe.holds() ? probe.level() : holds;
      fails = probe.holds() ? fails : probe.level();
    }
  }

  @Test
  void aHighestLevelThatHoldsIsABound() {
    Finding finding = search(RATES, 7, Curve.step(0.25, 2).trial(Goal.HIGHEST, 1e6));
    assertThat(finding.stop()).isEqualTo(Stop.BOUND_REACHED);
    assertThat(finding.answer().orElseThrow().level()).isEqualTo(100);
    assertThat(finding.limit()).isEmpty();
    assertThat(why(finding))
        .isEqualTo(
            "bound reached: 100.00, the highest level allowed, holds"
                + " (ttft.p99 is 500ms, its limit 2s)");
  }

  @Test
  void aLowestLevelThatHoldsIsABound() {
    Finding finding = search(DEVICES, 8, Curve.power(1).trial(Goal.LOWEST, 0.5));
    assertThat(finding.stop()).isEqualTo(Stop.BOUND_REACHED);
    assertThat(finding.answer().orElseThrow().level()).isEqualTo(1);
    assertThat(why(finding)).contains("1.00, the lowest level allowed, holds");
  }

  @Test
  void whatNoLevelHoldsIsImpossible() {
    Finding finding = search(DEVICES, 8, Curve.power(1).trial(Goal.LOWEST, 80));
    assertThat(finding.stop()).isEqualTo(Stop.IMPOSSIBLE);
    assertThat(finding.answer()).isEmpty();
    assertThat(why(finding))
        .isEqualTo(
            "impossible: 64.00, the highest level allowed, does not hold"
                + " (ttft.p99 is 2.5s, its limit 2s)");
  }

  @Test
  void strainThatNoRateLowersIsFlat() {
    Finding finding = search(RATES, 10, level -> Curve.verdict(1.2 * Math.max(1, level / 2)));
    assertThat(finding.stop()).isEqualTo(Stop.FLAT);
    assertThat(finding.answer()).isEmpty();
    assertThat(finding.probes().getLast().level()).isEqualTo(0.01);
    Probe hardest =
        finding.probes().stream().filter(probe -> probe.level() < 2).findFirst().orElseThrow();
    assertThat(why(finding))
        .isEqualTo(
            "flat: strain is the same from %.2f to 0.01, the lowest level allowed, so no level helps"
                    .formatted(hardest.level())
                + " (ttft.p99 is 2.4s, its limit 2s)");
  }

  @Test
  void strainThatHardlyFollowsTheLevelIsFlat() {
    Finding finding = search(RATES, 10, level -> Curve.verdict(1.2 * Math.pow(level, 1e-3)));
    assertThat(finding.stop()).isEqualTo(Stop.FLAT);
  }

  @Test
  void flatnessIsSeenWithoutTryingAllLevels() {
    var wide = new SearchSpace(Goal.HIGHEST, 1e-12, 1e12, false);
    Finding finding = search(wide, 1, level -> Curve.verdict(Double.POSITIVE_INFINITY));
    assertThat(finding.stop()).isEqualTo(Stop.FLAT);
    assertThat(finding.probes()).hasSizeLessThan(6);
    assertThat(why(finding)).contains("ttft.p99 is endless");
  }

  @Test
  void evenOverloadIsNotTakenForFlat() {
    Finding finding = search(RATES, 100, Curve.step(0.5, 3).trial(Goal.HIGHEST, 0.05));
    assertThat(finding.answer().orElseThrow().level()).isCloseTo(0.05, within(0.005));
  }

  @Test
  void tooFewProbesLeaveTheirBracket() {
    Finding finding =
        new CapacitySearch(RATES, 0.02, 5)
            .from(1, Curve.step(0.5, 3).trial(Goal.HIGHEST, 8), probe -> {});
    assertThat(finding.stop()).isEqualTo(Stop.PROBES_USED_UP);
    assertThat(finding.probes()).hasSize(5);
    assertThat(finding.answer().orElseThrow().level()).isLessThan(8);
    assertThat(finding.limit().orElseThrow().level()).isGreaterThan(8);
    assertThat(why(finding))
        .matches("probes used up: after 5, \\S+ holds and \\S+ does not \\(\\S+ % apart\\)");
  }

  @Test
  void tooFewProbesMayNotBracketAtAll() {
    var search = new CapacitySearch(RATES, 0.02, 2);
    DoubleFunction<Verdict> trial = Curve.power(1).trial(Goal.HIGHEST, 1);
    assertThat(why(search.from(50, trial, probe -> {})))
        .matches("probes used up: after 2, no level tried holds and the nearest is \\S+");
    assertThat(why(search.from(0.02, trial, probe -> {})))
        .matches("probes used up: after 2, \\S+ holds and no level tried fails");
  }

  @Test
  void aGuessOutsideTheSpaceStandsForItsEnd() {
    DoubleFunction<Verdict> trial = Curve.power(1).trial(Goal.LOWEST, 5);
    assertThat(search(DEVICES, 1e9, trial).probes().getFirst().level()).isEqualTo(64);
    assertThat(search(DEVICES, -3, trial).probes().getFirst().level()).isEqualTo(1);
    assertThat(search(DEVICES, 7.4, trial).probes().getFirst().level()).isEqualTo(7);
  }

  @Test
  void aSpaceOfOneLevelTakesOneProbe() {
    var one = new SearchSpace(Goal.HIGHEST, 3, 3, true);
    Finding holds = search(one, 3, level -> Curve.verdict(0.5));
    Finding fails = search(one, 3, level -> Curve.verdict(2));
    assertThat(holds.stop()).isEqualTo(Stop.BOUND_REACHED);
    assertThat(fails.stop()).isEqualTo(Stop.IMPOSSIBLE);
    assertThat(fails.probes()).hasSize(1);
  }

  @Test
  void badSettingsAreRefusedInOneSentence() {
    refused(() -> new SearchSpace(Goal.HIGHEST, 0, 1, false), "levels from 0.0 to 1.0 cannot be");
    refused(() -> new SearchSpace(Goal.HIGHEST, 2, 1, false), "levels from 2.0 to 1.0 cannot be");
    refused(() -> new SearchSpace(Goal.HIGHEST, 0.5, 8, true), "both ends must be whole numbers");
    refused(() -> new CapacitySearch(RATES, 0, 12), "tolerance 0.0 is not from 0.0001 up to 1");
    refused(() -> new CapacitySearch(RATES, 0.02, 0), "0 probes find nothing; allow at least 1");
    refused(() -> search(RATES, Double.NaN, level -> Curve.verdict(1)), "guess is not a number");
  }

  private static void refused(Runnable made, String part) {
    assertThatIllegalArgumentException().isThrownBy(made::run).withMessageContaining(part);
  }

  private static Finding search(SearchSpace space, double guess, DoubleFunction<Verdict> trial) {
    return new CapacitySearch(space).from(guess, trial, probe -> {});
  }

  private static String why(Finding finding) {
    return finding.why(level -> String.format(Locale.ROOT, "%.2f", level));
  }
}
