package org.kvcache.sim.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.DoubleFunction;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class CapacitySearchProperties {
  private static final double AGREEMENT = 1.03;
  private static final double GRID = 1.01;

  @Provide
  Arbitrary<Curve> curves() {
    Arbitrary<Double> below = between(0.02, 0.98);
    return Arbitraries.oneOf(
        between(0.02, 0.9).map(Curve::queue),
        Combinators.combine(between(0.02, 0.9), between(3, 1000)).as(Curve::finiteQueue),
        Combinators.combine(below, between(2, 300)).as(Curve::hockeyStick),
        Combinators.combine(below, between(1.02, 50)).as(Curve::step),
        between(0.2, 10).map(Curve::power),
        Combinators.combine(between(1.2, 8), between(0.5, 8)).as(Curve::saturating));
  }

  /** Curves that cross the limit steeply enough for noise not to move it beyond agreement. */
  @Provide
  Arbitrary<Curve> steepCurves() {
    Arbitrary<Double> below = between(0.02, 0.9);
    return Arbitraries.oneOf(
        between(0.02, 0.5).map(Curve::queue),
        Combinators.combine(between(0.02, 0.4), between(20, 1000)).as(Curve::finiteQueue),
        Combinators.combine(below, between(2, 300)).as(Curve::hockeyStick),
        Combinators.combine(below, between(1.02, 50)).as(Curve::step),
        between(1, 10).map(Curve::power),
        Combinators.combine(between(3, 8), between(1.5, 8)).as(Curve::saturating));
  }

  @Provide
  Arbitrary<Double> factors() {
    return Arbitraries.oneOf(
        between(-1, 1).map(power -> Math.pow(8, power)), Arbitraries.of(1 / 8.0, 1.0, 8.0));
  }

  @Provide
  Arbitrary<Double> answers() {
    return between(-3, 3).map(power -> Math.pow(10, power));
  }

  @Property(tries = 3000, seed = "1")
  void agreesWithTheExactAnswer(
      @ForAll("curves") Curve curve,
      @ForAll("answers") double answer,
      @ForAll("factors") double factor,
      @ForAll Goal goal) {
    Finding finding = search(space(goal, answer), factor * answer, curve.trial(goal, answer));
    assertConverged(finding);
    double found = finding.answer().orElseThrow().level();
    double load = (goal == Goal.HIGHEST) ? found / answer : answer / found;
    assertThat(load).isBetween(1 / (1 + CapacitySearch.DEFAULT_TOLERANCE), 1 + 1e-9);
  }

  @Property(tries = 3000, seed = "2")
  void agreesWithASweepInNoise(
      @ForAll("steepCurves") Curve curve,
      @ForAll("answers") double answer,
      @ForAll("factors") double factor,
      @ForAll Goal goal,
      @ForAll long seed) {
    DoubleFunction<Verdict> trial = curve.noisy(0.01, seed).trial(goal, answer);
    Finding finding = search(space(goal, answer), factor * answer, trial);
    assertConverged(finding);
    double found = finding.answer().orElseThrow().level();
    double swept = sweep(trial, goal, answer);
    assertThat(found).isBetween(swept / AGREEMENT, swept * AGREEMENT);
  }

  @Property(tries = 2000, seed = "3")
  void wholeLevelsAreExact(
      @ForAll("curves") Curve curve,
      @ForAll @IntRange(min = 1, max = 63) int below,
      @ForAll @DoubleRange(min = 0.01, max = 0.99) double share,
      @ForAll @IntRange(min = 1, max = 64) int guess,
      @ForAll Goal goal) {
    var space = new SearchSpace(goal, 1, 64, true);
    Finding finding = search(space, guess, curve.trial(goal, below + share));
    assertConverged(finding);
    double exact = (goal == Goal.HIGHEST) ? below : below + 1;
    assertThat(finding.answer().orElseThrow().level()).isEqualTo(exact);
    assertThat(finding.probes()).extracting(Probe::level).doesNotHaveDuplicates();
  }

  @Property(tries = 2000, seed = "4")
  void theAnswerHeldAndTheLevelNextToItFailedHoweverStrainWanders(
      @ForAll @DoubleRange(min = 0.05, max = 20) double guess,
      @ForAll @DoubleRange(min = 0.1, max = 0.9) double share,
      @ForAll Goal goal,
      @ForAll long seed) {
    DoubleFunction<Verdict> trial = Curve.power(1).noisy(share, seed).trial(goal, 1);
    Finding finding = search(space(goal, 1), guess, trial);
    Probe answer = finding.answer().orElseThrow();
    Probe limit = finding.limit().orElseThrow();
    assertThat(answer.holds()).isTrue();
    assertThat(limit.holds()).isFalse();
    for (Probe probe : finding.probes()) {
      boolean harder =
          (goal == Goal.HIGHEST) ? probe.level() > answer.level() : probe.level() < answer.level();
      assertThat(probe.holds()).isEqualTo(!harder);
    }
    assertThat(finding.stop()).isEqualTo(Stop.CONVERGED);
  }

  @Property(tries = 500, seed = "5")
  void theSameSearchFindsTheSame(
      @ForAll("curves") Curve curve,
      @ForAll("answers") double answer,
      @ForAll("factors") double factor,
      @ForAll Goal goal,
      @ForAll long seed) {
    DoubleFunction<Verdict> trial = curve.noisy(0.01, seed).trial(goal, answer);
    var search = new CapacitySearch(space(goal, answer));
    assertThat(search.from(factor * answer, trial, probe -> {}))
        .isEqualTo(search.from(factor * answer, trial, probe -> {}));
  }

  private static void assertConverged(Finding finding) {
    assertThat(finding.stop()).isEqualTo(Stop.CONVERGED);
    assertThat(finding.probes()).hasSizeLessThanOrEqualTo(CapacitySearch.DEFAULT_PROBES);
  }

  /** Goes on from far within the limit by steps of the grid, up to the first level that fails. */
  private static double sweep(DoubleFunction<Verdict> trial, Goal goal, double answer) {
    double step = (goal == Goal.HIGHEST) ? GRID : 1 / GRID;
    double level = answer / Math.pow(step, 30);
    while (trial.apply(level * step).holds()) {
      level *= step;
    }
    return level;
  }

  private static SearchSpace space(Goal goal, double answer) {
    return new SearchSpace(goal, answer / 1000, answer * 1000, false);
  }

  private static Finding search(SearchSpace space, double guess, DoubleFunction<Verdict> trial) {
    return new CapacitySearch(space).from(guess, trial, probe -> {});
  }

  private static Arbitrary<Double> between(double min, double max) {
    return Arbitraries.doubles().between(min, max).ofScale(4);
  }
}
