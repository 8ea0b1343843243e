package org.kvcache.sim.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.sim.cost.Hardware;
import org.kvcache.sim.cost.ModelShape;
import org.kvcache.sim.trace.Request;
import org.kvcache.sim.trace.Trace;
import org.kvcache.sim.trace.TraceBuilder;
import org.kvcache.sim.trace.TraceOptions;

/** A server that takes one prompt at a time, in a time proportional to its tokens. */
class QueueingTheoryTest {
  private static final int REQUESTS = 400_000;
  private static final int WARM_UP = REQUESTS / 20;
  private static final int MEAN_TOKENS = 100_000;
  private static final double SERVICE = 1;
  private static final double PERCENT = 2;

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.8})
  void equalPromptsWaitAsInMD1(double load) {
    Means means = Means.of(serve(load, _ -> MEAN_TOKENS));
    assertThat(means.queued)
        .isCloseTo(load * SERVICE / (2 * (1 - load)), withinPercentage(PERCENT));
    assertThat(means.busy).isCloseTo(load, withinPercentage(PERCENT));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.8})
  void exponentialPromptsStayAsInMM1(double load) {
    var random = new SplittableRandom(5);
    ServingRun run = serve(load, _ -> (int) (-MEAN_TOKENS * Math.log1p(-random.nextDouble())));
    Means means = Means.of(run);
    assertThat(means.stay).isCloseTo(SERVICE / (1 - load), withinPercentage(PERCENT));
    assertThat(means.busy).isCloseTo(load, withinPercentage(PERCENT));
  }

  /** The server works if somebody is in it, so that two sums over different events agree. */
  @Test
  void asManyAreThereAsRateTimesStay() {
    ServingRun run = serve(0.8, _ -> MEAN_TOKENS);
    Outcomes outcomes = run.outcomes();
    double there = 0;
    double last = 0;
    int in = 0;
    double area = 0;
    int departed = 0;
    for (int arrived = 0; departed < REQUESTS; ) {
      boolean comes = arrived < REQUESTS && outcomes.arrival(arrived) <= outcomes.finish(departed);
      double now = comes ? outcomes.arrival(arrived++) : outcomes.finish(departed++);
      area += in * (now - last);
      in += comes ? 1 : -1;
      last = now;
      there = Math.max(there, in);
    }
    double stay = 0;
    for (int r = 0; r < REQUESTS; r++) {
      stay += outcomes.finish(r) - outcomes.arrival(r);
    }
    assertThat(in).isZero();
    assertThat(there).isGreaterThan(1);
    assertThat(area).isCloseTo(stay, withinPercentage(1e-6));
    assertThat(area / last)
        .isCloseTo(0.8 * (SERVICE + 0.8 * SERVICE / (2 * 0.2)), withinPercentage(2 * PERCENT));
  }

  private record Means(double queued, double stay, double busy) {
    static Means of(ServingRun run) {
      Outcomes outcomes = run.outcomes();
      double queued = 0;
      double stay = 0;
      for (int r = WARM_UP; r < REQUESTS; r++) {
        queued += outcomes.admitted(r) - outcomes.arrival(r);
        stay += outcomes.finish(r) - outcomes.arrival(r);
      }
      int count = REQUESTS - WARM_UP;
      ServingRun.Totals totals = run.totals();
      return new Means(queued / count, stay / count, totals.busySeconds() / totals.seconds());
    }
  }

  private static ServingRun serve(double load, IntUnaryOperator tokens) {
    var request = new Request();
    Trace trace;
    try (var builder = new TraceBuilder("queue", 1 << 20, TraceOptions.ALL)) {
      for (int r = 0; r < REQUESTS; r++) {
        request.clear();
        request.set(r, Math.max(1, tokens.applyAsInt(r)), 1, Request.NONE, Request.NONE);
        builder.add(request);
      }
      trace = builder.build();
    }
    return new ServingSimulator(trace).run(oneByOne(), new Load.Poisson(load / SERVICE), 7);
  }

  /** No time for layers, next to none for attention and for reading the weights. */
  private static ServingConfig oneByOne() {
    double parameters = 1e6;
    var model = new ModelShape("linear", 1, 1, 1, 1, parameters, parameters, 1e-3, 1e-3, 1, false);
    double flops = 2 * parameters * MEAN_TOKENS / SERVICE;
    var device =
        new Hardware(
            "linear",
            new Hardware.Gpu(1e10, 1e15, flops, 0, 1, 1, 1, 1e12, 0),
            new Hardware.Host(1e9, 1e9, 1e9, 1),
            new Hardware.Link(1e9, 1),
            new Hardware.Store(1e9, 0),
            new Hardware.Store(1e9, 0),
            new Hardware.Energy(1, 1, 1, 1));
    return new ServingConfig(
        "one by one",
        model,
        device,
        1,
        1,
        Routing.PREFIX,
        "lru",
        new Decoding.TokenByToken(),
        new Batching(1, Integer.MAX_VALUE, Batching.Preemption.RECOMPUTE, 0),
        OptionalDouble.of(1 << 20),
        List.of());
  }
}
