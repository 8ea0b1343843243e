package org.kvcache.sim.cost;

/**
 * Blocks with the whole cache on the GPU.
 *
 * @param batch sequences at once
 * @param blockSeconds from one block to the next, of each sequence
 * @param tokensPerSecond of the whole batch
 */
public record DenseEstimate(int batch, double blockSeconds, double tokensPerSecond) {}
