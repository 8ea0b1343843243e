package org.kvcache.sim.cost;

/**
 * Time, operations and bytes of one pass of a model over a batch of rows (tokens whose keys, values
 * and outputs are computed). Each part takes the longer of computing and reading: the matrix
 * products of the weights, once for the batch, and attention, which sums over the sequences. Beside
 * them a pass has a fixed time for each layer. With several GPUs both parts are split evenly and
 * each layer sums its rows over the GPUs twice. Immutable.
 */
public final class PassModel {
  /** Bytes of a GPU beside weights and cache: activations and the runtime. */
  private static final double RESERVED = 2e9;

  /** Sums over the GPUs in each layer: after attention, and after the feed-forward part. */
  private static final double SUMS_PER_LAYER = 2;

  /** Until a sum over the GPUs begins to move bytes. */
  private static final double SUM_SECONDS = 1e-5;

  private static final double BYTES_PER_ACTIVATION = 2;

  private final ModelShape model;
  private final Hardware hardware;
  private final int gpus;
  private final double gemmRate;
  private final double attentionRate;
  private final double byteRate;
  private final double pairOperations;
  private final double layersSeconds;

  /**
   * The passes of one model on one machine.
   *
   * @param gpus GPUs that share each layer, at least 1
   * @throws IllegalArgumentException if there are several and the machine's are not connected
   */
  public PassModel(ModelShape model, Hardware hardware, int gpus) {
    if (gpus < 1) {
      throw new IllegalArgumentException(gpus + " GPUs; at least 1 is needed");
    }
    Hardware.Gpu gpu = hardware.gpu();
    if (gpus > 1 && gpu.interconnect() == 0) {
      throw new IllegalArgumentException(
          "device '%s' states no interconnect, so %d of its GPUs cannot share a model; add gpu.interconnectGBps or use 1"
              .formatted(hardware.name(), gpus));
    }
    this.model = model;
    this.hardware = hardware;
    this.gpus = gpus;
    gemmRate = gpus * gpu.flops() * gpu.gemmEfficiency();
    attentionRate = gpus * gpu.flops() * gpu.attentionEfficiency();
    byteRate = gpus * gpu.reachedBandwidth();
    pairOperations = 4.0 * model.queryHeads() * model.headDim() * model.layers();
    layersSeconds =
        model.layers() * (gpu.layerSeconds() + (gpus > 1 ? SUMS_PER_LAYER * SUM_SECONDS : 0));
  }

  /** Bytes of all GPUs that are left for the cache; none if negative. */
  public double freeBytes() {
    Hardware.Gpu gpu = hardware.gpu();
    return gpus * (gpu.memory() * gpu.memoryShare() - RESERVED) - model.weightBytes();
  }

  /** Seconds of a pass of {@code rows} rows whose attention takes {@code attentionSeconds}. */
  public double seconds(double rows, double attentionSeconds) {
    double weights =
        Math.max(2 * model.activeParameters() * rows / gemmRate, weightBytes(rows) / byteRate);
    return weights + attentionSeconds + layersSeconds + sumSeconds(rows);
  }

  /**
   * Seconds of attention of one sequence in a pass.
   *
   * @param readTokens tokens whose keys and values are read
   * @param pairs pairs of a row and a token that it attends to
   */
  public double attentionSeconds(double readTokens, double pairs) {
    return Math.max(attentionBytes(readTokens) / byteRate, pairs * pairOperations / attentionRate);
  }

  /** Pairs of a causal chunk of {@code rows} rows after {@code before} tokens. */
  public static double causalPairs(double before, double rows) {
    return rows * before + rows * (rows + 1) / 2;
  }

  /** Seconds of the prompt's part from {@code before} on, in one pass of its own. */
  public double prefillSeconds(int before, int rows) {
    return seconds(rows, attentionSeconds((double) before + rows, causalPairs(before, rows)));
  }

  /** Seconds of one decode pass of {@code batch} sequences of {@code context} tokens each. */
  public double decodeSeconds(int batch, double context) {
    return seconds(batch, batch * attentionSeconds(context, context));
  }

  /** Operations of a pass. */
  public double operations(double rows, double pairs) {
    return 2 * model.activeParameters() * rows + pairs * pairOperations;
  }

  /** Bytes of weights that a pass reads. */
  public double weightBytes(double rows) {
    return model.weightBytesRead(rows);
  }

  /** Bytes of keys and values that attention reads. */
  public double attentionBytes(double readTokens) {
    return readTokens * model.kvBytesPerToken();
  }

  private double sumSeconds(double rows) {
    if (gpus == 1) {
      return 0;
    }
    double bytes = rows * model.queryHeads() * model.headDim() * BYTES_PER_ACTIVATION;
    double moved = 2.0 * (gpus - 1) / gpus * bytes;
    return model.layers() * SUMS_PER_LAYER * moved / hardware.gpu().interconnect();
  }
}
