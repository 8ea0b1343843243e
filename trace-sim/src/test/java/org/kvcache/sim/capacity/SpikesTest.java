package org.kvcache.sim.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SpikesTest {
  private static final Slo SLO = Slo.parse("ttft.mean=1s");

  @Test
  void oneBadWindowIsForgivenAndNamed() {
    Verdict verdict = SLO.judge(Runs.of(0.5, 0.5, 9, 0.8), 1);
    assertThat(verdict.holds()).isTrue();
    assertThat(verdict.forgiven()).isTrue();
    assertThat(verdict.leftOut()).containsExactly(2);
    assertThat(verdict.strain()).isCloseTo(0.6, within(1e-12));
    assertThat(verdict.overall().getFirst().seconds()).isEqualTo(2.7);
  }

  @Test
  void noSpikesMeansNoTolerance() {
    Verdict verdict = SLO.judge(Runs.of(0.5, 0.5, 9, 0.8), 0);
    assertThat(verdict.holds()).isFalse();
    assertThat(verdict.leftOut()).isEmpty();
    assertThat(verdict.judged()).isEqualTo(verdict.overall());
  }

  @Test
  void twoBadWindowsAreOneTooMany() {
    Verdict verdict = SLO.judge(Runs.of(0.5, 8, 0.5, 9, 0.5), 1);
    assertThat(verdict.holds()).isFalse();
    assertThat(verdict.forgiven()).isFalse();
    assertThat(verdict.leftOut()).containsExactly(3);
    assertThat(verdict.strain()).isCloseTo(9.5 / 4, within(1e-12));
  }

  @Test
  void theWorstWindowsGoFirstAndNoMoreThanNeeded() {
    assertThat(SLO.judge(Runs.of(0.5, 8, 0.5, 9, 0.5), 2).leftOut()).containsExactly(1, 3);
    assertThat(SLO.judge(Runs.of(0.5, 1.1, 0.5, 9, 0.5, 0.5, 0.5), 3).leftOut()).containsExactly(3);
  }

  @Test
  void ofEqualSpikesTheFirstIsForgiven() {
    assertThat(SLO.judge(Runs.of(0.1, 3, 0.1, 3, 0.1), 1).leftOut()).containsExactly(1);
  }

  @Test
  void spikesAreFoundWhereOneHidesTheOther() {
    Verdict verdict = Slo.parse("ttft.max=1s").judge(Runs.of(0.5, 9, 0.6, 9, 0.5), 2);
    assertThat(verdict.forgiven()).isTrue();
    assertThat(verdict.leftOut()).containsExactly(1, 3);
    assertThat(verdict.strain()).isEqualTo(0.6);
  }

  @Test
  void aRunThatHoldsIsTakenWhole() {
    Verdict verdict = SLO.judge(Runs.of(0.1, 2, 0.1), 1);
    assertThat(verdict.holds()).isTrue();
    assertThat(verdict.forgiven()).isFalse();
    assertThat(verdict.leftOut()).isEmpty();
  }

  @Test
  void mostWindowsAlwaysCount() {
    assertThat(SLO.judge(Runs.of(9), 1).holds()).isFalse();
    assertThat(SLO.judge(Runs.of(9, 0.1), 1).holds()).isFalse();
    assertThat(SLO.judge(Runs.of(9, 9, 9, 0.1), 9).leftOut()).hasSize(1);
    assertThat(SLO.judge(Runs.of(9, 0.1, 9, 0.1, 0.1), 9).holds()).isTrue();
  }

  @Test
  void windowsThatNeverEndAreLeftOutToo() {
    double endless = Double.POSITIVE_INFINITY;
    assertThat(SLO.judge(Runs.of(0.5, endless, 0.5), 1).leftOut()).containsExactly(1);
    assertThat(SLO.judge(Runs.of(0.5, endless, endless, 0.5, 0.5), 2).leftOut())
        .containsExactly(1, 2);
  }

  @Test
  void aNegativeNumberOfSpikesIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SLO.judge(Runs.of(1), -1))
        .withMessage("-1 spikes cannot be left out; 0 leaves out none");
  }
}
