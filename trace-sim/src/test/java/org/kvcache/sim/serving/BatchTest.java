package org.kvcache.sim.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.kvcache.sim.Simulator;
import org.kvcache.sim.trace.Request;
import org.kvcache.sim.trace.Trace;
import org.kvcache.sim.trace.TraceBuilder;
import org.kvcache.sim.trace.TraceOptions;

final class BatchTest {
  private static final Trace TRACE =
      Batches.of(
          4,
          new long[] {1, 2, 9},
          new long[] {3, 8},
          new long[] {1, 2, 4},
          new long[] {3, 5},
          new long[] {1, 6});

  @Test
  void whoHasMostCachedGoesFirstAndOfEqualOnesWhoCameFirst() {
    assertThat(Batches.begun(Batches.run(TRACE, "lru", 20, 1, Order.LONGEST_PREFIX)))
        .containsExactly(0, 2, 4, 1, 3);
  }

  @Test
  void theWholeBatchIsThereBeforeTheFirstPass() {
    Outcomes outcomes = Batches.run(TRACE, "lru", 40, 16, Order.ARRIVAL).outcomes();
    for (int request = 0; request < TRACE.requests(); request++) {
      assertThat(outcomes.admitted(request)).isZero();
    }
  }

  @Test
  void turnsDoNotWaitForEachOther() {
    var request = new Request();
    Trace session;
    try (var builder = new TraceBuilder("session", 4, TraceOptions.ALL)) {
      for (int turn = 0; turn < 3; turn++) {
        request.clear();
        request.set(turn * 60_000, 4 * (turn + 1), 4, 0, turn);
        for (int id = 0; id <= turn; id++) {
          request.addId(id);
        }
        builder.add(request);
      }
      session = builder.build();
    }
    Outcomes outcomes = Batches.run(session, "lru", 20, 16, Order.DEPTH_FIRST).outcomes();
    assertThat(List.of(outcomes.admitted(0), outcomes.admitted(1), outcomes.admitted(2)))
        .containsOnly(0.0);
    assertThat(List.of(outcomes.generatedTokens(0), outcomes.generatedTokens(1))).containsOnly(4);
  }

  @Test
  void boundsNeedAnOrderKnownBeforehand() {
    for (String bound : List.of(Simulator.OPT, Simulator.INFINITE)) {
      for (Load load :
          List.of(
              new Load.AtOnce(Order.LONGEST_PREFIX),
              new Load.Recorded(1),
              new Load.Closed(1, OptionalDouble.empty()))) {
        assertThatIllegalArgumentException()
            .isThrownBy(
                () -> new ServingSimulator(TRACE).run(Batches.config(TRACE, bound, 20, 1), load, 0))
            .withMessageContaining("arrival or depth-first");
      }
    }
  }

  @Test
  void boundsHaveNoLowerTiers() {
    ServingConfig config =
        Batches.config(TRACE, Simulator.OPT, 20, 1)
            .withTiers(List.of(new TierSize(TierSize.Place.HOST, 1e9)));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new ServingSimulator(TRACE).run(config, new Load.AtOnce(Order.ARRIVAL), 0))
        .withMessageContaining("lower tiers");
  }

  @Test
  void ordersAreNamedAsTheCommandLineNamesThem() {
    assertThat(Order.values())
        .extracting(Order::label)
        .containsExactly("arrival", "longest-prefix", "depth-first");
  }
}
