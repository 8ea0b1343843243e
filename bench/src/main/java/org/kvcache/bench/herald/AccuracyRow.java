package org.kvcache.bench.herald;

import org.jspecify.annotations.Nullable;

/**
 * A method on a scheme at a budget. The units are in {@link AccuracyReport}.
 *
 * @param method as the command line has it
 * @param scheme K and V as they are stored, and keys as they are scored
 * @param budget share of the prefix
 * @param oneBlocks share of right blocks, kind {@code one}
 * @param oneColumns share of right columns, kind {@code one}
 * @param twoBlocks share of right blocks, kind {@code two}
 * @param twoColumns share of right columns, kind {@code two}
 * @param oneKept attention kept, kind {@code one}; null if not measured
 * @param twoKept attention kept, kind {@code two}; null if not measured
 * @param asked tokens asked for a choice; null if not measured or nothing is scored
 * @param scannedKeys keys scored for a block
 * @param wantedPages pages chosen for a block
 * @param movedShare share of these that were moved to the device; null if none was wanted
 * @param hiddenShare share of the time for choosing and moving that no block waited for; null
 *     without retrieval
 */
record AccuracyRow(
    String method,
    String scheme,
    double budget,
    double oneBlocks,
    double oneColumns,
    double twoBlocks,
    double twoColumns,
    @Nullable Double oneKept,
    @Nullable Double twoKept,
    @Nullable Double asked,
    double scannedKeys,
    double wantedPages,
    @Nullable Double movedShare,
    @Nullable Double hiddenShare) {}
