package org.kvcache.bench.quality;

/**
 * A scheme on the heads of one distribution.
 *
 * @param scheme the scheme's name
 * @param calibrated whether it was calibrated
 * @param distribution what the numbers look like
 * @param headDim elements of a row
 * @param heads how many heads were measured
 * @param bits stored for one element
 * @param quality medians over the heads
 */
record QualityResult(
    String scheme,
    boolean calibrated,
    String distribution,
    int headDim,
    int heads,
    SchemeBits bits,
    Quality quality) {}
