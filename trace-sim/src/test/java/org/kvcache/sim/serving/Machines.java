package org.kvcache.sim.serving;

import java.util.List;
import java.util.OptionalDouble;
import org.kvcache.sim.cost.Hardware;
import org.kvcache.sim.cost.ModelShape;
import org.kvcache.sim.cost.Presets;

/** Models and machines that tests serve with. */
final class Machines {
  /** What the cost model keeps back for the runtime. */
  private static final double RESERVED = 2e9;

  /** A model whose token takes 128 bytes and whose pass takes about a millisecond. */
  static final ModelShape SMALL = new ModelShape("small", 2, 4, 2, 8, 1e6, 1e6, 16, 16, 1, false);

  static final double SMALL_TOKEN_BYTES = SMALL.kvBytesPerToken();

  private Machines() {}

  /** A machine slow enough for {@link #SMALL}, with GPU memory for so many of its tokens. */
  static Hardware slow(double gpuTokens) {
    double memory = RESERVED + SMALL.weightBytes() + gpuTokens * SMALL_TOKEN_BYTES;
    return new Hardware(
        "slow",
        new Hardware.Gpu(memory, 4e9, 2e10, 1e-4, 0.5, 0.8, 1, 0.4, 1e9),
        new Hardware.Host(1e9, 1e8, 1e9, 0.5),
        new Hardware.Link(1e6, 0.8),
        new Hardware.Store(4e5, 1e-3),
        new Hardware.Store(2e5, 4e-3),
        new Hardware.Energy(1, 1e-12, 1e-11, 1e-10));
  }

  static ServingConfig small(int slots, int blockTokens) {
    return ServingConfig.of(SMALL, slow(1 << 20), "lru")
        .withCacheBytes(slots * blockTokens * SMALL_TOKEN_BYTES);
  }

  static TierSize tier(TierSize.Place place, int blocks, int blockTokens) {
    return new TierSize(place, blocks * blockTokens * SMALL_TOKEN_BYTES);
  }

  static ModelShape model(String name) {
    return Presets.models(null).named(List.of(name)).getFirst();
  }

  static Hardware device(String name) {
    return Presets.devices(null).named(List.of(name)).getFirst();
  }

  static ServingConfig withGpus(ServingConfig config, int gpus) {
    return new ServingConfig(
        config.label(),
        config.model(),
        config.device(),
        gpus,
        config.replicas(),
        config.routing(),
        config.policy(),
        config.decoding(),
        config.batching(),
        OptionalDouble.empty(),
        config.tiers());
  }

  static ServingConfig withRouting(ServingConfig config, int replicas, Routing routing) {
    return new ServingConfig(
        config.label(),
        config.model(),
        config.device(),
        config.gpus(),
        replicas,
        routing,
        config.policy(),
        config.decoding(),
        config.batching(),
        config.cacheBytes(),
        config.tiers());
  }
}
