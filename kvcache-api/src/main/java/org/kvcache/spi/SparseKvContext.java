package org.kvcache.spi;

import org.kvcache.KvShape;
import org.kvcache.Retrieval;

/**
 * What a {@link SparseKv} is made for.
 *
 * @param shape of the model
 * @param blockTokens tokens of a block
 * @param codecs of its heads
 * @param backend who attends in host memory
 * @param logitScale what logits are multiplied by
 * @param settings how to choose, and where the chosen are
 * @param seed of everything random
 */
public record SparseKvContext(
    KvShape shape,
    int blockTokens,
    BlockCodecs codecs,
    AttentionBackend backend,
    float logitScale,
    Retrieval settings,
    long seed) {}
