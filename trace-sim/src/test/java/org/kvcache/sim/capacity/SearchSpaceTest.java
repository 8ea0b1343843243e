package org.kvcache.sim.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SearchSpaceTest {

  @ParameterizedTest
  @EnumSource
  void moreEffortStrainsMore(Goal goal) {
    var space = new SearchSpace(goal, 1, 10, false);
    assertThat(space.effort(space.hardest())).isGreaterThan(space.effort(space.easiest()));
  }

  @Test
  void betweenTwoWholeLevelsLiesOneThatIsNeither() {
    var space = new SearchSpace(Goal.HIGHEST, 1, 100, true);
    assertThat(space.levelBetween(10, 12, space.effort(10.1))).isEqualTo(11);
    assertThat(space.levelBetween(12, 10, space.effort(11.9))).isEqualTo(11);
    assertThat(space.levelBetween(10, 90, space.effort(40.2))).isEqualTo(40);
  }

  @Test
  void aLevelOutsideItsBracketGivesWayToTheMiddle() {
    var space = new SearchSpace(Goal.HIGHEST, 1, 100, false);
    assertThat(space.levelBetween(4, 9, space.effort(9))).isEqualTo(6);
    assertThat(space.levelBetween(4, 9, Double.NaN)).isEqualTo(6);
    assertThat(space.levelBetween(4, 9, space.effort(5))).isBetween(4.999, 5.001);
  }

  @Test
  void aStepLessThanOneGoesToTheNextWholeLevel() {
    var fewest = new SearchSpace(Goal.LOWEST, 1, 100, true);
    var fails = new Probe(2, Curve.verdict(1.01));
    var holds = new Probe(9, Curve.verdict(0.99));
    assertThat(fewest.levelBeyond(fails, fewest.effort(2.1), 0.02)).isEqualTo(3);
    assertThat(fewest.levelBeyond(holds, fewest.effort(8.9), 0.02)).isEqualTo(8);
  }

  @Test
  void aStepThatEndsJustShortOfTheEndGoesThere() {
    var space = new SearchSpace(Goal.HIGHEST, 1, 100, false);
    var holds = new Probe(50, Curve.verdict(0.5));
    assertThat(space.levelBeyond(holds, space.effort(99), 0.02)).isEqualTo(100);
    assertThat(space.levelBeyond(holds, space.effort(200), 0.02)).isEqualTo(100);
    assertThat(space.levelBeyond(holds, space.effort(90), 0.02)).isBetween(89.9, 90.1);
  }
}
