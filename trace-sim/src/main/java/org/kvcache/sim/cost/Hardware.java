package org.kvcache.sim.cost;

/**
 * A machine with one GPU: rates of the data sheet, and the share of each that programs reach.
 *
 * @param name its name on the command line
 * @param gpu the GPU
 * @param host processor and memory that hold the whole cache
 * @param link the way from host to GPU
 * @param disk local storage
 * @param network the way to storage that machines share
 * @param energy what work costs in joules
 */
public record Hardware(
    String name, Gpu gpu, Host host, Link link, Store disk, Store network, Energy energy) {

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
   * @param attentionEfficiency share of {@code flops} that attention over a long prefix reaches
   * @param interconnect bytes a second of one GPU to the others of its machine; 0 if there are none
   */
  public record Gpu(
      double memory,
      double bandwidth,
      double flops,
      double layerSeconds,
      double gemmEfficiency,
      double bandwidthEfficiency,
      double memoryShare,
      double attentionEfficiency,
      double interconnect) {

    double reachedBandwidth() {
      return bandwidth * bandwidthEfficiency;
    }

    /** The same GPU with other efficiencies, as a calibration finds them. */
    public Gpu withEfficiencies(double gemm, double bytes, double attention, double layer) {
      return new Gpu(
          memory, bandwidth, flops, layer, gemm, bytes, memoryShare, attention, interconnect);
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

    /** Bytes a second that copies get. */
    public double reachedBandwidth() {
      return bandwidth * efficiency;
    }
  }

  /**
   * Storage that is read in blocks.
   *
   * @param bandwidth bytes a second, one direction
   * @param seconds until the first byte
   */
  public record Store(double bandwidth, double seconds) {}

  /**
   * Energy of one GPU and its memory. The figures are estimates.
   *
   * @param idleWatts drawn whatever is done
   * @param joulesPerFlop of a 16-bit matrix operation
   * @param joulesPerByte of reading the GPU's memory
   * @param joulesPerLinkByte of a byte that comes from host, disk or network
   */
  public record Energy(
      double idleWatts, double joulesPerFlop, double joulesPerByte, double joulesPerLinkByte) {}

  /** The same machine with another GPU. */
  public Hardware withGpu(Gpu other) {
    return new Hardware(name, other, host, link, disk, network, energy);
  }

  /** The same machine by another name. */
  public Hardware withName(String other) {
    return new Hardware(other, gpu, host, link, disk, network, energy);
  }
}
