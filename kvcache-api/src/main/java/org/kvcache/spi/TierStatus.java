package org.kvcache.spi;

/**
 * What a {@link BlockTier} tells of itself.
 *
 * @param available false while it answers everything with a miss because it failed lately
 * @param blocks blocks it holds; 0 if it does not know
 * @param bytes bytes they take
 * @param limitBytes bytes they may take; 0 for no limit of its own
 * @param evictedBlocks blocks given up for room, since it was opened
 * @param corruptBlocks records found wrong, since it was opened
 * @param failures requests that failed or timed out, since it was opened
 */
public record TierStatus(
    boolean available,
    long blocks,
    long bytes,
    long limitBytes,
    long evictedBlocks,
    long corruptBlocks,
    long failures) {}
