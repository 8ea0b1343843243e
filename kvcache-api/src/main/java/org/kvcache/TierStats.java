package org.kvcache;

/**
 * A snapshot of one tier behind memory.
 *
 * @param name the tier's name: {@code disk}, {@code redis}
 * @param available false while it is given up as broken; it is tried again by itself
 * @param blocks blocks it is known to hold; 0 if it does not count them
 * @param bytes bytes it takes
 * @param limitBytes bytes it may take; 0 if it has no limit of its own
 * @param storedBlocks blocks handed over to it
 * @param loadedBlocks blocks taken back and checked
 * @param loadedTokens the same in tokens
 * @param missedBlocks blocks that it was thought to hold and could not give
 * @param droppedBlocks blocks not handed over, since it was too slow or unavailable
 * @param evictedBlocks blocks it gave up to stay within its limit
 * @param corruptBlocks records whose checksum, key or length was wrong
 * @param failures calls that failed or timed out
 * @param loads calls that loaded, each of several blocks
 * @param loadNanos time spent in loading, over all loads
 * @param stores calls that stored, each of several blocks
 * @param storeNanos time spent in storing, over all stores
 */
public record TierStats(
    String name,
    boolean available,
    long blocks,
    long bytes,
    long limitBytes,
    long storedBlocks,
    long loadedBlocks,
    long loadedTokens,
    long missedBlocks,
    long droppedBlocks,
    long evictedBlocks,
    long corruptBlocks,
    long failures,
    long loads,
    long loadNanos,
    long stores,
    long storeNanos) {}
