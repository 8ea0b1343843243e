package org.kvcache.sim.cost;

/**
 * A machine with one GPU: rates of the data sheet, and the share of each that programs reach.
 *
 * @param name its name on the command line
 * @param gpu the GPU
 * @param host processor and memory that hold the whole cache
 * @param link the way from host to GPU
 */
public record Hardware(String name, Gpu gpu, Host host, Link link) {

  /**
   * A GPU.
   *
   * @param memory bytes
   * @param bandwidth bytes a second of its memory
   * @param flops dense 16-bit matrix operations a second
   * @param layerSeconds time of a layer and pass that overlaps with nothing: launches, norms, a
   *     share of sampling
   * @param gemmEfficiency share of {@code flops} that matrix products of weights reach
   * @param bandwidthEfficiency share of {@code bandwidth} that reading weights and cache reaches
   * @param memoryShare share of {@code memory} that a server hands out
   */
  public record Gpu(
      double memory,
      double bandwidth,
      double flops,
      double layerSeconds,
      double gemmEfficiency,
      double bandwidthEfficiency,
      double memoryShare) {

    double reachedBandwidth() {
      return bandwidth * bandwidthEfficiency;
    }
  }

  /**
   * The host.
   *
   * @param memory bytes
   * @param bandwidth bytes a second of its memory
   * @param flops 32-bit operations a second of all cores
   * @param efficiency share of {@code bandwidth} that the scan over keys reaches
   */
  public record Host(double memory, double bandwidth, double flops, double efficiency) {}

  /**
   * The link, one direction.
   *
   * @param bandwidth bytes a second
   * @param efficiency share that copies from pinned memory reach
   */
  public record Link(double bandwidth, double efficiency) {

    double reachedBandwidth() {
      return bandwidth * efficiency;
    }
  }
}
