package org.kvcache.sim.cli;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.kvcache.sim.Simulator;

/**
 * The batches of one trace and one size of the cache.
 *
 * @param capacityBlocks the size
 * @param results with that of {@link BatchPlan#BASELINE}
 */
record BatchTable(int capacityBlocks, List<BatchResult> results) {

  /** Copies the list. */
  BatchTable {
    results = List.copyOf(results);
  }

  /** Makespan over that of the baseline. */
  double ofBaseline(BatchResult result) {
    return result.makespanSeconds() / at(BatchPlan.BASELINE).orElseThrow().makespanSeconds();
  }

  /** Makespan over that of OPT in the same order, where there is one; not for the other bound. */
  OptionalDouble ofOptimum(BatchResult result) {
    Optional<BatchResult> optimum = optimum(result);
    return optimum.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(result.makespanSeconds() / optimum.get().makespanSeconds());
  }

  /** Token hit rate that OPT has in the same order, less the result's, where there is one. */
  OptionalDouble belowOptimum(BatchResult result) {
    Optional<BatchResult> optimum = optimum(result);
    return optimum.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(optimum.get().tokenHitRate() - result.tokenHitRate());
  }

  private Optional<BatchResult> optimum(BatchResult result) {
    return result.cell().policy().equals(Simulator.INFINITE)
        ? Optional.empty()
        : at(new BatchPlan.Cell(Simulator.OPT, result.cell().order()));
  }

  private Optional<BatchResult> at(BatchPlan.Cell cell) {
    return results.stream().filter(result -> result.cell().equals(cell)).findFirst();
  }
}
