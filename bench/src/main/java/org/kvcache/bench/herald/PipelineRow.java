package org.kvcache.bench.herald;

import org.jspecify.annotations.Nullable;
import org.kvcache.sim.cost.HeraldEstimate;
import org.kvcache.sim.cost.RetrievalPlan;

/**
 * One way at one length of the context, as modelled. What is null does not exist, for the {@code
 * reason} or because the dense way does not fit and there is nothing to compare with.
 *
 * @param model name of the model
 * @param device name of the machine
 * @param contextTokens tokens before the block
 * @param way name of the way
 * @param keyBits bits per element of the scored keys; null if dense, as the next two
 * @param reuse share of the set that is on the GPU already
 * @param pageTokens tokens gathered together
 * @param batch sequences at once
 * @param blockMillis from one block to the next
 * @param tokensPerSecond of the batch
 * @param bound what decides the time: gpu, cpu, pcie or chain
 * @param movedBytes over the link for each block of the batch
 * @param throughputRatio {@code tokensPerSecond} over that of the dense way
 * @param denseBatchBlockMillis {@code blockMillis} at the batch of the dense way
 * @param latencyRatio the dense way's {@code blockMillis} over {@code denseBatchBlockMillis}
 * @param reason why this way does not fit
 */
record PipelineRow(
    String model,
    String device,
    int contextTokens,
    String way,
    @Nullable Double keyBits,
    @Nullable Double reuse,
    @Nullable Integer pageTokens,
    @Nullable Integer batch,
    @Nullable Double blockMillis,
    @Nullable Double tokensPerSecond,
    @Nullable String bound,
    @Nullable Double movedBytes,
    @Nullable Double throughputRatio,
    @Nullable Double denseBatchBlockMillis,
    @Nullable Double latencyRatio,
    @Nullable String reason) {

  private static final double MILLIS = 1e3;

  /** Where and how. */
  record Place(String model, String device, int contextTokens, String way) {}

  static PipelineRow none(Place place, @Nullable RetrievalPlan plan, String reason) {
    return row(place, plan, null, null, null, null, null, null, null, null, reason);
  }

  static PipelineRow dense(Place place, int batch, double blockSeconds, double tokensPerSecond) {
    double millis = MILLIS * blockSeconds;
    return row(place, null, batch, millis, tokensPerSecond, null, null, 1.0, millis, 1.0, null);
  }

  /**
   * A way that fits.
   *
   * @param dense the dense way, which may not fit
   * @param sameBatch this way at the batch of the dense one, if both fit
   */
  static PipelineRow herald(
      Place place,
      RetrievalPlan plan,
      HeraldEstimate best,
      PipelineRow dense,
      @Nullable HeraldEstimate sameBatch) {
    Double denseRate = dense.tokensPerSecond();
    Double denseMillis = dense.blockMillis();
    Double sameMillis = sameBatch == null ? null : MILLIS * sameBatch.blockSeconds();
    return row(
        place,
        plan,
        best.batch(),
        MILLIS * best.blockSeconds(),
        best.tokensPerSecond(),
        best.bound().label(),
        best.retrieval().movedBytes(),
        denseRate == null ? null : best.tokensPerSecond() / denseRate,
        sameMillis,
        sameMillis == null || denseMillis == null ? null : denseMillis / sameMillis,
        null);
  }

  private static PipelineRow row(
      Place place,
      @Nullable RetrievalPlan plan,
      @Nullable Integer batch,
      @Nullable Double blockMillis,
      @Nullable Double tokensPerSecond,
      @Nullable String bound,
      @Nullable Double movedBytes,
      @Nullable Double throughputRatio,
      @Nullable Double denseBatchBlockMillis,
      @Nullable Double latencyRatio,
      @Nullable String reason) {
    return new PipelineRow(
        place.model,
        place.device,
        place.contextTokens,
        place.way,
        plan == null ? null : plan.keyBits(),
        plan == null ? null : plan.reuse(),
        plan == null ? null : plan.pageTokens(),
        batch,
        blockMillis,
        tokensPerSecond,
        bound,
        movedBytes,
        throughputRatio,
        denseBatchBlockMillis,
        latencyRatio,
        reason);
  }
}
