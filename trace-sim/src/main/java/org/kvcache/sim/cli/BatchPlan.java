package org.kvcache.sim.cli;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.kvcache.sim.Simulator;
import org.kvcache.sim.cost.Hardware;
import org.kvcache.sim.cost.ModelShape;
import org.kvcache.sim.report.TraceInfo;
import org.kvcache.sim.serving.Load;
import org.kvcache.sim.serving.Order;
import org.kvcache.sim.serving.ServingConfig;
import org.kvcache.sim.serving.ServingRun;
import org.kvcache.sim.serving.ServingSimulator;
import org.kvcache.sim.trace.Trace;

/**
 * Which batches to serve, and with what.
 *
 * @param model with keys and values in the bits of the scheme
 * @param scheme as the user named it; empty for the model's own bits
 * @param policies without bounds
 * @param ownCapacities true if nobody asked for these sizes, so that they give way to the device
 */
record BatchPlan(
    ModelShape model,
    Hardware device,
    String scheme,
    List<String> policies,
    List<Order> orders,
    List<Capacity> capacities,
    boolean ownCapacities,
    long seed) {
  /** What all others are compared with. */
  static final Cell BASELINE = new Cell("lru", Order.ARRIVAL);

  /** One batch to serve. */
  record Cell(String policy, Order order) {}

  static boolean isBound(String policy) {
    return policy.equals(Simulator.OPT) || policy.equals(Simulator.INFINITE);
  }

  /** The batches of a trace and capacity: policies, then bounds; the baseline is always there. */
  Set<Cell> asked() {
    var cells = new LinkedHashSet<Cell>();
    for (String policy : policies) {
      for (Order order : orders) {
        cells.add(new Cell(policy, order));
      }
    }
    orders.stream()
        .filter(Order::isStatic)
        .forEach(order -> cells.add(new Cell(Simulator.OPT, order)));
    cells.add(new Cell(Simulator.INFINITE, Order.ARRIVAL));
    return cells;
  }

  List<Cell> cells() {
    var cells = new LinkedHashSet<Cell>();
    cells.add(BASELINE);
    cells.addAll(asked());
    return List.copyOf(cells);
  }

  /**
   * Sizes of the cache on a trace, in blocks.
   *
   * @throws IllegalArgumentException if one is more than the trace or the device has, or none is
   *     left
   */
  List<Integer> capacities(TraceInfo trace) {
    int most = config(BASELINE.policy()).slots(trace.blockTokens());
    var token = new Model(model.name(), BigDecimal.valueOf(model.kvBytesPerToken()));
    var sizes = new LinkedHashSet<Integer>();
    for (Capacity capacity : capacities) {
      if (!ownCapacities) {
        int blocks = capacity.blocks(trace, token);
        sized(blocks, trace.blockTokens(), BASELINE.policy()).slots(trace.blockTokens());
        sizes.add(blocks);
      } else if (capacity.amount().doubleValue() * trace.uniqueBlocks() >= 1) {
        sizes.add(Math.min(most, capacity.blocks(trace, token)));
      }
    }
    if (sizes.isEmpty()) {
      throw new IllegalArgumentException(
          "%s has %d unique blocks, too few for the default capacities; give --capacity"
              .formatted(trace.name(), trace.uniqueBlocks()));
    }
    return new ArrayList<>(sizes);
  }

  /**
   * Serves one batch.
   *
   * @throws IllegalArgumentException if no request fits the cache
   */
  BatchResult run(Trace trace, int blocks, Cell cell) {
    ServingRun run =
        new ServingSimulator(trace)
            .run(
                sized(blocks, trace.blockTokens(), cell.policy()),
                new Load.AtOnce(cell.order()),
                seed);
    if (run.totals().refused() == trace.requests()) {
      throw new IllegalArgumentException(
          "every request of %s is longer than a cache of %,d blocks of %d tokens; give a larger --capacity"
              .formatted(trace.name(), blocks, trace.blockTokens()));
    }
    return BatchResult.of(trace, cell, blocks, run);
  }

  private ServingConfig config(String policy) {
    return ServingConfig.of(model, device, policy);
  }

  private ServingConfig sized(int blocks, int blockTokens, String policy) {
    ServingConfig config = config(policy);
    return blocks == config.slots(blockTokens)
        ? config
        : config.withCacheBytes(Math.nextUp(blocks * config.blockBytes(blockTokens)));
  }
}
