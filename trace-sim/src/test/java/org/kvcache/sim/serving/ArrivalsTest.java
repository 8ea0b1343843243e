package org.kvcache.sim.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.kvcache.sim.trace.Trace;

class ArrivalsTest {
  private final EventQueue events = new EventQueue();

  @Test
  void recordedTimesCountFromTheFirstAndTurnsWait() {
    Arrivals arrivals = started(twoSessions(), new Load.Recorded(2));
    assertThat(due()).isEqualTo(Map.of(0, 0.0, 1, 0.5));
    assertThat(arrivals.next(0)).isEqualTo(2);
    assertThat(arrivals.next(1)).isEqualTo(3);
    assertThat(arrivals.next(2)).isEqualTo(-1);
    arrivals.ended(0, 0.75);
    arrivals.ended(1, 5);
    assertThat(due()).isEqualTo(Map.of(2, 1.0, 3, 5.0));
    arrivals.ended(2, 6);
    assertThat(due()).isEmpty();
  }

  @Test
  void poissonKeepsTheOrderAndTheRate() {
    Trace trace;
    int requests = 20_000;
    try (var prompts = new Prompts(4)) {
      for (int r = 0; r < requests; r++) {
        prompts.add(0, 4, 1);
      }
      trace = prompts.trace();
    }
    started(trace, new Load.Poisson(50));
    double last = 0;
    for (int r = 0; events.next(); r++) {
      assertThat(events.subject()).isEqualTo(r);
      last = events.now();
    }
    assertThat(last).isCloseTo(requests / 50.0, withinPercentage(2));
  }

  @Test
  void usersTakeOneSessionAfterTheOther() {
    Trace trace;
    try (var prompts = new Prompts(4)) {
      trace =
          prompts
              .add(0, 4, 1, 0)
              .add(1000, 4, 1, 1)
              .add(3000, 4, 1, 0)
              .add(4000, 4, 1)
              .add(5000, 4, 1, 1)
              .trace();
    }
    Arrivals arrivals = started(trace, new Load.Closed(1, OptionalDouble.empty()));
    assertThat(due()).isEqualTo(Map.of(0, 0.0));
    arrivals.ended(0, 10);
    assertThat(due()).isEqualTo(Map.of(2, 13.0));
    arrivals.ended(2, 20);
    assertThat(due()).isEqualTo(Map.of(1, 20.0));
    arrivals.ended(1, 21);
    assertThat(due()).isEqualTo(Map.of(4, 25.0));
    arrivals.ended(4, 30);
    assertThat(due()).isEqualTo(Map.of(3, 30.0));
    arrivals.ended(3, 31);
    assertThat(due()).isEmpty();
  }

  @Test
  void usersAreAtMostTheSessions() {
    Arrivals arrivals = started(twoSessions(), new Load.Closed(10, OptionalDouble.of(0)));
    assertThat(due()).isEqualTo(Map.of(0, 0.0, 1, 0.0));
    arrivals.ended(0, 4);
    assertThat(due()).isEqualTo(Map.of(2, 4.0));
  }

  @Test
  void usersThinkForTheMeanTime() {
    Trace trace;
    int requests = 20_000;
    try (var prompts = new Prompts(4)) {
      for (int r = 0; r < requests; r++) {
        prompts.add(0, 4, 1);
      }
      trace = prompts.trace();
    }
    Arrivals arrivals = started(trace, new Load.Closed(1, OptionalDouble.of(3)));
    double last = 0;
    while (events.next()) {
      last = events.now();
      arrivals.ended(events.subject(), last);
    }
    assertThat(last).isCloseTo(3.0 * requests, withinPercentage(2));
  }

  @Test
  void loadsThatAreNoneAreRefused() {
    assertThatThrownBy(() -> new Load.Recorded(0))
        .hasMessage("rate is 0.0; it must be times the recorded one, such as 1.5");
    assertThatThrownBy(() -> new Load.Poisson(Double.POSITIVE_INFINITY))
        .hasMessage("rate is Infinity; it must be requests a second, above 0");
    assertThatThrownBy(() -> new Load.Poisson(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> new Load.Closed(0, OptionalDouble.empty()))
        .hasMessage("users is 0; give at least 1");
    assertThatThrownBy(() -> new Load.Closed(1, OptionalDouble.of(-1)))
        .hasMessage("think is -1.0; give 0 or more seconds");
  }

  private static Trace twoSessions() {
    try (var prompts = new Prompts(4)) {
      return prompts
          .add(7000, 4, 1, 0)
          .add(8000, 4, 1, 1)
          .add(9000, 4, 1, 0)
          .add(9500, 4, 1, 1)
          .trace();
    }
  }

  private Arrivals started(Trace trace, Load load) {
    var arrivals = new Arrivals(trace, load, 11, events);
    arrivals.start();
    return arrivals;
  }

  /** Times by request of all that is to come. */
  private Map<Integer, Double> due() {
    var due = new LinkedHashMap<Integer, Double>();
    while (events.next()) {
      assertThat(events.kind()).isEqualTo(EventQueue.Kind.ARRIVAL);
      due.put(events.subject(), events.now());
    }
    return due;
  }
}
