package org.kvcache.sim.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.kvcache.BlockKeys;
import org.kvcache.sim.trace.Trace;
import org.kvcache.spi.PolicyCatalog;

class RouterTest {
  private static final int BLOCK = 4;
  private final List<Replica> replicas = new ArrayList<>();

  @AfterEach
  void close() {
    replicas.forEach(replica -> replica.memory().close());
  }

  @Test
  void eachInTurn() {
    Router router = router(Routing.ROUND_ROBIN, 3, prompts(4));
    assertThat(chosen(router, 0, 1, 2, 3)).containsExactly(0, 1, 2, 0);
  }

  @Test
  void leastLoadedIsTheOneWithTheFewestTokensToGo() {
    Router router = router(Routing.LEAST_LOADED, 3, prompts(4));
    give(0, 10);
    give(1, 5);
    give(2, 7);
    assertThat(chosen(router, 0)).containsExactly(1);
    give(1, 5);
    assertThat(chosen(router, 1)).containsExactly(2);
  }

  @Test
  void prefixIsFollowedUnlessItsReplicaIsMuchBusier() {
    Trace trace;
    try (var prompts = new Prompts(BLOCK)) {
      trace =
          prompts
              .add(0, 8, 1, -1, 1, 2)
              .add(0, 8, 1, -1, 5, 6)
              .add(0, 12, 1, -1, 1, 2, 3)
              .add(0, 12, 1, -1, 1, 2, 4)
              .add(0, 12, 1, -1, 1, 2, 4)
              .trace();
    }
    Router router = router(Routing.PREFIX, 2, trace);
    assertThat(chosen(router, 0)).containsExactly(0);
    give(0, 11);
    assertThat(chosen(router, 1)).as("the idlest, as nobody knows it").containsExactly(1);
    assertThat(chosen(router, 2))
        .as("12 are no more than twice none and its own 12")
        .containsExactly(0);
    give(0, 1);
    assertThat(chosen(router, 3)).as("13 are").containsExactly(1);
    give(1, 1);
    assertThat(chosen(router, 4)).as("where it last was").containsExactly(1);
  }

  @Test
  void oneReplicaGetsAll() {
    for (Routing routing : Routing.values()) {
      replicas.clear();
      assertThat(chosen(router(routing, 1, prompts(2)), 0, 1)).containsExactly(0, 0);
    }
  }

  private static Trace prompts(int requests) {
    try (var prompts = new Prompts(BLOCK)) {
      for (int r = 0; r < requests; r++) {
        prompts.add(0, 8, 1);
      }
      return prompts.trace();
    }
  }

  private static List<Integer> chosen(Router router, int... requests) {
    var chosen = new ArrayList<Integer>();
    for (int request : requests) {
      chosen.add(router.choose(request).index());
    }
    return chosen;
  }

  /** Work of {@code input} tokens and a token of answer that never gets done. */
  private void give(int replica, int input) {
    Replica to = replicas.get(replica);
    to.arrive(new Sequence(0, input, 1, to.memory().newTable(), new BlockKeys()), 0);
  }

  private Router router(Routing routing, int count, Trace trace) {
    var outcomes = new Outcomes(1);
    ServingConfig config = Machines.small(100, BLOCK);
    for (int i = 0; i < count; i++) {
      replicas.add(
          new Replica(
              i,
              config.batching(),
              new KvMemory(
                  config, BLOCK, PolicyCatalog.named("lru"), 1, List.of(), new Channel(), outcomes),
              new TokenDecoder(),
              new Pass(config.passes()),
              Double.POSITIVE_INFINITY,
              new ArrivalLine(),
              new EventQueue(),
              new RunLog(outcomes, new TokenGaps(Windows.over(1), new Rounds(trace))),
              (_, _) -> {}));
    }
    return new Router(trace, routing, replicas);
  }
}
