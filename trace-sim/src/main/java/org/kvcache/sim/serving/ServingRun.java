package org.kvcache.sim.serving;

/**
 * What a run gave, request by request and in all.
 *
 * @param config what served
 * @param load how requests arrived
 * @param seed of everything random
 * @param outcomes of the requests
 * @param gaps times between tokens
 * @param windows parts of the requests
 * @param rounds turns of the requests
 * @param totals of the whole run, warm-up included
 */
public record ServingRun(
    ServingConfig config,
    Load load,
    long seed,
    Outcomes outcomes,
    TokenGaps gaps,
    Windows windows,
    Rounds rounds,
    Totals totals) {

  /**
   * Sums over all replicas.
   *
   * @param seconds from the first arrival to the last token
   * @param events events of the simulation
   * @param slots slots of each replica
   * @param passes passes of the model
   * @param busySeconds of passes
   * @param operations of passes
   * @param memoryBytes that passes read from GPU memory
   * @param restoredBytes that came over the link before a prompt was computed
   * @param selectedBytes of chosen sets that came over the link
   * @param swappedBytes that went to the host when a sequence gave way
   * @param keptBytes that went to lower tiers
   * @param preemptions sequences that gave way
   * @param refused requests longer than the cache
   * @param meanOccupancy share of the slots that running sequences held, over time
   * @param maxOccupancy the most that one replica held
   */
  public record Totals(
      double seconds,
      long events,
      int slots,
      long passes,
      double busySeconds,
      double operations,
      double memoryBytes,
      double restoredBytes,
      double selectedBytes,
      double swappedBytes,
      double keptBytes,
      long preemptions,
      int refused,
      double meanOccupancy,
      double maxOccupancy) {}
}
