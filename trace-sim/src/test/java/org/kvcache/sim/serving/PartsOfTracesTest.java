package org.kvcache.sim.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.sim.trace.Trace;

class PartsOfTracesTest {

  @Test
  void roundsDoubleFromClassToClass() {
    Trace trace;
    try (var prompts = new Prompts(4)) {
      for (int turn = 1; turn <= 70; turn++) {
        prompts.add(turn, 4, 1, 0);
        prompts.add(turn, 4, 1);
      }
      trace = prompts.trace();
    }
    var rounds = new Rounds(trace);
    int[] firstTurns = {1, 2, 3, 5, 9, 17, 33, 65};
    for (int number = 0; number < Rounds.CLASSES; number++) {
      int turn = firstTurns[number];
      assertThat(rounds.of(2 * (turn - 1))).isEqualTo(number);
      if (number > 0) {
        assertThat(rounds.of(2 * (turn - 2))).isEqualTo(number - 1);
      }
      assertThat(rounds.of(2 * turn - 1)).as("without a session").isZero();
    }
    assertThat(IntStream.range(0, Rounds.CLASSES).mapToObj(Rounds::label))
        .containsExactly("1", "2", "3-4", "5-8", "9-16", "17-32", "33-64", "65+");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 39, 40, 41, 79, 81, 1234})
  void windowsPartTheRequestsEvenly(int requests) {
    Windows windows = Windows.over(requests);
    assertThat(windows.count()).isEqualTo(Math.min(40, requests));
    assertThat(windows.first(0)).isZero();
    assertThat(windows.first(windows.count())).isEqualTo(requests);
    for (int window = 0; window < windows.count(); window++) {
      int size = windows.first(window + 1) - windows.first(window);
      assertThat(size)
          .isBetween(requests / windows.count(), Math.ceilDiv(requests, windows.count()));
      for (int r = windows.first(window); r < windows.first(window + 1); r++) {
        assertThat(windows.of(r)).isEqualTo(window);
      }
    }
  }

  @Test
  void gapsAreKeptByWindowAndRound() {
    Trace trace;
    try (var prompts = new Prompts(4)) {
      trace = prompts.add(0, 4, 3, 0).add(1, 4, 3, 0).trace();
    }
    var gaps = new TokenGaps(Windows.over(2), new Rounds(trace));
    gaps.record(0, 0, 0.5, 2);
    gaps.record(1, 1, 1, 3);
    assertThat(gaps.window(0).count()).isEqualTo(2);
    assertThat(gaps.window(1).count()).isEqualTo(3);
    assertThat(gaps.round(0, 0).count()).isEqualTo(2);
    assertThat(gaps.round(0, 1).count()).isZero();
    assertThat(gaps.round(1, 0).count()).isEqualTo(3);
  }

  @Test
  void outcomesAreUnknownUntilTheyAre() {
    var outcomes = new Outcomes(2);
    assertThat(outcomes.requests()).isEqualTo(2);
    assertThat(outcomes.arrival(0)).isNaN();
    assertThat(outcomes.admitted(0)).isNaN();
    assertThat(outcomes.refused(0)).isTrue();
    outcomes.arrival[1] = 1;
    outcomes.firstToken[1] = 3.5;
    outcomes.finish[1] = 4;
    outcomes.restored[TierSize.Place.DISK.ordinal()][1] = 12;
    assertThat(outcomes.timeToFirstToken(1)).isEqualTo(2.5);
    assertThat(outcomes.refused(1)).isFalse();
    assertThat(outcomes.restoredTokens(1, TierSize.Place.DISK)).isEqualTo(12);
    assertThat(outcomes.restoredTokens(1, TierSize.Place.HOST)).isZero();
  }
}
