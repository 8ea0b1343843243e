package org.kvcache.spi;

import org.kvcache.Retrieval;

/**
 * What a {@link PageSelector} is made for.
 *
 * @param codec of the layer and KV head
 * @param backend whose scans are used
 * @param blockTokens tokens of a block
 * @param pageTokens tokens that are chosen together: {@code blockTokens} or 1
 * @param groupSize query heads that share the KV head
 * @param logitScale what logits are multiplied by
 * @param settings the rest
 */
public record SelectorContext(
    BlockCodec codec,
    AttentionBackend backend,
    int blockTokens,
    int pageTokens,
    int groupSize,
    float logitScale,
    Retrieval settings) {}
