package org.kvcache.spi;

import org.kvcache.BlockKey;

/**
 * What a tier is to hold.
 *
 * @param space hash of everything that makes encoded bytes usable: model, scheme, calibration,
 *     shape, block size and layout. Blocks of one space are never given to another.
 * @param description the same for people
 * @param blockBytes bytes of one encoded block
 * @param seed of everything random
 */
public record TierContext(BlockKey space, String description, long blockBytes, long seed) {}
