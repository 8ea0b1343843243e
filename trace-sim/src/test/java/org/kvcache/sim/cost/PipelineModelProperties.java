package org.kvcache.sim.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class PipelineModelProperties {

  /** Sums of the same times in another order differ in their last digits. */
  private static final double ROUNDING = 1 + 1e-12;

  @Provide
  Arbitrary<ModelShape> models() {
    return Arbitraries.of(Presets.models(null).named(List.of(Presets.ALL)));
  }

  @Provide
  Arbitrary<Hardware> devices() {
    return Arbitraries.of(Presets.devices(null).named(List.of(Presets.ALL)));
  }

  @Provide
  Arbitrary<Workload> works() {
    return Combinators.combine(
            Arbitraries.integers().between(64, 256 << 10),
            Arbitraries.integers().between(1, 64),
            Arbitraries.integers().between(1, 40))
        .as(Workload::new);
  }

  @Provide
  Arbitrary<RetrievalPlan> plans() {
    return Combinators.combine(
            Arbitraries.doubles().between(0.01, 1),
            Arbitraries.integers().between(1, 32),
            Arbitraries.of(16.0, 8.0, 4.25),
            Arbitraries.doubles().between(0, 1),
            Arbitraries.of(1, 16),
            Arbitraries.of(true, false))
        .as(RetrievalPlan::new);
  }

  @Property(tries = 300, seed = "1")
  void fasterPartsAreNeverSlower(
      @ForAll("models") ModelShape model,
      @ForAll("devices") Hardware device,
      @ForAll("works") Workload work,
      @ForAll("plans") RetrievalPlan plan,
      @ForAll @IntRange(min = 1, max = 256) int batch,
      @ForAll @DoubleRange(min = 1, max = 8) double factor) {
    var before = new PipelineModel(model, device);
    for (Hardware faster : faster(device, factor)) {
      var after = new PipelineModel(model, faster);
      assertThat(after.dense(work, batch).blockSeconds())
          .isLessThanOrEqualTo(before.dense(work, batch).blockSeconds() * ROUNDING);
      assertThat(after.herald(work, plan, batch).blockSeconds())
          .isLessThanOrEqualTo(before.herald(work, plan, batch).blockSeconds() * ROUNDING);
    }
  }

  private static List<Hardware> faster(Hardware of, double factor) {
    Hardware.Gpu gpu = of.gpu();
    Hardware.Host host = of.host();
    return List.of(
        of.withGpu(
            new Hardware.Gpu(
                gpu.memory(),
                gpu.bandwidth() * factor,
                gpu.flops(),
                gpu.layerSeconds(),
                gpu.gemmEfficiency(),
                gpu.bandwidthEfficiency(),
                gpu.memoryShare(),
                gpu.attentionEfficiency(),
                gpu.interconnect())),
        new Hardware(
            of.name(),
            gpu,
            new Hardware.Host(
                host.memory(), host.bandwidth() * factor, host.flops(), host.efficiency()),
            of.link(),
            of.disk(),
            of.network(),
            of.energy()),
        new Hardware(
            of.name(),
            gpu,
            host,
            new Hardware.Link(of.link().bandwidth() * factor, of.link().efficiency()),
            of.disk(),
            of.network(),
            of.energy()));
  }

  @Property(tries = 300, seed = "2")
  void largerBudgetMovesNoFewerBytesAndIsNoFaster(
      @ForAll("models") ModelShape model,
      @ForAll("devices") Hardware device,
      @ForAll("works") Workload work,
      @ForAll("plans") RetrievalPlan plan,
      @ForAll @IntRange(min = 1, max = 256) int batch,
      @ForAll @DoubleRange(min = 0.01, max = 1) double share) {
    var pipeline = new PipelineModel(model, device);
    var smaller =
        new RetrievalPlan(
            plan.budget() * share,
            plan.queries(),
            plan.keyBits(),
            plan.reuse(),
            plan.pageTokens(),
            plan.lookAhead());
    assertThat(pipeline.retrieval(work, smaller, batch).movedBytes())
        .isLessThanOrEqualTo(pipeline.retrieval(work, plan, batch).movedBytes());
    assertThat(pipeline.herald(work, smaller, batch).blockSeconds())
        .isLessThanOrEqualTo(pipeline.herald(work, plan, batch).blockSeconds() * ROUNDING);
    assertThat(pipeline.heraldRoom(work, smaller))
        .isGreaterThanOrEqualTo(pipeline.heraldRoom(work, plan));
  }

  @Property(tries = 300, seed = "3")
  void eachOfOurIdeasIsNeverSlower(
      @ForAll("models") ModelShape model,
      @ForAll("devices") Hardware device,
      @ForAll("works") Workload work,
      @ForAll("plans") RetrievalPlan plan,
      @ForAll @IntRange(min = 1, max = 256) int batch) {
    var pipeline = new PipelineModel(model, device);
    double before = pipeline.herald(work, plan, batch).blockSeconds() * ROUNDING;
    for (RetrievalPlan better :
        List.of(
            plan.withReuse((1 + plan.reuse()) / 2),
            plan.withKeyBits(plan.keyBits() / 2),
            plan.withPageTokens(16))) {
      assertThat(pipeline.herald(work, better, batch).blockSeconds()).isLessThanOrEqualTo(before);
    }
  }

  @Property(tries = 300, seed = "4")
  void blockTakesAtLeastItsDenoisingAndItsRate(
      @ForAll("models") ModelShape model,
      @ForAll("devices") Hardware device,
      @ForAll("works") Workload work,
      @ForAll("plans") RetrievalPlan plan,
      @ForAll @IntRange(min = 1, max = 256) int batch) {
    var pipeline = new PipelineModel(model, device);
    HeraldEstimate herald = pipeline.herald(work, plan, batch);
    assertThat(herald.blockSeconds()).isGreaterThanOrEqualTo(herald.denoisingSeconds());
    assertThat(herald.blockSeconds()).isGreaterThanOrEqualTo(herald.retrieval().seconds());
    double tokens = (double) batch * work.blockTokens();
    assertThat(herald.tokensPerSecond() * herald.blockSeconds())
        .isCloseTo(tokens, within(1e-9 * tokens));
    DenseEstimate dense = pipeline.dense(work, batch);
    assertThat(dense.tokensPerSecond() * dense.blockSeconds())
        .isCloseTo(tokens, within(1e-9 * tokens));
  }

  @Property(tries = 50, seed = "5")
  void bestBatchIsWithinAHairOfEveryOther(
      @ForAll("models") ModelShape model,
      @ForAll("devices") Hardware device,
      @ForAll("works") Workload work,
      @ForAll("plans") RetrievalPlan plan,
      @ForAll @IntRange(min = 1, max = 256) int most) {
    var pipeline = new PipelineModel(model, device);
    HeraldEstimate best = pipeline.bestHerald(work, plan, most);
    assertThat(best.batch()).isBetween(1, most);
    for (int batch = 1; batch <= most; batch++) {
      assertThat(pipeline.herald(work, plan, batch).tokensPerSecond())
          .isLessThanOrEqualTo(best.tokensPerSecond() * 1.002 * ROUNDING);
    }
  }
}
