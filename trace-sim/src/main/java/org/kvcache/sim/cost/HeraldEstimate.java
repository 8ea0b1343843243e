package org.kvcache.sim.cost;

/**
 * Blocks with the cache on the host and a chosen set on the GPU.
 *
 * @param batch sequences at once
 * @param blockSeconds from one block to the next, of each sequence
 * @param tokensPerSecond of the whole batch
 * @param denoisingSeconds the part of {@code blockSeconds} that denoising alone would take
 * @param retrieval what choosing and moving takes
 * @param bound what decides {@code blockSeconds}
 */
public record HeraldEstimate(
    int batch,
    double blockSeconds,
    double tokensPerSecond,
    double denoisingSeconds,
    RetrievalTime retrieval,
    Bound bound) {}
